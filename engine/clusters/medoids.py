"""k-medoids: the start BUILD, the swaps of FasterPAM, the samples of CLARA.

Distances between all rows are `away` [n, n] float32; they are added up in float64, so that a swap that seems to gain does.

References
----------
L. Kaufman, P. J. Rousseeuw, "Finding Groups in Data", 1990 (BUILD, CLARA).
E. Schubert, P. J. Rousseeuw, Information Systems 101, 2021, "Fast and Eager k-Medoids Clustering" (FasterPAM).
"""

from typing import Literal

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from engine.clusters.neighbors import nearest
from engine.core.errors import InputError

LIMIT = 10_000
"""Rows at most whose distances to each other are held at once: 0.4 GB. Of more rows, samples are taken."""
PIECE = 2**22
"""Distances computed at once."""
GAIN = 1e-9
"""A swap must lower the sum of distances by more than this share, which is more than rounding can do."""

Distance = Literal["euclidean", "manhattan"]
Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float32]


def distances(x: Tensor, kind: Distance) -> Floats:
    """Pairwise distances.

    Parameters
    ----------
    x : Tensor of shape (n, ...)
        Samples, flattened to (n, d).
    kind : {"euclidean", "manhattan"}

    Returns
    -------
    ndarray of shape (n, n), float32

    Raises
    ------
    InputError
        For more than `LIMIT` rows.

    Examples
    --------
    >>> import torch
    >>> distances(torch.tensor([[0.0, 0.0], [3.0, 4.0]]), "manhattan").tolist()
    [[0.0, 7.0], [7.0, 0.0]]
    """
    n = len(x)
    if n > LIMIT:
        raise InputError(
            f"Comparing every pair of {n:,} rows would need {4e-9 * n * n:,.1f} GB: "
            f"compare a sample of at most {LIMIT:,} rows."
        )
    points = x.flatten(1).double()
    points = points - points.mean(0)
    away, step = np.empty((n, n), np.float32), max(1, PIECE // max(1, n))
    for start in range(0, n, step):
        piece = torch.cdist(points[start : start + step], points, p=2.0 if kind == "euclidean" else 1.0)
        away[start : start + step] = piece.cpu().numpy()
    np.fill_diagonal(away, 0)
    return away


def build(away: Floats, k: int) -> Ints:
    """Initial medoids: the row with the smallest sum of distances, then always the one that lowers the total most.

    Parameters
    ----------
    away : ndarray of shape (n, n), float32
        Pairwise distances.
    k : int
        Number of medoids, at most n.

    Returns
    -------
    ndarray of shape (k,), int64
        Rows.

    Examples
    --------
    >>> import torch
    >>> build(distances(torch.tensor([[0.0], [1.0], [2.0], [9.0]]), "euclidean"), 2).tolist()
    [1, 3]
    """
    found = [int(away.sum(1, dtype=np.float64).argmin())]
    closest, step = away[found[0]].copy(), max(1, PIECE // len(away))
    while len(found) < k:
        pieces = (away[start : start + step] for start in range(0, len(away), step))
        drop = np.concatenate([np.maximum(closest - piece, 0).sum(1, dtype=np.float64) for piece in pieces])
        drop[found] = -1  # rows that lower nothing may be left, but none is taken twice
        found.append(int(drop.argmax()))
        np.minimum(closest, away[found[-1]], out=closest)
    return np.array(found)


def swap(away: Floats, start: Ints) -> tuple[Ints, list[float]]:
    """Medoids that no swap with another row improves (FasterPAM).

    Each row in turn is offered in the place of every medoid at once, and taken where that lowers the sum; it ends when a whole
    round has brought nothing.

    Parameters
    ----------
    away : ndarray of shape (n, n), float32
        Pairwise distances.
    start : ndarray of shape (k,), int64
        Rows of the initial medoids.

    Returns
    -------
    medoids : ndarray of shape (k,), int64
    costs : list of float
        Sum of distances to the nearest medoid at the start and after each swap.

    Examples
    --------
    >>> import numpy as np, torch
    >>> away = distances(torch.tensor([[0.0], [1.0], [2.0], [9.0]]), "euclidean")
    >>> medoids, costs = swap(away, np.array([0, 2]))
    >>> sorted(medoids.tolist()), costs[0], costs[-1]
    ([1, 3], 8.0, 2.0)
    """
    if len(start) == 1:
        sums = away.sum(1, dtype=np.float64)
        return sums.argmin(keepdims=True), [float(sums[start[0]]), float(sums.min())]
    places, order = _Places(away, start), np.random.default_rng(0).permutation(len(away)).tolist()
    costs, turn, idle = [places.cost], 0, 0
    while idle < len(away):
        row = order[turn % len(away)]
        change, slot = places.offer(row)
        turn, idle = turn + 1, idle + 1
        if change < -GAIN * costs[-1]:
            places.take(row, slot)
            costs.append(places.cost)
            idle = 0
    return places.medoids, costs


class _Places:
    """Which of k >= 2 medoids is nearest to each row, which comes second, and how far away both are."""

    def __init__(self, away: Floats, medoids: Ints) -> None:
        self.away, self.medoids, self.held = away, medoids.copy(), away[medoids].astype(np.float64)
        self.near, self.second = np.zeros((2, len(away)), np.int64)
        self.first_away, self.second_away = np.zeros((2, len(away)))
        self._update(np.arange(len(away)))

    @property
    def cost(self) -> float:
        return float(self.first_away.sum())

    def offer(self, row: int) -> tuple[float, int]:
        """How the cost changes at best when `row` becomes a medoid, and in whose place."""
        if row in self.medoids:
            return 0.0, 0
        away = self.away[row].astype(np.float64)
        # Losing its medoid, a row goes to its second nearest, or to the offered row where that is nearer.
        increase = np.clip(away, self.first_away, self.second_away) - self.first_away
        losses = np.bincount(self.near, increase, len(self.medoids))
        slot = int(losses.argmin())
        return float(losses[slot] + np.minimum(away - self.first_away, 0).sum()), slot

    def take(self, row: int, slot: int) -> None:
        """Put `row` into the place of a medoid; only rows that knew the old or are near the new one look anew."""
        self.medoids[slot], self.held[slot] = row, self.away[row]
        affected = (self.near == slot) | (self.second == slot) | (self.held[slot] < self.second_away)
        self._update(np.flatnonzero(affected))

    def _update(self, rows: Ints) -> None:
        held, each = self.held[:, rows], np.arange(len(rows))
        self.near[rows] = near = held.argmin(0)
        self.first_away[rows] = held[near, each]
        held[near, each] = np.inf
        self.second[rows] = second = held.argmin(0)
        self.second_away[rows] = held[second, each]


def draw(x: Tensor, k: int, size: int, always: Ints) -> Ints:
    """Random sample of rows that contains given ones, and k different ones where there are as many (CLARA).

    Parameters
    ----------
    x : Tensor of shape (n, ...)
        More rows than are drawn.
    k : int
        Different rows wanted.
    size : int
        Rows drawn at most.
    always : ndarray of shape (m,), int64
        Rows that are always drawn.

    Returns
    -------
    ndarray of shape (size or fewer,), int64
        Rows in ascending order.

    Examples
    --------
    >>> import numpy as np, torch
    >>> 9 in draw(torch.arange(20.0).unsqueeze(1), 2, 5, np.array([9]))
    True
    """
    rows = np.union1d(torch.randperm(len(x))[: size - len(always)].numpy(), always)
    if len(np.unique(_values(x[torch.from_numpy(rows).to(x.device)]), axis=0)) < k:
        # Hardly any rows differ: the few that do must not be missed.
        rows = np.union1d(rows[: size - k], np.unique(_values(x), axis=0, return_index=True)[1][:k])
    return rows.astype(np.int64)


def _values(x: Tensor) -> npt.NDArray[np.float32]:
    return x.flatten(1).cpu().numpy() + np.float32(0)  # makes -0.0 equal to 0.0


def closest(x: Tensor, medoids: Tensor, kind: Distance) -> tuple[Tensor, Tensor]:
    """Nearest medoid of each sample.

    Parameters
    ----------
    x : Tensor of shape (n, ...)
        Samples, flattened to (n, d).
    medoids : Tensor of shape (k, d)
    kind : {"euclidean", "manhattan"}

    Returns
    -------
    labels : Tensor of shape (n,), int64
    distances : Tensor of shape (n,), float32

    Examples
    --------
    >>> import torch
    >>> closest(torch.tensor([[4.0], [0.0]]), torch.tensor([[0.0], [5.0]]), "euclidean")
    (tensor([1, 0]), tensor([1., 0.]))
    """
    if kind == "euclidean":
        index, away = nearest(x, medoids)
        return index[:, 0], away[:, 0].float()
    pieces = torch.split(x.flatten(1).double(), max(1, PIECE // len(medoids)))
    found = [torch.cdist(piece, medoids.double(), p=1.0).min(1) for piece in pieces]
    return torch.cat([one.indices for one in found]), torch.cat([one.values for one in found]).float()
