"""What each column is for: a guess from its name and content, which the user may change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from engine.intake.columns.column_names import COORDINATE, is_code, is_entity, is_key, is_nameless, is_postal, speaks_of
from engine.intake.columns.contact import contact_data
from engine.intake.columns.identifiers import FEW, identifies, is_unordered, whole_columns
from engine.intake.columns.labels import find_label
from engine.intake.raw import Column, Role
from engine.intake.wording import count, italic

SPLIT = {"train", "test", "val", "valid", "validation", "dev", "training", "testing"}
SPLIT_NAMES = frozenset({"split", "set", "subset", "partition", "fold", "train", "test"})
MOSTLY_BLANK = 0.6
MANY = 0.5  # words that differ in more than half of the rows say nothing about groups
SCATTERED = 30  # different words from which
COVERED = 1 / 3  # of the rows must have one of the most frequent
FREQUENT = 11  # of them, since as many words get a column of their own unless the user chooses otherwise
MOST_COMPARED = 200  # columns; of more, duplicates are not looked for
MONEY = r"[$€£¥₹₽]"
HEAD = 200  # rows compared before all are
FREE_TEXT = "Free text is not mixed with other columns unless you choose it: make it a feature to group by what is written, too."
MARKS = frozenset(
    {"x", "✓", "✔", "✗", "•", "*", "1", "yes", "y", "ja", "j", "oui", "si", "sí", "true", "selected", "checked"}
)
FEWEST_ANSWERS = 3  # columns of one answer each, such as the choices of a question with several answers
RARELY = 0.02  # share of the rows that an answer, or no answer, has at least to tell rows apart
ONLY_TEXTS = "The texts alone are grouped."


@dataclass(frozen=True, eq=False)
class _Table:
    """A table, its columns of whole numbers, whether most of its columns have no name, and those that are ticked or blank."""

    rows: pd.DataFrame
    whole: frozenset[str]
    nameless: bool
    ticked: frozenset[str] = frozenset()


def suggest_roles(rows: pd.DataFrame, columns: list[Column], known: Mapping[str, Role]) -> list[Column]:
    """The columns of a table with a role each, and a warning where one is left out for its content or on a guess."""
    label, whole = next((name for name, role in known.items() if role == "label"), None), whole_columns(rows)
    guessed = False
    if label is None:
        label, guessed = find_label(columns, len(rows), whole)
    duplicates = same_columns(rows, columns, label)
    nameless = sum(is_nameless(column.name) for column in columns) > max(1, len(columns) // 2)
    table = _Table(rows, whole, nameless, _ticked(columns, len(rows)))
    settled = []
    for column in columns:
        role, warning = _role(column, table)
        if column.name in known:
            role = known[column.name]
            warning = "It is kept for coloring, not for grouping." if role == "ignore" else ""
        elif column.name == label:
            role, warning = "label", _guess(column) if guessed else ""
        elif role == "feature" and (original := duplicates.get(column.name)):
            role, warning = "ignore", f"It says the same as {italic(original)}."
        settled.append(replace(column, role=role, warning=warning))
    return settled


def for_texts(columns: Sequence[Column], known: Mapping[str, Role]) -> list[Column]:
    """The columns where texts are what there is to group by: what else could be a feature is left out."""
    settled = []
    for column in columns:
        if column.dtype == "text" and column.warning == FREE_TEXT:
            column = replace(column, role="feature", warning="")
        elif column.role == "feature" and column.dtype != "text" and column.name not in known:
            column = replace(column, role="ignore", warning=ONLY_TEXTS)
        settled.append(column)
    return settled


def _guess(column: Column) -> str:
    return (
        f"It is taken for the known answer because of its name and its {count(column.distinct, 'value')}: "
        "choose another role if it is not."
    )


def _role(column: Column, table: _Table) -> tuple[Role, str]:
    """What a column is for in a table, by itself, and why it is left out."""
    n = len(table.rows)
    filled = n - column.missing
    if not filled:
        return "ignore", "All cells are blank."
    if column.name in table.ticked:
        return "feature", ""
    if n > 1 and (column.distinct == 1 or (_is_noise(column) and column.name not in table.whole)):
        every = "row" if filled == n else "row that has one"
        return "ignore", f"The value is the same in every {every}."
    if column.missing > MOSTLY_BLANK * n:
        return "ignore", f"{round(100 * column.missing / n)} % of its cells are blank."
    if column.dtype == "number":
        return _role_of_numbers(column, table, filled)
    if column.dtype == "text" or column.dtype == "category":
        return _role_of_words(column, table.rows[column.name], filled)
    return "feature", ""


def _ticked(columns: Sequence[Column], n: int) -> frozenset[str]:
    """The columns in which a mark, or the same answer in several columns, stands for yes and a blank for no."""
    once = [c for c in columns if c.distinct == 1 and c.dtype in ("category", "number") and _is_open(c, n)]
    marked = [c for c in once if c.example.strip().lower() in MARKS]
    words = [c for c in once if c.dtype == "category"]
    return frozenset(c.name for c in (*marked, *(words if len(words) >= FEWEST_ANSWERS else ())))


def _is_open(column: Column, n: int) -> bool:
    """Whether a column is filled in some rows and blank in some others."""
    return RARELY * n <= n - column.missing <= (1 - RARELY) * n


def _is_noise(column: Column) -> bool:
    """Numbers that differ by rounding errors only."""
    return column.dtype == "number" and column.edges[-1] - column.edges[0] < 1e-12 * max(1.0, abs(column.edges[0]))


def _role_of_numbers(column: Column, table: _Table, filled: int) -> tuple[Role, str]:
    name, rows = column.name, table.rows
    if name not in table.whole or name.strip().lower() in COORDINATE:
        return "feature", ""
    if is_postal(name):
        return "ignore", POSTAL_WARNING
    if identifies(column, rows, table.nameless):
        return "id", ""
    if column.distinct > FEW and (is_key(name) or (is_entity(name) and is_unordered(rows, name))):
        return "ignore", _key_warning(column)
    if is_code(name) and _scattered(column, rows[name], filled):
        return "ignore", _scattered_warning(column)
    return (
        ("ignore", "Telephone numbers say who somebody is, not what is alike.")
        if _is_phone(column, filled)
        else ("feature", "")
    )


POSTAL_WARNING = "Postal codes name places; they are no quantities."


def _key_warning(column: Column) -> str:
    return f"Its {count(column.distinct, 'value')} are names or numbers of things, which measure nothing."


def _scattered_warning(column: Column) -> str:
    return f"It has {count(column.distinct, 'different value')}, and hardly any comes often."


def _is_phone(column: Column, filled: int) -> bool:
    large = column.edges[0] >= 1e6 and column.distinct > MANY * filled
    return large and speaks_of(
        column.name, frozenset({"phone", "tel", "telephone", "telefon", "mobile", "fax", "handy"})
    )


def _role_of_words(column: Column, values: pd.Series[Any], filled: int) -> tuple[Role, str]:
    if what := contact_data(column.name, values, column.distinct):
        return "ignore", f"{what} say who or where somebody is, not what is alike."
    if column.dtype == "text":
        return "ignore", FREE_TEXT
    if _is_id(column, values, filled):
        return "id", ""
    if _is_split(column, values):
        return "ignore", "It says which part of a benchmark a row belongs to."
    if is_postal(column.name):
        return "ignore", POSTAL_WARNING
    if column.distinct > FEW and is_key(column.name):
        return "ignore", _key_warning(column)
    if column.distinct > max(MANY * filled, 20):
        return "ignore", "Nearly every row has a value of its own."
    return ("ignore", _scattered_warning(column)) if _scattered(column, values, filled) else ("feature", "")


def _is_split(column: Column, values: pd.Series[Any]) -> bool:
    return speaks_of(column.name, SPLIT_NAMES) and {str(v).lower() for v in values.dropna().unique()[:9]} <= SPLIT


def _scattered(column: Column, values: pd.Series[Any], filled: int) -> bool:
    """Whether there are many values and the most frequent ones together are rare, so that almost all would be "other"."""
    if column.distinct <= SCATTERED:
        return False
    return int(values.value_counts().iloc[:FREQUENT].sum()) < COVERED * filled


def _is_id(column: Column, values: pd.Series[Any], filled: int) -> bool:
    share = column.distinct / filled
    if is_key(column.name) and share > MANY:
        return True
    if filled < 20 or share < 1:
        return False
    return (
        not values.dropna().str.contains(MONEY, regex=True).mean() > MANY
    )  # no text, and never twice: it names the row


def same_columns(rows: pd.DataFrame, columns: list[Column], first: str | None = None) -> dict[str, str]:
    """Columns that say the same as another one, value by value: {name: the one that stays}.

    What stays is the column called `first`; then, of a number and words that say the same, the number; else the left one.
    """
    if len(columns) > MOST_COMPARED:
        return {}
    alike: dict[tuple[int, int], list[Column]] = {}
    for column in sorted(columns, key=lambda c: (c.name != first, c.dtype not in ("number", "date"))):
        words = column.dtype in ("category", "boolean")
        if column.distinct >= 2 and column.dtype != "text" and not (words and column.distinct > MANY * len(rows)):
            alike.setdefault((column.distinct, column.missing), []).append(column)
    duplicates: dict[str, str] = {}
    for group in alike.values():
        cells = {column.name: rows[column.name] for column in group} if len(group) > 1 else {}
        heads = {name: values.iloc[:HEAD] for name, values in cells.items()}
        for i, column in enumerate(group):
            for other in group[:i]:
                if _same(heads, column, other) and _same(cells, column, other):
                    duplicates[column.name] = other.name
                    break
    return duplicates


def _same(cells: Mapping[str, pd.Series[Any]], a: Column, b: Column) -> bool:
    """Two numbers or dates must be equal; where words take part, values that correspond one to one are enough.

    Not where nearly all values differ: then they always correspond.
    """
    left, right = cells[a.name], cells[b.name]
    if a.dtype == b.dtype == "date":
        return _same_dates(left, right)
    if a.dtype in ("number", "date") and b.dtype in ("number", "date"):
        return a.dtype == b.dtype and left.equals(right)
    return np.array_equal(pd.factorize(left)[0], pd.factorize(right)[0])


def _same_dates(left: pd.Series[Any], right: pd.Series[Any]) -> bool:
    """The same moments, or apart by the same hours in every row, as in two time zones."""
    if not left.isna().equals(right.isna()):
        return False
    apart = (left - right).dropna()
    return bool(apart.abs().max() <= pd.Timedelta(days=1.5) and apart.max() - apart.min() < pd.Timedelta(seconds=1))
