"""Statistics of many columns in a few calls: each column is a row of a matrix [k, n], with NaN for blanks."""

from __future__ import annotations

import numpy as np


def filled_counts(matrix: np.ndarray) -> np.ndarray:
    """How many values of each row of `matrix` [k, n] are no blanks, int64 [k]."""
    counts: np.ndarray = np.full(len(matrix), matrix.shape[1], np.int64)
    return counts - np.isnan(matrix).sum(axis=1) if matrix.dtype.kind == "f" else counts


def row_quantiles(ordered: np.ndarray, q: float, start: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """A quantile of a part of each row, as numpy.quantile computes it.

    Parameters
    ----------
    ordered : numpy.ndarray
        float64 [k, n], each row sorted, blanks last.
    q : float
        Between 0 and 1.
    start, counts : numpy.ndarray
        int64 [k]: where the part begins, and how many values it has.

    Returns
    -------
    numpy.ndarray
        float64 [k]; NaN where a part is empty.

    Examples
    --------
    >>> import numpy as np
    >>> rows = np.array([[1.0, 2.0, 4.0], [1.0, 3.0, np.nan]])
    >>> row_quantiles(rows, 0.5, np.array([0, 0]), np.array([3, 2])).tolist()
    [2.0, 2.0]
    """
    place = q * np.maximum(counts - 1, 0)
    below = np.floor(place).astype(np.int64)
    last = np.clip(start + counts - 1, 0, ordered.shape[1] - 1)
    rows, first = np.arange(len(ordered)), np.minimum(start + below, last)
    a, b, share = ordered[rows, first], ordered[rows, np.minimum(first + 1, last)], place - below
    with np.errstate(over="ignore", invalid="ignore"):
        found = np.where(share >= 0.5, b - (b - a) * (1 - share), a + (b - a) * share)
    return np.where(counts > 0, found, np.nan)


def row_ranges(matrix: np.ndarray) -> tuple[list[float | None], list[float | None]]:
    """The 1st and the 99th percentile of each row of `matrix` [k, n]; None of a row without any value."""
    counts, ordered = filled_counts(matrix), np.sort(matrix.astype(np.float64, copy=False), axis=1)
    start = np.zeros(len(counts), np.int64)
    lows, highs = (row_quantiles(ordered, q, start, counts).tolist() for q in (0.01, 0.99))
    return [None if low != low else low for low in lows], [None if high != high else high for high in highs]


def row_histograms(matrix: np.ndarray, low: np.ndarray, high: np.ndarray, bins: int) -> tuple[np.ndarray, np.ndarray]:
    """Counts int64 [k, bins] and edges [k, bins + 1] of the rows of `matrix` [k, n], as numpy.histogram has them.

    `low` and `high` [k] are the ends of the rows, finite.
    """
    same = low == high
    first, last = np.where(same, low - 0.5, low), np.where(same, high + 0.5, high)
    edges = np.linspace(first, last, bins + 1, axis=1)
    filled = ~np.isnan(matrix)
    values = np.where(filled, matrix, first[:, None])
    places = ((values - first[:, None]) / (last - first)[:, None] * bins).astype(np.int64)
    places = np.minimum(places, bins - 1)
    places -= values < np.take_along_axis(edges, places, axis=1)
    places += (values >= np.take_along_axis(edges, places + 1, axis=1)) & (places < bins - 1)
    flat = (places + bins * np.arange(len(matrix))[:, None])[filled]
    return np.bincount(flat, minlength=bins * len(matrix)).reshape(-1, bins), edges


def row_skewness(matrix: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """The adjusted Fisher-Pearson skewness of each row of `matrix` [k, n] with `counts` [k] values; NaN below three, and where
    all are the same."""
    with np.errstate(all="ignore"):
        centered = matrix - (np.nansum(matrix, axis=1) / counts)[:, None]
        second, third = np.nansum(centered**2, axis=1), np.nansum(centered**3, axis=1)
        found = counts * np.sqrt(counts - 1.0) / (counts - 2.0) * (third / second**1.5)
    return np.where((counts < 3) | (second == 0), np.nan, found)
