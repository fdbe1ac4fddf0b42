"""What sets each group apart from all other members, in the user's own columns.

A difference is stated only where its 95 % interval, widened for the number of comparisons, excludes zero and where it
is not small. The intervals describe the groups that were found; as these were made from the same columns, they are no
test of whether groups exist.
"""

from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np
import pandas as pd

from engine.core.formatting import Precision, format_list, format_moments, format_pair, format_percent, precision_of
from engine.results.embed.projection import stratified
from engine.results.explain import effect_sizes
from engine.results.explain.effect_sizes import Contrast
from engine.results.explain.features import Arrived, categories, floats, has_several_values, readable, seconds
from engine.results.explain.keywords import differences as word_differences
from engine.results.record.record import Difference, Ints
from engine.results.text.markdown import escape

MOST = 12
# Members of all groups together, and of each, that are compared where there are more.
COMPARED, LEAST_OF_GROUP = 1_000_000, 200
# Differences in the one sentence of a group.
_SAID = 3
# How much the absence of a category counts beside the presence of another.
_LACK = 0.6

# What is said of a group without differences: of these only some traits are looked at, while what was compared may be more.
_NOTHING = {
    "image": "Brightness and color alone do not set it apart.",
    "series": "Level, trend and unrest alone do not set it apart.",
    "text": "No single word sets it apart.",
}

Kind = Literal["number", "date", "share"]


def explain(raw: Arrived, kept: Ints, labels: Ints, k: int, types: Mapping[str, str]) -> list[tuple[Difference, ...]]:
    """The differences of each group, strongest first; `types` gives the type of each column to look at."""
    rows, types = readable(raw, kept, types)
    return of_rows(rows, types, labels, k)


def of_rows(rows: pd.DataFrame, types: Mapping[str, str], labels: Ints, k: int) -> list[tuple[Difference, ...]]:
    """The same from the members' rows, in which the traits of pictures and series are columns; of very many, some."""
    if len(np.unique(labels)) < 2:
        return [()] * k
    if len(rows) > COMPARED:
        some = stratified(labels, COMPARED, least=LEAST_OF_GROUP)
        rows, labels = rows.iloc[some].reset_index(drop=True), labels[some]
    texts = [name for name, dtype in types.items() if dtype == "text"]
    differences = _of_columns(rows, labels, k, {name: dtype for name, dtype in types.items() if dtype != "text"})
    for name in texts:
        for group, more in zip(differences, word_differences(rows[name], labels, k), strict=True):
            group += more
    return [tuple(sorted(group, key=lambda d: -abs(d.effect))[:MOST]) for group in differences]


def sentence(differences: Sequence[Difference], size: int, groups: int, kind: str = "table") -> str:
    """One sentence of Markdown on what sets a group of data of a kind apart, or why nothing is said."""
    if size == 0:
        return "No member ended up here."
    if groups < 2:
        return "All members are in one group, so there is nothing to compare it with."
    if size < effect_sizes.LEAST_MEMBERS:
        return "Too few members to say what sets them apart."
    if not differences:
        return _NOTHING.get(kind, "Nothing sets this group clearly apart from the others.")
    strongest = differences[:_SAID]
    numbers = [d.sentence for d in strongest if d.kind in ("number", "date")]
    shares = [d.sentence for d in strongest if d.kind == "share"]
    words = [d.sentence for d in strongest if d.kind == "word"]
    clauses = [f"members have {format_list(numbers)}"] if numbers else []
    if shares:
        # What is strongest is said first.
        clauses.insert(0 if strongest[0].kind == "share" else len(clauses), format_list(shares))
    clauses += [f"typical words are {format_list(words)}"] if words else []
    whole = "; ".join(clauses) + "."
    # A clause on a category starts with the column's own name, whose case is the user's.
    return whole if whole.startswith("*") else whole[0].upper() + whole[1:]


def _of_columns(rows: pd.DataFrame, labels: Ints, k: int, types: Mapping[str, str]) -> list[list[Difference]]:
    numbers, shares = {}, {}
    for name, dtype in types.items():
        column = rows[name]
        if dtype in ("number", "date") and has_several_values(column):
            numbers[name] = (seconds(column) if dtype == "date" else floats(column), dtype)
        else:
            shares[name] = categories(column)
    z = effect_sizes.widened(k * (len(numbers) + sum(len(values) for _, values in shares.values())))
    differences: list[list[Difference]] = [[] for _ in range(k)]
    for name, (values, dtype) in numbers.items():
        kind: Kind = "date" if dtype == "date" else "number"
        precision = precision_of(values) if kind == "date" else "day"
        for group, contrast in enumerate(effect_sizes.of_numbers(values, labels, k, z)):
            if contrast is not None and contrast.claimed:
                words = _date_words(name, contrast, precision) if kind == "date" else _number_words(name, contrast)
                differences[group].append(_difference(name, "", kind, contrast, words))
    for name, (codes, chosen) in shares.items():
        known = codes >= 0
        each = [
            (value, effect_sizes.of_shares(codes[known] == place, labels[known], k, z))
            for place, value in enumerate(chosen)
        ]
        for group in range(k):
            differences[group] += _strongest(name, [(value, contrasts[group]) for value, contrasts in each])
    return differences


def _strongest(name: str, found: list[tuple[str, Contrast | None]]) -> list[Difference]:
    """At most one difference per column of categories: what a group has says more than what it lacks."""
    claimed = [(value, c) for value, c in found if c is not None and c.claimed]
    if not claimed:
        return []
    value, contrast = max(claimed, key=lambda pair: max(pair[1].effect, -_LACK * pair[1].effect))
    return [_difference(name, value, "share", contrast, _share_words(name, value, contrast))]


def _difference(column: str, value: str, kind: Kind, c: Contrast, words: str) -> Difference:
    return Difference(column, kind, value, c.inside, c.outside, c.effect, c.low, c.high, c.measure, words)


def _number_words(column: str, c: Contrast) -> str:
    return _comparison(column, c, "higher" if c.effect > 0 else "lower", *format_pair(c.inside, c.outside))


def _date_words(column: str, c: Contrast, precision: Precision) -> str:
    direction = "later" if c.effect > 0 else "earlier"
    return _comparison(column, c, direction, *format_moments(c.inside, c.outside, precision=precision))


def _comparison(column: str, c: Contrast, direction: str, inside: str, outside: str) -> str:
    size = abs(c.effect)
    strength = "much " if size >= 1.2 else "" if size >= 0.5 else "slightly "
    sides = (
        f"typically {inside} against {outside}" if c.measure == "median" else f"{inside} against {outside} on average"
    )
    return f"**{strength}{direction}** *{escape(column)}* ({sides})"


def _share_words(column: str, value: str, c: Contrast) -> str:
    if c.effect > 0:
        steps = ((1.0, "always"), (0.95, "almost always"), (0.6, "mostly"), (0.0, "more often"))
        often = next(word for least, word in steps if c.inside >= least)
    else:
        often = "never" if c.inside == 0 else "hardly ever" if c.inside <= 0.05 else "less often"
    return f"*{escape(column)}* is **{often}** *{escape(value)}* ({format_percent(c.inside)} against {format_percent(c.outside)})"
