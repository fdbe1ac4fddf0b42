"""The dip test: do numbers heap up once, or more than once? J. A. Hartigan, P. M. Hartigan, Ann. Stat. 13, 1985, "The Dip
Test of Unimodality"; probability of a dip: L. Bauer, C. Leiber, C. Böhm, C. Plant, SDM 2023, "Extension of the Dip-test
Repertoire - Efficient and Differentiable p-value Calculation for Clustering".
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
FEWEST = 4
"""Fewer numbers than these can always be one heap."""


@dataclass(frozen=True)
class Dip:
    """The dip of n sorted numbers."""

    value: float
    """The largest distance between their distribution and the nearest one with a single mode: 1/2n to 1/4."""
    low: int
    """First position of the modal interval, the steepest stretch."""
    high: int
    """Last position of the modal interval."""
    triangle: tuple[int, int, int] | None
    """The positions that fix the value: moving one of these numbers changes it (they give its gradient)."""


def dip(x: Floats) -> Dip:
    """The dip of sorted numbers `x` [n], n >= 1; equal numbers are allowed. ValueError where there is none."""
    if not len(x):
        raise ValueError("The dip of no numbers is not defined.")
    from engine.clusters.dip_compiled import dip_of

    value, low, high, *triangle = dip_of(np.ascontiguousarray(x, dtype=np.float64))
    one, two, three = triangle
    return Dip(value, low, high, None if one < 0 else (one, two, three))


def p_value(value: float, n: int) -> float:
    """How often n numbers of one heap (uniform ones, the hardest case) dip as deep as this, by a fitted formula; 0..1."""
    if n < FEWEST:
        return 1.0
    b = 17.30784 * np.sqrt(n) + 12.04918
    e = np.exp(6.5 - b * value)
    return float(1 - 1 / (0.6 * (1 + 1.6 * e) ** 0.625 + 0.4 * (1 + 0.2 * e) ** 5))


def one_heap(x: Floats) -> float:
    """The probability of a dip as deep as that of sorted numbers `x` [n] if they are one heap; small means several."""
    return p_value(dip(x).value, len(x)) if len(x) >= FEWEST else 1.0


def loosened(x: Floats) -> Floats:
    """Sorted numbers [n] in which equal ones are spread evenly, as wide as the smallest gap between different ones.

    Whole numbers would otherwise be as many heaps as there are values. The order stays.
    """
    values, first, counts = np.unique(x, return_index=True, return_counts=True)
    if len(values) in (1, len(x)):
        return x
    place = (np.arange(len(x)) - np.repeat(first, counts) + 0.5) / np.repeat(counts, counts)
    spread: Floats = x + np.diff(values).min() * (place - 0.5)
    return spread
