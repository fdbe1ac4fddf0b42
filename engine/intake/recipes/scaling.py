"""How the numbers of a table are best scaled: decided from all of its columns together."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from engine.intake.columns.numeric_groups import MOST_ROWS
from engine.intake.raw import Column
from engine.intake.values.row_statistics import filled_counts, row_quantiles, row_skewness

SKEWED = 2.0
"""Skewness from which a column has a long tail."""
STRAIGHTENED = 0.5
"""Share of its skewness that a logarithm leaves at most, where it helps."""
MANY_COLUMNS = 16
FAR_OUT = 10.0
"""Standard deviations between the ends of a column, beyond which its ends are outliers that make a bad unit."""
LEAST_COUNTS = 20
"""Columns of counts from which the total of a row says how much was counted."""
UNLIKE = 3.0
"""Ratio of large to small totals, the 95th to the 5th percentile, from which rows are unlike."""
AT_BOUND = 0.02
"""Share of rows at the highest value of all, from which a column is bounded, as pixels and answers are."""
SAMPLE = 5000


def may_be_skewed(column: Column) -> bool:
    """Whether a logarithm can be taken of a column and has something to straighten: none negative, over 20 different."""
    return column.distinct > 20 and column.edges[0] >= 0


def are_skewed(matrix: np.ndarray) -> np.ndarray:
    """Whether each row of `matrix` [k, n] has a long tail of large values that a logarithm straightens, bool [k]."""
    skewness = row_skewness(matrix, filled_counts(matrix))
    long = skewness > SKEWED
    if long.any():
        part = matrix[long]
        with np.errstate(all="ignore"):
            logarithms = np.log1p(part / ratio_units(part)[:, None])
        after = row_skewness(logarithms, filled_counts(part))
        long[long] = np.abs(after) < STRAIGHTENED * skewness[long]
    return long


def ratio_unit(filled: np.ndarray) -> float:
    """A small typical value, the 10th percentile of the positive ones: above it values compare by ratio, zero stays zero.

    0 (no logarithm) if a value is negative.
    """
    return 0.0 if float(filled.min()) < 0 else float(np.quantile(filled[filled > 0], 0.1))


def ratio_units(matrix: np.ndarray) -> np.ndarray:
    """`ratio_unit` of each row of `matrix` [k, n], NaN for blanks."""
    if matrix.shape[1] > MOST_ROWS:
        return np.array([ratio_unit(row[~np.isnan(row)]) for row in matrix])
    ordered, counts = np.sort(matrix, axis=1), filled_counts(matrix)
    start = (ordered <= 0).sum(axis=1)
    return np.where(ordered[:, 0] < 0, 0.0, row_quantiles(ordered, 0.1, start, counts - start))


def share_one_unit(matrix: np.ndarray, numbers: Sequence[Column]) -> bool:
    """Whether many columns are in one unit, such as pixels, counts of words or answers from 1 to 5.

    Scaling each alone would blow up the ones that hardly vary. Half of the columns have the same ends, and no other goes
    beyond them; or most cells are 0, and no column varies far more than others.

    Parameters
    ----------
    matrix : numpy.ndarray
        The columns [n, columns], NaN for blanks.
    numbers : sequence of Column
        Their profiles.
    """
    if len(numbers) < MANY_COLUMNS:
        return False
    ends: dict[tuple[float, float], int] = {}
    for column in numbers:
        pair = (column.edges[0], column.edges[-1])
        ends[pair] = ends.get(pair, 0) + 1
    low, high = max(ends, key=lambda pair: ends[pair])
    if ends[low, high] >= 0.5 * len(numbers):
        return all(low <= column.edges[0] and column.edges[-1] <= high for column in numbers)
    spread = np.nanstd(matrix, axis=0)
    return bool((matrix == 0).mean() > 0.5 and spread.max() <= 10 * np.median(spread))


def are_bounded(matrix: np.ndarray) -> bool:
    """Whether nine of ten columns [n, columns] have no values far out, so that their ranges are good units.

    Then a column counts more the more it falls into groups at its ends (Milligan and Cooper, 1988).
    """
    with np.errstate(over="ignore", invalid="ignore"):
        ratios = (np.nanmax(matrix, axis=0) - np.nanmin(matrix, axis=0)) / np.nanstd(matrix, axis=0)
    return bool(np.isfinite(ratios).all() and np.quantile(ratios, 0.9) <= FAR_OUT)


def are_counts_of_unlike_rows(matrix: np.ndarray) -> bool:
    """Whether the columns [n, columns] are counts, of genes, words or clicks, and rows differ most in how much was counted."""
    if matrix.shape[1] < LEAST_COUNTS or len(matrix) < LEAST_COUNTS:
        return False
    x = matrix[:SAMPLE]
    if np.isnan(x).any() or (x < 0).any() or (x % 1 != 0).any() or x.max() < 3:
        return False
    totals = x.sum(axis=1)
    small, large = np.quantile(totals, [0.05, 0.95])
    if large < UNLIKE * max(small, 1.0):
        return False
    bounded = (x >= 0.9 * x.max()).mean(axis=0) >= AT_BOUND
    return bool(bounded.mean() < 0.3 and _rise_together(x, totals) > 0.75)


def _rise_together(x: np.ndarray, totals: np.ndarray) -> float:
    """The share of the columns that vary which rise with the total of the other columns."""
    logs, rest = np.log1p(x), np.log1p(totals[:, None] - x)
    logs, rest = logs - logs.mean(axis=0), rest - rest.mean(axis=0)
    return float(((logs * rest).sum(axis=0) > 0)[x.std(axis=0) > 0].mean())
