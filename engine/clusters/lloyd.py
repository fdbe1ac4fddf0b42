"""Lloyd's algorithm by matrix products, on the device where the rows are.

References
----------
S. P. Lloyd, IEEE Transactions on Information Theory 28, 1982, "Least Squares Quantization in PCM".
"""

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import torch
from torch import Tensor

from engine.clusters.plus_plus import plus_plus
from engine.clusters.rows import ROOM, Rows

GLANCE = 8
"""Passes between two looks at whether the centers are at rest: each look waits for an accelerator."""
PASSES = 300
TOLERANCE = 1e-4
"""Centers are at rest that moved by less, squared and summed, than this share of the mean variance (as in scikit-learn)."""


def lloyd(z: Tensor, k: int, restarts: int) -> tuple[Tensor, Tensor]:
    """Best of several k-means++ starts.

    Parameters
    ----------
    z : Tensor of shape (n, d)
        Finite; a copy is made of it.
    k : int
        Number of clusters.
    restarts : int
        Starts; on an accelerator, many run at once.

    Returns
    -------
    centers : Tensor of shape (k, d)
    labels : Tensor of shape (n,), int64

    Raises
    ------
    ValueError
        Where a number is not finite.

    Examples
    --------
    >>> import torch
    >>> centers, labels = lloyd(torch.tensor([[0.0], [2.0], [8.0], [10.0]]), 2, 3)
    >>> sorted(centers.flatten().tolist())
    [1.0, 9.0]
    """
    with _exactly(z):
        origin = z.mean(0)
        rows = Rows(z - origin)
        draws, still = 2 + int(math.log(k)), movement_tolerance(z)
        # Small starts leave an accelerator idle: many run at once.
        together = max(1, ROOM // (len(z) * draws)) if rows.accelerated else 1
        best = math.inf
        for first in range(0, restarts, together):
            starts = plus_plus(rows.x, k, min(together, restarts - first), draws)
            found = _converged(rows, starts, still, PASSES)
            nearest, distances = rows.nearest(found)
            cost, winner = distances.sum(0).min(0)
            if float(cost) < best:
                best, centers, labels = float(cost), found[winner], nearest[:, winner]
        return centers + origin, labels.contiguous()


def refine(
    z: Tensor, centers: Tensor, still: float, passes: int, release: Callable[[], None] | None = None
) -> tuple[Tensor, Tensor]:
    """Continue Lloyd's algorithm from given centers over rows that are never copied as a whole.

    Parameters
    ----------
    z : Tensor of shape (n, d)
        Rows on any device, or in a file mapped into memory; they come in pieces to the device of the centers.
    centers : Tensor of shape (k, d)
    still : float
        Squared movement of the centers below which to stop.
    passes : int
        Passes at most.
    release : callable, optional
        Called after parts of a mapped file were read, as `Data.release`.

    Returns
    -------
    centers : Tensor of shape (k, d)
    labels : Tensor of shape (n,), int64

    Raises
    ------
    ValueError
        Where a number is not finite.

    Examples
    --------
    >>> import torch
    >>> centers, labels = refine(torch.tensor([[0.0], [2.0], [8.0], [10.0]]), torch.tensor([[3.0], [7.0]]), 0.0, 5)
    >>> centers.flatten().tolist(), labels.tolist()
    ([1.0, 9.0], [0, 0, 1, 1])
    """
    with _exactly(centers):
        origin = centers.mean(0)
        rows = Rows(z, origin, release)
        found = _converged(rows, (centers - origin).unsqueeze(0), still, passes)
        _finite(float(found.sum()))
        return found[0] + origin, rows.nearest(found)[0].squeeze(1)


def movement_tolerance(z: Tensor) -> float:
    """Squared movement below which centers count as converged, as in scikit-learn: `TOLERANCE` of the mean variance.

    Parameters
    ----------
    z : Tensor of shape (n, d)

    Returns
    -------
    float

    Raises
    ------
    ValueError
        Where a number is not finite.

    Examples
    --------
    >>> import torch
    >>> movement_tolerance(torch.tensor([[-1.0], [1.0]]))  # of variance 1
    0.0001
    """
    return TOLERANCE * _finite(float(z.var(0, correction=0).mean()))


def _finite(total: float) -> float:
    if not math.isfinite(total):
        raise ValueError("k-means was given numbers that are not finite.")
    return total


def _converged(rows: Rows, centers: Tensor, still: float, passes: int) -> Tensor:
    """Centers [starts, k, d] after passes until they stand still and none is without members."""
    settled, going = centers.clone(), torch.arange(len(centers), device=centers.device)
    every = GLANCE if rows.accelerated else 1
    for done in range(1, passes + 1):
        before, (centers, members) = centers, rows.means(centers)
        if done % every and done < passes:
            continue
        on, empty = (centers - before).square().sum((1, 2)) > still, members == 0
        if bool(empty.any()):
            on |= _refill(rows, centers, empty)
        settled[going] = centers
        if not bool(on.any()):
            break
        centers, going = centers[on], going[on]
    return settled


def _refill(rows: Rows, centers: Tensor, empty: Tensor) -> Tensor:
    """Moves each of the `empty` [starts, k] centers to the row farthest from all; [starts] where one has moved."""
    distances = rows.nearest(centers)[1]
    moved = torch.zeros(len(centers), dtype=torch.bool, device=centers.device)
    for start, group in empty.nonzero().tolist():
        largest, row = distances[:, start].max(0)
        if float(largest) > 0:
            moved[start], centers[start, group] = True, rows.take(row)
            left = rows.nearest(centers[start, group].view(1, 1, -1))[1].squeeze(1)
            distances[:, start] = distances[:, start].minimum(left)
    return moved


@contextmanager
def _exactly(z: Tensor) -> Iterator[None]:
    """No gradients, and matrix products in all bits of float32 whatever a training has asked for."""
    settings = torch.backends.cuda.matmul
    before, settings.fp32_precision = settings.fp32_precision, "ieee"
    try:
        with torch.no_grad(), torch.autocast(z.device.type, enabled=False):
            yield
    finally:
        settings.fp32_precision = before
