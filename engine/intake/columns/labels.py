"""The column that looks like a known answer."""

from __future__ import annotations

import re
from collections.abc import Container, Sequence

from engine.intake.columns.column_names import COORDINATE
from engine.intake.raw import Column

LABEL = (
    "label",
    "labels",
    "classlabel",
    "truelabel",
    "groundtruth",
    "species",
    "etikett",
    "etiqueta",
    "标签",
    "ラベル",
    "метка",
)
USUAL = (
    *("target", "class", "klasse", "classe", "clase", "topic", "segment", "y", "类别", "класс"),
    *("activity", "emotion", "sentiment"),
)
"""Names that are those of answers only where the place and the values speak for it."""
OUTCOME = ("survived", "churn", "churned", "income", "response", "outcome", "diagnosis", "attrition", "exited")
"""Names of answers with two or three values, among the first or last two columns of a table."""
MOST_CLASSES = 200
MOST_OUTCOMES = 3
LEAST_PER_CLASS = 5
"""Rows that a value has on average where numbers are taken for classes."""


def find_label(columns: Sequence[Column], n: int, whole: Container[str]) -> tuple[str | None, bool]:
    """The name of the column that looks like the known answer, None where none does; and whether that is a guess.

    Parameters
    ----------
    columns : sequence of Column
        All columns, profiled, in the order of the table.
    n : int
        Rows of the table.
    whole : container of str
        The columns of whole numbers.
    """
    some = {
        _letters(c.name): c
        for c in reversed(columns)
        if _has_few_values(c, n) and (c.dtype != "number" or c.name in whole)
    }
    for wanted in LABEL:
        if wanted in some:
            return some[wanted].name, some[wanted].missing > 0
    fit = {name: column for name, column in some.items() if _looks_like_classes(column, n)}
    ends = {column.name for column in (*columns[:2], *columns[-2:])}
    for wanted in OUTCOME:
        found = fit.get(wanted)
        if found is not None and found.name in ends and found.distinct <= MOST_OUTCOMES:
            return found.name, True
    coordinates = sum(column.name.strip().lower() in COORDINATE for column in columns)
    for wanted in USUAL:
        found = fit.get(wanted)
        if found is not None and found.name in ends and len(columns) > 1 and not (wanted == "y" and coordinates > 1):
            return found.name, True
    return None, False


def is_label_name(name: str) -> bool:
    """Whether a column of this name may hold a known answer."""
    return _letters(name) in (*LABEL, *USUAL, *OUTCOME)


def _letters(name: str) -> str:
    return re.sub(r"[\W\d_]", "", name.lower()) or name


def _has_few_values(column: Column, n: int) -> bool:
    """Words or numbers with few enough different values."""
    return column.dtype in ("category", "boolean", "number") and 2 <= column.distinct <= min(MOST_CLASSES, n / 2)


def _looks_like_classes(column: Column, n: int) -> bool:
    """Words, or numbers that are close together and come often."""
    if column.dtype != "number" or column.distinct <= MOST_OUTCOMES:
        return True
    close = column.edges[-1] - column.edges[0] <= 3 * column.distinct
    return close and (column.distinct <= 10 or n >= LEAST_PER_CLASS * column.distinct)
