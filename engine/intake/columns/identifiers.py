"""Numbers that tell rows apart and measure nothing: known from name, shape, and from having no order."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from engine.intake.columns.column_names import COORDINATE, QUANTITY, is_entity, is_key, is_nameless, speaks_of
from engine.intake.columns.numeric_groups import numeric_groups
from engine.intake.mapped import some_rows
from engine.intake.raw import Column

FEW = 12
"""Different values up to which a repeated key is a column of words worth grouping by."""
LEAST_ROWS = 30
"""Rows from which the absence of an order says something."""
SAMPLE = 2000
COMPARED = 30
WIDE = 6
"""Digits from which numbers of one length look like account numbers."""


def is_whole(values: pd.Series[Any]) -> bool:
    """Whether all numbers of the column, blanks aside, are whole."""
    if pd.api.types.is_integer_dtype(values.dtype):
        return True
    filled = values.dropna()
    return bool(len(filled)) and pd.api.types.is_numeric_dtype(values.dtype) and bool((filled % 1 == 0).all())


def whole_columns(rows: pd.DataFrame) -> frozenset[str]:
    """The names of the columns of numbers that are whole, blanks aside."""
    found, known = set[str](), set[str]()
    for names, matrix in numeric_groups(rows):
        blank = matrix != matrix
        with np.errstate(invalid="ignore"):
            whole = ((matrix % 1 == 0) | blank).all(axis=1) & ~blank.all(axis=1)
        known.update(names)
        found.update(name for name, one in zip(names, whole, strict=True) if one)
    others = [(name, kind) for name, kind in zip(rows.columns, rows.dtypes, strict=True) if str(name) not in known]
    return frozenset(
        found | {str(name) for name, kind in others if pd.api.types.is_numeric_dtype(kind) and is_whole(rows[name])}
    )


def identifies(column: Column, rows: pd.DataFrame, nameless_table: bool) -> bool:
    """Whether whole numbers, if nearly all differ, tell rows apart."""
    filled = len(rows) - column.missing
    share = column.distinct / max(filled, 1)
    if share <= 0.5:
        return False
    if is_key(column.name):
        return True
    if share < 1 or filled < 20:
        return False
    if is_entity(column.name) or (is_nameless(column.name) and not nameless_table):
        return True
    numbers = rows[column.name].dropna().to_numpy(np.float64)
    if bool((np.diff(numbers) == 1).all()):
        return True
    if speaks_of(column.name, COORDINATE | QUANTITY):
        return False
    contiguous = numbers.max() - numbers.min() == filled - 1
    return bool(contiguous or _is_wide_and_even(numbers)) and is_unordered(rows, column.name)


def _is_wide_and_even(numbers: np.ndarray) -> bool:
    """Whether numbers [n] have one length of six digits or more and lie evenly between the ends, as no measurement does."""
    low, high = float(numbers.min()), float(numbers.max())
    if (
        low < 10 ** (WIDE - 1)
        or len(str(int(low))) != len(str(int(high)))
        or len(numbers) < LEAST_ROWS
        or _are_days(numbers)
    ):
        return False
    expected = (np.sort(numbers) - low) / max(high - low, 1.0)
    gap = np.abs(expected - np.linspace(0, 1, len(numbers))).max()
    return bool(gap < 1.63 / np.sqrt(len(numbers)))  # Kolmogorov and Smirnov's bound at 1 %


def _are_days(numbers: np.ndarray) -> bool:
    """Whether all numbers [n] can be read as days, such as 20240131."""
    year, month, day = numbers // 10_000, numbers // 100 % 100, numbers % 100
    return bool(((year >= 1900) & (year <= 2100) & (month >= 1) & (month <= 12) & (day >= 1) & (day <= 31)).all())


def is_unordered(rows: pd.DataFrame, name: str) -> bool:
    """Whether neighbors in the values of a column are no neighbors in any other column (von Neumann's ratio, 1941).

    One row is taken for each value, so that what repeats with it says nothing. False where too few rows could tell.
    """
    first = some_rows(rows[[name]])[name].dropna().drop_duplicates()
    if len(first) > SAMPLE:
        first = first.sample(SAMPLE, random_state=0)
    if len(first) < LEAST_ROWS:
        return False
    once = rows.loc[first.index].sort_values(name)
    compared = [_as_ranks(once[other]) for other in list(rows.columns)[: COMPARED + 1] if other != name]
    others = [ranks for ranks in compared if ranks is not None]
    limit = 3.0 + np.sqrt(2 * np.log(max(len(others), 1)))
    return all(_neighbors_agree(other) < limit for other in others)


def _as_ranks(values: pd.Series[Any]) -> np.ndarray | None:
    """A column as numbers [n] whose neighbors can be compared: ranks, or whether a cell holds the most frequent word."""
    if pd.api.types.is_numeric_dtype(values.dtype) or pd.api.types.is_datetime64_any_dtype(values.dtype):
        ranks = values.rank().to_numpy(np.float64, na_value=np.nan)
        ranks = np.where(np.isnan(ranks), np.nanmean(ranks) if (~np.isnan(ranks)).any() else 0.0, ranks)
    else:
        counts = values.value_counts()
        if not len(counts) or counts.iloc[0] < 0.02 * len(values):
            return None
        ranks = (values == counts.index[0]).fillna(False).to_numpy(np.float64)
    return ranks if float(ranks.std()) > 0 else None


def _neighbors_agree(ranks: np.ndarray) -> float:
    """By how many standard errors neighbors in `ranks` [n] differ less than pairs drawn by chance."""
    ratio = float(np.mean(np.diff(ranks) ** 2) / (2 * ranks.var()))
    return (1 - ratio) * float(np.sqrt(len(ranks)))
