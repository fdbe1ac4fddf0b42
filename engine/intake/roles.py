"""What each column is for: a guess from its name and content, which the user may change."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from engine.intake.raw import Column, Kind, Role
from engine.intake.wording import italic

LABEL = (
    "label",
    "labels",
    "target",
    "class",
    "species",
    "classlabel",
    "truelabel",
    "groundtruth",
    "segment",
    "topic",
    "y",
)
OUTCOME = ("survived", "churn", "churned", "income", "response", "outcome", "diagnosis", "attrition", "exited")
SPLIT = {"train", "test", "val", "valid", "validation", "dev", "training", "testing"}
ID = re.compile(
    r"(^|[a-z0-9 _.-])(?<![a-z])(id|ids|uuid|guid|key|nr|no|number|index|recnum|rownum|rowid|serial)$|^unnamed", re.I
)
CAMEL = re.compile(r"[a-z](ID|Id|No|Nr|Key|Uuid)$")
MOSTLY_BLANK = 0.6
MANY = 0.5  # words that differ in more than half of the rows say nothing about groups
MOST_COMPARED = 200  # columns; of more, duplicates are not looked for
HEAD = 200  # rows compared before all are
MOST_CLASSES = 200


def suggest_roles(rows: pd.DataFrame, columns: list[Column], kind: Kind, known: Mapping[str, Role]) -> list[Column]:
    """The columns with a role each, and a warning where one is left out for its content."""
    n = len(rows)
    label = next((name for name, role in known.items() if role == "label"), None) or find_label(columns, n)
    duplicates = same_columns(rows, columns, label)
    settled = []
    for column in columns:
        role, warning = _role(column, rows[column.name], n, kind)
        if column.name in known:
            role = known[column.name]
            warning = "It is kept for coloring, not for grouping." if role == "ignore" else ""
        elif column.name == label:
            role, warning = "label", ""
        elif role == "feature" and (original := duplicates.get(column.name)):
            role, warning = "ignore", f"It says the same as {italic(original)}."
        settled.append(replace(column, role=role, warning=warning))
    return settled


def find_label(columns: list[Column], n: int) -> str | None:
    """The column that looks like a known answer: by its name, and by having few enough values."""
    fit = [
        c
        for c in columns
        if c.dtype in ("category", "boolean", "number") and 2 <= c.distinct <= min(MOST_CLASSES, n / 2)
    ]
    names = {re.sub(r"[^a-z]", "", column.name.lower()): column for column in reversed(fit)}
    ends = {columns[0].name, columns[-1].name, columns[max(len(columns) - 2, 0)].name}
    for wanted in OUTCOME:
        if wanted in names and names[wanted].name in ends and names[wanted].distinct <= 20:
            return names[wanted].name
    return next((names[wanted].name for wanted in LABEL if wanted in names), None)


def _role(column: Column, values: pd.Series[Any], n: int, kind: Kind) -> tuple[Role, str]:
    filled = n - column.missing
    if not filled:
        return "ignore", "All cells are blank."
    if n > 1 and (column.distinct == 1 or _is_noise(column)):
        return "ignore", "The value is the same in every row."
    if column.missing > MOSTLY_BLANK * n:
        return "ignore", f"{round(100 * column.missing / n)} % of its cells are blank."
    if _is_id(column, values, filled):
        return "id", ""
    if column.dtype == "category" and set(values.dropna().unique()[:9]) <= SPLIT and "split" in column.name.lower():
        return "ignore", "It says which part of a benchmark a row belongs to."
    if column.dtype == "text":
        return (
            ("feature", "")
            if kind == "text"
            else ("ignore", "Free text is not mixed with other columns unless you choose it.")
        )
    if kind == "text":
        return "ignore", "The texts alone are grouped."
    if column.dtype == "category" and column.distinct > max(MANY * filled, 20):
        return "ignore", "Nearly every row has a value of its own."
    return "feature", ""


def _is_noise(column: Column) -> bool:
    """Numbers that differ by rounding errors only."""
    return column.dtype == "number" and column.edges[-1] - column.edges[0] < 1e-12 * max(1.0, abs(column.edges[0]))


def _is_id(column: Column, values: pd.Series[Any], filled: int) -> bool:
    share = column.distinct / filled
    whole = pd.api.types.is_integer_dtype(values.dtype)
    if (ID.search(column.name) or CAMEL.search(column.name)) and (whole or column.dtype == "category") and share > 0.5:
        return True
    if filled < 20 or share < 1:
        return False
    if column.dtype == "category":
        return not values.dropna().str.contains(r"\s", regex=True).mean() > 0.5
    if whole:
        steps = np.diff(values.to_numpy())
        return bool((steps == 1).all())
    return False


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
    if a.dtype in ("number", "date") and b.dtype in ("number", "date"):
        return a.dtype == b.dtype and left.equals(right)
    return np.array_equal(pd.factorize(left)[0], pd.factorize(right)[0])
