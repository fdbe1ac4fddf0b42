"""Clusters of highly varying density, grown one after the other from the densest row.

References
----------
W. Durani, D. Mautz, C. Plant, C. Böhm, ICDM 2022, "DBHD: Density-based Clustering for Highly Varying Density".
"""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from sklearn.neighbors import NearestNeighbors

from engine.core.errors import InputError

ROOM = 2**27
"""Neighbors held at once, all rows together: their numbers and distances take 2 GB."""
SAME = 1e-9
"""Distances that differ by less than this share are equal."""

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class DensityGroups:
    """Clusters of m rows, each with the radius at which it grew."""

    labels: Ints
    """[m], -1 for the rest; groups are numbered from the densest to the thinnest."""
    reach: Floats
    """[k] how near neighbors had to be while each group grew."""


def default_neighbors(rows: int, columns: int) -> int:
    """Default number of neighbors: log2(rows) + columns, or 2 sqrt(rows) where that is more.

    At most 200, and a fifth of the rows, so that five clusters could be found; at least 5.

    Parameters
    ----------
    rows, columns : int

    Returns
    -------
    int

    Examples
    --------
    >>> default_neighbors(400, 2), default_neighbors(20, 1)  # 2 sqrt(400); the least
    (40, 5)
    """
    wanted = max(round(math.log2(max(2, rows)) + columns), round(2 * math.sqrt(rows)))
    return max(5, min(wanted, rows // 5, 200, ROOM // max(1, rows)))


def grow_groups(points: Floats, neighbors: int, rho: float, beta: float) -> DensityGroups:
    """Clusters grown from the densest unassigned row, until fewer rows than neighbors are left.

    Among the unassigned rows, the radius is the smallest distance to the `neighbors`-th nearest, itself counted; the cluster
    starts with the rows within it of the row whose nearest are closest on average.

    Parameters
    ----------
    points : ndarray of shape (m, d), float64
        All different; of rows equally dense the earlier goes first.
    neighbors : int
    rho : float
        Of those around a row, the members of the cluster must be at least this many times the others, or the row leaves it.
    beta : float
        A row leaves the cluster where its mean distance to its neighbors, times this, is above that of the first row.

    Returns
    -------
    DensityGroups

    Raises
    ------
    InputError
        Where memory would not hold the neighbors.

    Examples
    --------
    >>> import numpy as np
    >>> points = np.array([[0.0], [1.0], [2.0], [50.0], [53.0], [56.0]])
    >>> found = grow_groups(points, 3, 0.0, 0.0)
    >>> found.labels.tolist(), found.reach.round(3).tolist()
    ([0, 0, 0, 1, 1, 1], [1.0, 3.0])
    """
    m = len(points)
    if m * neighbors > ROOM:
        raise InputError(
            f"{neighbors:,} neighbors of {m:,} rows do not fit into memory: choose at most {ROOM // m:,} neighbors, or at "
            f"most {ROOM // neighbors:,} rows."
        )
    labels, reach = np.full(m, -1), list[float]()
    left, near = np.arange(m), np.zeros((m, neighbors), np.int64)
    away, stale = np.zeros((m, neighbors)), np.ones(m, bool)
    while len(left) >= neighbors:
        model, asked = NearestNeighbors(n_neighbors=neighbors).fit(points[left]), left[stale[left]]
        if len(asked):
            # Only rows that have lost a neighbor to a group look around anew.
            away[asked], index = model.kneighbors(points[asked])
            near[asked] = left[index]
        eps = float(away[left, -1].min()) * (1 + SAME)
        spread = away.mean(1)
        around = _Around(points, left, near, away, model, eps)
        group = _grow(around, spread, int(left[spread[left].argmin()]), rho, beta)
        labels[group] = len(reach)
        reach.append(eps)
        left = np.flatnonzero(labels < 0)
        stale = np.asarray((labels[near] >= 0).any(1))
    return DensityGroups(labels, np.array(reach))


class _Around:
    """Unassigned rows within reach of one, nearest first, itself among them."""

    def __init__(
        self, points: Floats, left: Ints, near: Ints, away: Floats, model: NearestNeighbors, eps: float
    ) -> None:
        self.near, self.count = near, (away <= eps).sum(1)
        # No row has more than `neighbors` others within the smallest distance to the last of them, unless several are there.
        full = left[self.count[left] == near.shape[1]]
        _, index = model.radius_neighbors(points[full], eps, sort_results=True)
        self.full = {int(row): left[own] for row, own in zip(full, index, strict=True)}

    def __getitem__(self, row: int) -> Ints:
        return self.full[row] if row in self.full else self.near[row, : self.count[row]]


def _grow(around: _Around, spread: Floats, seed: int, rho: float, beta: float) -> Ints:
    """The rows of the group around `seed`, grown in waves.

    A row that has just come is taken out again, and brings nobody, where too few of those around it are in the group already,
    or where it lies in a thinner place than the group's first row; others may bring it back.
    """
    inside = np.zeros(len(spread), bool)
    wave = around[seed]
    inside[wave] = True
    wave = wave[wave != seed]  # the first row stays, come what may: no group is empty
    while len(wave):
        following = [wave[:0]]
        for row in wave.tolist():
            those = around[row]
            new = those[~inside[those]]
            if len(those) - len(new) < rho * len(new) or beta * spread[row] > spread[seed]:
                inside[row] = False
            else:
                inside[new] = True
                following.append(new)
        wave = np.concatenate(following)
    return np.flatnonzero(inside)
