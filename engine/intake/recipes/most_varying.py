"""Which columns of numbers vary most from row to row: of very many, such as genes, those that can tell groups apart.

Keeping about 2,000 highly variable genes before grouping is the practice in single-cell and expression studies. Counts are
compared by the logarithm of their dispersion among columns of about the same mean (Satija et al., 2015, as in scanpy's
`highly_variable_genes`); other numbers, without the quarter that varies least, by the share of the variance in the squared range,
which is large where values fall into groups (Milligan and Cooper, 1988).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from engine.intake.columns.numeric_groups import float_groups
from engine.intake.mapped import some_rows

MANY = 5000
"""Columns of numbers from which on it is suggested to keep some."""
KEPT = 2000
"""How many are suggested."""
SKEWED = 50.0
"""How many times their mean the largest of numbers that are never negative is, from which on logarithms are compared."""
ALIKE = 1e4
"""Ratio of a large to a small deviation of columns, the 99th to the 1st percentile, up to which they are of one kind."""
BINS, IN_BIN = 20, 100
"""Groups of columns of about the same mean, and columns that each has at least."""


def most_varying(rows: pd.DataFrame, names: Sequence[str], most: int, counts: bool) -> frozenset[str]:
    """Those columns of numbers whose values vary most from row to row.

    Parameters
    ----------
    rows : pandas.DataFrame
        The table.
    names : sequence of str
        Its columns that are compared.
    most : int
        How many are kept.
    counts : bool
        Whether numbers are counts, whose rows are brought to one total first.

    Examples
    --------
    >>> import pandas as pd
    >>> table = pd.DataFrame({"a": [1, 1, 9, 9], "b": [4, 4, 4, 5], "c": [0, 9, 5, 4]})
    >>> sorted(most_varying(table, ["a", "b", "c"], 2, counts=False))
    ['a', 'c']
    """
    if len(names) <= most:
        return frozenset(names)
    moments = _moments(rows, names, counts)
    score = _dispersion_for_mean(moments) if counts else _share_of_range(moments)
    order = np.argsort(-score, kind="stable")[:most]
    return frozenset(names[place] for place in order.tolist())


def are_alike(rows: pd.DataFrame, names: Sequence[str], counts: bool) -> bool:
    """Whether columns of numbers are of one kind, so that how much they vary can be compared."""
    if counts:
        return True
    variance = _moments(rows, names, counts).variance
    varying = variance[variance > 0]
    small, large = np.sqrt(np.quantile(varying, [0.01, 0.99])) if len(varying) else (1.0, 1.0)
    return bool(large <= ALIKE * small)


@dataclass(frozen=True)
class _Moments:
    """Mean, variance and range of each column, float64 [k]."""

    mean: np.ndarray
    variance: np.ndarray
    range: np.ndarray


def _moments(rows: pd.DataFrame, names: Sequence[str], counts: bool) -> _Moments:
    """Of the columns as they are; of counts, once rows have the usual total; of skewed numbers as logarithms."""
    rows = some_rows(rows)
    factors = _depth_factors(rows, names) if counts else np.ones(len(rows))
    logged = not counts and _are_skewed(rows, names)
    found: dict[str, tuple[float, float, float]] = {}
    for some, matrix in float_groups(rows, names):
        with np.errstate(all="ignore"):
            values = np.log1p(matrix) if logged else matrix * factors
            filled = np.isfinite(values)
            n = np.maximum(filled.sum(axis=1), 1)
            mean = np.where(filled, values, 0).sum(axis=1) / n
            variance = (np.where(filled, values - mean[:, None], 0) ** 2).sum(axis=1) / n
            low, high = np.where(filled, values, np.inf).min(axis=1), np.where(filled, values, -np.inf).max(axis=1)
        rows_of = zip(mean.tolist(), variance.tolist(), (high - low).tolist(), strict=True)
        found |= dict(zip(some, rows_of, strict=True))
    mean, variance, width = np.array([found[name] for name in names]).T
    return _Moments(mean, np.nan_to_num(variance), np.nan_to_num(width))


def _share_of_range(moments: _Moments) -> np.ndarray:
    """The variance as a share of the squared range; -1 for the quarter of the columns that vary least."""
    share = moments.variance / np.where(moments.range > 0, moments.range, np.inf) ** 2
    return np.where(moments.variance >= np.quantile(moments.variance, 0.25), share, -1.0)


def _dispersion_for_mean(moments: _Moments) -> np.ndarray:
    """The logarithm of variance over mean, in standard deviations from that of columns with about the same mean."""
    varies = (moments.variance > 0) & (moments.mean > 0)
    score = np.full(len(varies), -np.inf)
    dispersion = np.log(moments.variance[varies] / moments.mean[varies])
    n = max(int(varies.sum()), 1)
    bins = min(BINS, max(1, n // IN_BIN))
    places = np.argsort(np.argsort(moments.mean[varies], kind="stable")) * bins // n
    counted = np.maximum(np.bincount(places, minlength=bins), 1)
    usual = np.bincount(places, dispersion, bins) / counted
    spread = np.sqrt(np.bincount(places, (dispersion - usual[places]) ** 2, bins) / counted)
    score[varies] = (dispersion - usual[places]) / np.maximum(spread[places], 1e-9)
    return score


def _depth_factors(rows: pd.DataFrame, names: Sequence[str]) -> np.ndarray:
    """What the counts of each row are multiplied by to have the usual total, float64 [n]."""
    totals = np.zeros(len(rows))
    for _, matrix in float_groups(rows, names):
        totals += np.nansum(np.maximum(matrix, 0), axis=0)
    usual = float(np.median(totals[totals > 0])) if (totals > 0).any() else 1.0
    return usual / np.where(totals > 0, totals, usual)


def _are_skewed(rows: pd.DataFrame, names: Sequence[str]) -> bool:
    """Whether no number is negative and the largest is many times the mean, as of amounts that were not logged."""
    low, high, total, cells = np.inf, -np.inf, 0.0, 0
    for _, matrix in float_groups(rows, names):
        part = matrix[np.isfinite(matrix)]
        low, high = min(low, float(part.min(initial=np.inf))), max(high, float(part.max(initial=-np.inf)))
        total, cells = total + float(part.sum()), cells + len(part)
    return bool(cells and low >= 0 and high > SKEWED * total / cells)
