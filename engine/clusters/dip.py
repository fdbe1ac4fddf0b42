"""The dip test of unimodality.

References
----------
J. A. Hartigan, P. M. Hartigan, Annals of Statistics 13, 1985, "The Dip Test of Unimodality".
L. Bauer, C. Leiber, C. Böhm, C. Plant, SDM 2023, "Extension of the Dip-test Repertoire - Efficient and Differentiable p-value
Calculation for Clustering".
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
    """Dip of sorted numbers; ties are allowed.

    Parameters
    ----------
    x : ndarray of shape (n,), float64
        Sorted numbers, n >= 1.

    Returns
    -------
    Dip

    Raises
    ------
    ValueError
        Where there are no numbers.

    Examples
    --------
    Two pairs of ties are as far from one mode as numbers can be:

    >>> import numpy as np
    >>> dip(np.array([0.0, 0.0, 1.0, 1.0])).value
    0.25
    >>> dip(np.array([0.0, 1.0, 2.0, 3.0])).value  # 1 / 2n
    0.125
    """
    if not len(x):
        raise ValueError("The dip of no numbers is not defined.")
    from engine.clusters.dip_compiled import dip_of

    value, low, high, *triangle = dip_of(np.ascontiguousarray(x, dtype=np.float64))
    one, two, three = triangle
    return Dip(value, low, high, None if one < 0 else (one, two, three))


def p_value(value: float, n: int) -> float:
    """Probability that n uniform numbers have a dip at least this large, by a fitted formula.

    Parameters
    ----------
    value : float
        The dip.
    n : int
        How many numbers it is of.

    Returns
    -------
    float
        From 0 to 1; small means more than one mode. 1 for fewer than four numbers.

    Examples
    --------
    >>> p_value(0.25, 3)
    1.0
    >>> p_value(0.25, 100) < 1e-6 < 0.9 < p_value(0.01, 100)
    True
    """
    if n < FEWEST:
        return 1.0
    b = 17.30784 * np.sqrt(n) + 12.04918
    e = np.exp(6.5 - b * value)
    return float(1 - 1 / (0.6 * (1 + 1.6 * e) ** 0.625 + 0.4 * (1 + 0.2 * e) ** 5))


def dip_p_value(x: Floats) -> float:
    """p-value of the dip test: small means more than one mode.

    Parameters
    ----------
    x : ndarray of shape (n,), float64
        Sorted numbers.

    Returns
    -------
    float
        From 0 to 1; 1 for fewer than four numbers.

    Examples
    --------
    >>> import numpy as np
    >>> dip_p_value(np.repeat([0.0, 1.0], 50)) < 1e-6
    True
    """
    return p_value(dip(x).value, len(x)) if len(x) >= FEWEST else 1.0


def spread_ties(x: Floats) -> Floats:
    """Sorted numbers with ties spread evenly over the width of the smallest gap between different ones.

    Otherwise integers would have as many modes as values. The order stays.

    Parameters
    ----------
    x : ndarray of shape (n,), float64
        Sorted numbers.

    Returns
    -------
    ndarray of shape (n,), float64

    Examples
    --------
    >>> import numpy as np
    >>> spread_ties(np.array([0.0, 0.0, 2.0])).tolist()
    [-0.5, 0.5, 2.0]
    """
    values, first, counts = np.unique(x, return_index=True, return_counts=True)
    if len(values) in (1, len(x)):
        return x
    place = (np.arange(len(x)) - np.repeat(first, counts) + 0.5) / np.repeat(counts, counts)
    spread: Floats = x + np.diff(values).min() * (place - 0.5)
    return spread
