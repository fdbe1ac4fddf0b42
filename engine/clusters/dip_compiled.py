"""The dip of sorted numbers, compiled; numba takes a second to import, so `engine.clusters.dip` imports this at first use.

Heights and gaps are counted in samples: the distribution of n numbers steps from i to i + 1 at the i-th, and a gap of D is a dip
of D / 2n. Hulls are lists of knots (positions in the sorted numbers); segments are found by position, because equal numbers
share one place on the line.

References
----------
J. A. Hartigan, P. M. Hartigan, Annals of Statistics 13, 1985, "The Dip Test of Unimodality".
"""

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba
import numpy as np
import numpy.typing as npt

F = TypeVar("F", bound=Callable[..., Any])
Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


def compiled(function: F) -> F:
    """The function compiled at its first call, and kept on disk for later processes where there is a place to keep it."""
    try:
        return cast(F, numba.njit(cache=True, nogil=True)(function))
    except RuntimeError:  # neither the folder of this file nor the user's cache can be written
        return cast(F, numba.njit(nogil=True)(function))


@compiled
def hull(x: Floats, low: int, high: int, side: int, knots: Ints) -> int:
    """Writes the knots of the hull of the points (x_i, i), low <= i <= high, and returns their number.

    It is the lower hull (the greatest convex minorant) for side 1, the upper (the least concave majorant) for -1.
    """
    count = 0
    for i in range(low, high + 1):
        while count > 1:
            a, b = knots[count - 2], knots[count - 1]
            if side * ((x[b] - x[a]) * (i - b) - (x[i] - x[b]) * (b - a)) > 0:
                break
            count -= 1
        knots[count] = i
        count += 1
    return count


@compiled
def at(x: Floats, knots: Ints, right: int, i: int, upright: int) -> float:
    """The height above x_i of a hull's segment that ends in the knot `right`; `upright` is its height where it is upright."""
    p, q = knots[right - 1], knots[right]
    if x[p] == x[q]:
        return float(upright)
    return float(p + (x[i] - x[p]) * (q - p) / (x[q] - x[p]))


@compiled
def widest(x: Floats, lower: Ints, upper: Ints) -> tuple[float, int, int]:
    """The largest gap between the hulls at an inner knot, and the interval that is searched next."""
    best, low, high, other = -1.0, 0, 0, 0
    for knot in range(1, len(lower) - 1):
        i = lower[knot]
        while upper[other] < i:
            other += 1
        gap = 1.0 if upper[other] == i else at(x, upper, other, i, upper[other]) - i + 1
        if gap > best:
            best, low, high = gap, i, upper[other]
    other = 0
    for knot in range(1, len(upper) - 1):
        i = upper[knot]
        while lower[other] < i:
            other += 1
        same = lower[other] == i
        gap = 1.0 if same else i + 1 - at(x, lower, other, i, lower[other - 1])
        if gap > best:
            best, low, high = gap, lower[other] if same else lower[other - 1], i
    return best, low, high


@compiled
def deepest(x: Floats, p: int, q: int, side: int) -> tuple[float, int]:
    """How far the steps stray from the segment p to q of the lower (side 1) or upper (-1) hull, and where.

    It is at least 1, which they stray everywhere: then -1.
    """
    best, where = 1.0, -1
    if q - p > 1 and x[p] != x[q]:
        slope = (q - p) / (x[q] - x[p])
        for j in range(p, q + 1):
            stray = side * ((j - p) - (x[j] - x[p]) * slope) + 1
            if stray > best:
                best, where = stray, j
    return best, where


@compiled
def dip_of(x: Floats) -> tuple[float, int, int, int, int, int]:
    """Dip of sorted numbers, the ends of the modal interval, and the modal triangle.

    Parameters
    ----------
    x : ndarray of shape (n,), float64
        Sorted numbers, n >= 1.

    Returns
    -------
    value : float
    low, high : int
        First and last position of the modal interval.
    one, two, three : int
        Positions of the modal triangle; -1 where there is none.

    Examples
    --------
    >>> import numpy as np
    >>> dip_of(np.array([0.0, 0.0, 1.0, 1.0]))[0]
    0.25
    """
    n = len(x)
    low, high, depth = 0, n - 1, 1.0
    one, two, three = -1, -1, -1
    g, h = np.empty(n, np.int64), np.empty(n, np.int64)
    while low < high:
        lower, upper = g[: hull(x, low, high, 1, g)], h[: hull(x, low, high, -1, h)]
        if len(lower) == 2 and len(upper) == 2:
            break
        gap, new_low, new_high = widest(x, lower, upper)
        if gap < depth:
            break
        for side, knots in ((1, lower), (-1, upper)):
            for s in range(len(knots) - 1):
                p, q = knots[s], knots[s + 1]
                if (side == 1 and q <= new_low) or (side == -1 and p >= new_high):
                    stray, where = deepest(x, p, q, side)
                    if stray > depth:
                        depth, one, two, three = stray, p, where, q
        low, high = new_low, new_high
    return depth / (2 * n), low, high, one, two, three
