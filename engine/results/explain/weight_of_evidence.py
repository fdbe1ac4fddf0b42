"""Why a member is in its group and not in the runner-up: what it has, and how usual that is in either.

A value speaks for a group by its weight of evidence (Good 1950), the logarithm of how many times as frequent such values
are in this group as in the other. Values are taken in ranges that hold equally many members, so that neither units nor
outliers matter; frequencies are smoothed towards those of everybody, as if five more members had been seen.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from engine.results.explain.features import VALUES, Aspect, measure
from engine.results.explain.keywords import spoken
from engine.results.record.explanations import Habit, Usual
from engine.results.record.record import Ints
from engine.results.text.markdown import amount, amounts, percent, quoted

_RANGES = 12
_WIDTH = VALUES + 2
"""Categories, all rarer ones, and no value."""
_PRIOR = 5.0
CLEAR = float(np.log(2))
"""What is not even twice as frequent in one group is not worth a sentence."""


@dataclass(frozen=True)
class Reason:
    """One aspect of a member that speaks for its group (`weight` above 0) or against it."""

    column: str
    weight: float
    sentence: str
    """Markdown without the final stop."""


@dataclass(frozen=True)
class Sides:
    """The two groups that are weighed against each other, and what they are called; `other` is -1 for everybody else."""

    own: int
    other: int
    own_called: str
    other_called: str


def usual(aspects: Sequence[Aspect], labels: Ints, k: int) -> Usual:
    """How the values of each of k groups are spread over every aspect."""
    counts = np.zeros((k, len(aspects), _WIDTH), np.int32)
    middles = np.full((k, len(aspects)), np.nan)
    habits = []
    inside = labels >= 0
    for i, aspect in enumerate(aspects):
        habit = _habit(aspect)
        places = _places(habit, aspect.values)
        pairs = np.bincount(labels[inside] * _WIDTH + places[inside], minlength=k * _WIDTH)
        counts[:, i] = pairs.reshape(k, _WIDTH)
        if aspect.kind in ("number", "date"):
            found = pd.Series(aspect.values).groupby(labels).median().reindex(range(k))
            middles[:, i] = found.to_numpy(np.float64)
        habits.append(habit)
    return Usual(tuple(habits), counts, middles)


def reasons(usual: Usual, has: Sequence[Any], sides: Sides) -> list[Reason]:
    """What speaks for the own group and against it, strongest first; `has` holds the member's value of each habit."""
    found = []
    for i, (habit, value) in enumerate(zip(usual.habits, has, strict=True)):
        place = _place(habit, value)
        if habit.kind == "word" and place == 0:
            continue  # a text lacks nearly every word
        weight, shares = _weight(usual.counts[:, i], place, sides)
        if abs(weight) >= CLEAR:
            said = _sentence(habit, value, (usual.middles[:, i], shares, weight), sides)
            found.append(Reason(habit.column, weight, said))
    return sorted(found, key=lambda reason: -abs(reason.weight))


def values_of(usual: Usual, kind: str, row: Mapping[Any, Any], value: npt.NDArray[Any] | None) -> list[Any]:
    """A member's value of each habit, from its raw row and, for pictures and series, its array."""
    measured = {} if value is None else measure(kind, value[None]).iloc[0].to_dict()
    texts: dict[str, frozenset[str]] = {}
    found: list[Any] = []
    for habit in usual.habits:
        cell = measured.get(habit.column, row.get(habit.column))
        if habit.kind == "word":
            if habit.column not in texts:
                texts[habit.column] = spoken("" if pd.isna(cell) else str(cell))
            found.append(habit.names[0] in texts[habit.column])
        else:
            found.append(_read(habit, cell))
    return found


def summary(found: Sequence[Reason], sides: Sides) -> str:
    """One sentence of Markdown where everything points the same way, or nothing points anywhere; else empty."""
    own, other = quoted(sides.own_called, 110), quoted(sides.other_called, 110)
    if not found:
        return f"Nothing that can be said of it is much more common in {own} than in {other}, or the other way round."
    if all(reason.weight > 0 for reason in found):
        return f"Nothing that stands out speaks for {other}."
    if all(reason.weight < 0 for reason in found):
        return f"What stands out is more common in {other}. The method looked at everything together and put it here."
    return ""


def _habit(aspect: Aspect) -> Habit:
    if aspect.kind not in ("number", "date"):
        return Habit(aspect.column, aspect.kind, names=aspect.names)
    known = aspect.values[np.isfinite(aspect.values)]
    cuts = np.quantile(known, np.arange(1, _RANGES) / _RANGES, method="lower")
    # Above the last border there has to be something, else its range is always empty.
    edges = [float(cut) for cut in np.unique(cuts) if cut < known.max()]
    return Habit(aspect.column, aspect.kind, tuple(edges))


def _places(habit: Habit, values: npt.NDArray[Any]) -> Ints:
    """The range of each value."""
    if habit.kind in ("number", "date"):
        ranges = np.searchsorted(np.array(habit.edges), values, side="left")
        return np.where(np.isnan(values), _WIDTH - 1, ranges).astype(np.int64)
    return np.where(values < 0, _WIDTH - 1, values).astype(np.int64)


def _place(habit: Habit, value: Any) -> int:
    if habit.kind == "word":
        return int(value)
    if habit.kind == "category":
        if value == "":
            return _WIDTH - 1
        return habit.names.index(value) if value in habit.names else len(habit.names)
    return int(_places(habit, np.array([value], np.float64))[0])


def _read(habit: Habit, cell: Any) -> Any:
    """A cell as the habit counts it: a number, seconds, or text, "" where blank."""
    blank = bool(pd.isna(cell))
    if habit.kind == "date":
        moment = pd.to_datetime(cell, errors="coerce", utc=True)
        return float("nan") if pd.isna(moment) else float(moment.timestamp())
    if habit.kind == "number":
        return float("nan") if blank else float(pd.to_numeric(cell, errors="coerce"))
    if blank:
        return ""
    text = str(cell)
    # Whole numbers are counted without a decimal point.
    return str(int(cell)) if text not in habit.names and isinstance(cell, float) and cell.is_integer() else text


def _weight(counts: npt.NDArray[np.int32], place: int, sides: Sides) -> tuple[float, tuple[float, float]]:
    """The weight of evidence of a value for the own group, and its plain share in both."""
    everybody = counts.sum(0)
    own = counts[sides.own]
    other = everybody - own if sides.other < 0 else counts[sides.other]
    prior = (everybody[place] + 1) / (everybody.sum() + np.count_nonzero(everybody) + 1)
    smooth = [(side[place] + _PRIOR * prior) / (side.sum() + _PRIOR) for side in (own, other)]
    plain = (float(own[place] / max(own.sum(), 1)), float(other[place] / max(other.sum(), 1)))
    return float(np.log(smooth[0] / smooth[1])), plain


def _sentence(
    habit: Habit, value: Any, known: tuple[npt.NDArray[np.float64], tuple[float, float], float], sides: Sides
) -> str:
    middles, shares, weight = known
    own, other = quoted(sides.own_called, 110), quoted(sides.other_called, 110)
    name = f"*{quoted(habit.column)}*"
    often = f"{percent(shares[0])} of {own} and {percent(shares[1])} of {other}"
    if habit.kind == "word":
        return f"says *{quoted(habit.names[0])}*: so do {often}"
    if value == "" or (habit.kind != "category" and np.isnan(value)):
        return f"{name} is blank: so it is for {often}"
    if habit.kind == "category":
        return f"{name} is *{quoted(value)}*: so it is for {often}"
    times = f"{amount(np.exp(abs(weight)))} times as common in {own if weight > 0 else other}"
    has = _written(habit, value)
    if sides.other < 0 or not np.isfinite([middles[sides.own], middles[sides.other]]).all():
        return f"{name} is {has}: values like this are {times}"
    near = abs(value - middles[sides.own]) < abs(value - middles[sides.other])
    a, b = _two(habit, middles[sides.own], middles[sides.other])
    usually = f"{name} is {has}: usual is {a} in {own} and {b} in {other}"
    return usually if near == (weight > 0) else f"{usually}, but values like this are {times}"


def _written(habit: Habit, value: float) -> str:
    return _day(value) if habit.kind == "date" else amount(value)


def _two(habit: Habit, a: float, b: float) -> tuple[str, str]:
    return (_day(a), _day(b)) if habit.kind == "date" else amounts(a, b)


def _day(value: float) -> str:
    return str(pd.Timestamp(value, unit="s").date())
