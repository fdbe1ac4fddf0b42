"""Modes along one axis (UniDip), and boxes made of them (SkinnyDip).

References
----------
S. Maurus, C. Plant, KDD 2016, "Skinny-dip: Clustering in a Sea of Noise".
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from engine.clusters.dip import FEWEST, Dip, dip, dip_p_value, p_value, spread_ties

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Interval = tuple[int, int]
"""First and last position in sorted numbers."""
ROUNDING = 1e-6
"""Share of an axis' length by which boxes are wider than their members, so that rounding puts no member outside."""


def modes(x: Floats, significance: float) -> list[Interval] | None:
    """Modal intervals of sorted numbers.

    Parameters
    ----------
    x : ndarray of shape (n,), float64
        Sorted.
    significance : float
        Level of the dip tests.

    Returns
    -------
    list of (int, int) or None
        First and last position of each interval, in order; None where the numbers lie evenly, without any edge.

    Examples
    --------
    >>> import numpy as np
    >>> x = np.concatenate([np.linspace(0, 1, 50), np.linspace(9, 10, 50)])
    >>> modes(x, 0.05)
    [(0, 49), (50, 99)]
    """
    found = dip(x)
    if p_value(found.value, len(x)) >= significance:
        edges = _mirrored(x, significance)
        return None if edges is None else [edges]
    return _joined(x, _search(x, 0, len(x) - 1, significance, modal=False), significance)


def _search(x: Floats, low: int, high: int, significance: float, modal: bool) -> list[Interval]:
    """UniDip between two positions; `modal` where they are a modal interval, which if it has one heap is a bump as it is."""
    part = x[low : high + 1]
    found = dip(part)
    if p_value(found.value, len(part)) >= significance:
        edges = None if modal else _mirrored(part, significance)
        return [(low, high) if edges is None else (low + edges[0], low + edges[1])]
    inner = _search(x, low + found.low, low + found.high, significance, modal=True)
    left = _beside(x[low : inner[0][1] + 1], significance)
    if left is not None:
        inner[0] = (min(inner[0][0], low + left[0]), inner[0][1])
    elif inner[0][0] > low:
        inner = _search(x, low, inner[0][0] - 1, significance, modal=False) + inner
    start, end = inner[-1]
    right = _beside(x[start : high + 1], significance)
    if right is not None:
        inner[-1] = (start, max(end, start + right[1]))
    elif end < high:
        inner += _search(x, end + 1, high, significance, modal=False)
    return inner


def _beside(x: Floats, significance: float) -> Interval | None:
    """The edges of a bump and all beside it, where that is one heap: the bump reaches as far. None where there is more beside it.

    The bump takes part in the test, because what lies beside it could be nothing but its slope.
    """
    if dip_p_value(x) < significance:
        return None
    return _mirrored(x, significance) or (len(x), 0)


def _mirrored(x: Floats, significance: float) -> Interval | None:
    """The whole bump of numbers with one heap; None where they have no edge.

    The modal interval of one heap is only its steepest part. Beside its mirror image the heap is one of two, and the modal
    interval is all of it.
    """
    n = len(x)
    if n < FEWEST:
        return None
    left, right = dip(np.concatenate([2 * x[0] - x[:0:-1], x])), dip(np.concatenate([x, 2 * x[-1] - x[-2::-1]]))
    if p_value(max(left.value, right.value), n) >= significance / 2:
        return None
    if left.value > right.value:
        return _folded(left, n - 1, n) or _modal(x)
    return _folded(right, 0, n) or _modal(x)


def _folded(found: Dip, start: int, n: int) -> Interval | None:
    """The modal interval in 2n - 1 numbers, of which the original ones begin at `start`; None across the mirror."""
    low, high = found.low - start, found.high - start
    if low >= 0 and high < n:
        return low, high
    # Left of the originals position -i is the image of i; right of them, n - 1 + i that of n - 1 - i.
    fold = 0 if start else 2 * (n - 1)
    low, high = fold - high, fold - low
    return (low, high) if low >= 0 and high < n else None


def _modal(x: Floats) -> Interval:
    found = dip(x)
    return found.low, found.high


def _joined(x: Floats, found: list[Interval], significance: float) -> list[Interval]:
    """Neighbors that are one heap become one stretch; of a larger one only the nearer members, twice the smaller, are asked."""
    joined = found[:1]
    for low, high in found[1:]:
        before, end = joined[-1]
        own, other = high - low + 1, end - before + 1
        if dip_p_value(x[max(before, end + 1 - 2 * own) : min(high, low - 1 + 2 * other) + 1]) >= significance:
            joined[-1] = (before, high)
        else:
            joined.append((low, high))
    return joined


@dataclass(frozen=True)
class BoxSplit:
    """Boxes after a split along one more axis."""

    parents: Ints
    """[k] the box of which each is a piece."""
    low: Floats
    """[k] where each begins along the axis; minus infinity where it was not cut."""
    high: Floats
    """[k] where each ends; infinity where it was not cut."""
    boxes: Ints
    """[n] the piece in which each row is now, -1 outside of all."""


def split_boxes(values: Floats, boxes: Ints, significance: float, rounded: bool) -> BoxSplit:
    """Split each box into the modes of its members along one axis.

    Parameters
    ----------
    values : ndarray of shape (n,), float64
        The axis.
    boxes : ndarray of shape (n,), int64
        Box of each row; -1 outside of all.
    significance : float
        Level of the dip tests.
    rounded : bool
        Whether values are computed, and could come out a little different for the same rows: boxes are then a little wider.

    Returns
    -------
    BoxSplit

    Examples
    --------
    >>> import numpy as np
    >>> x = np.concatenate([np.linspace(0, 1, 50), np.linspace(9, 10, 50)])
    >>> found = split_boxes(x, np.zeros(100, np.int64), 0.05, rounded=False)
    >>> found.parents.tolist(), found.low.tolist(), found.high.tolist()
    ([0, 0], [0.0, 9.0], [1.0, 10.0])
    """
    parents: list[int] = []
    low: list[float] = []
    high: list[float] = []
    now = np.full(len(boxes), -1)
    for box in range(int(boxes.max(initial=-1)) + 1):
        members = np.flatnonzero(boxes == box)
        own = np.sort(values[members])
        for begin, end in _ends(own, modes(spread_ties(own), significance), ROUNDING if rounded else 0.0):
            inside = members[(values[members] >= begin) & (values[members] <= end)]
            now[inside] = len(parents)
            parents.append(box)
            low.append(begin)
            high.append(end)
    return BoxSplit(np.array(parents, np.int64), np.array(low), np.array(high), now)


def _ends(x: Floats, found: list[Interval] | None, rounding: float) -> list[tuple[float, float]]:
    """Where stretches of sorted numbers begin and end; equal numbers at an end all belong to the first that has one of them."""
    if found is None:
        return [(-np.inf, np.inf)]
    margin, ends, taken = rounding * (x[-1] - x[0]), list[tuple[float, float]](), 0
    for first, last in found:
        first = max(int(np.searchsorted(x, x[first], "left")), taken)
        taken = int(np.searchsorted(x, x[last], "right"))
        if first < taken:
            before = (x[first] - x[first - 1]) / 2 if first else np.inf
            after = (x[taken] - x[taken - 1]) / 2 if taken < len(x) else np.inf
            ends.append((float(x[first] - min(margin, before)), float(x[taken - 1] + min(margin, after))))
        else:
            taken = first
    return ends
