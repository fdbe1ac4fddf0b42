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
    graph, free = _NeighborGraph(points, neighbors), np.arange(m)
    while len(free) >= neighbors:
        graph.update(free)
        eps = float(graph.distances[free, -1].min()) * (1 + SAME)
        spread = graph.distances.mean(1)
        group = _grow(_Within(graph, eps), spread, int(free[spread[free].argmin()]), rho, beta)
        labels[group] = len(reach)
        reach.append(eps)
        free = np.flatnonzero(labels < 0)
        graph.mark_stale(labels)
    return DensityGroups(labels, np.array(reach))


class _NeighborGraph:
    """The nearest free (unassigned) rows of every free row, itself among them, and their distances."""

    def __init__(self, points: Floats, neighbors: int) -> None:
        self.points = points
        self.rows = np.zeros((len(points), neighbors), np.int64)
        self.distances = np.zeros((len(points), neighbors))
        self._stale = np.ones(len(points), bool)

    def update(self, free: Ints) -> None:
        """Search among the free rows [f] for those whose neighbors are stale."""
        self.free, self.model = free, NearestNeighbors(n_neighbors=self.rows.shape[1]).fit(self.points[free])
        asked = free[self._stale[free]]
        if len(asked):
            self.distances[asked], index = self.model.kneighbors(self.points[asked])
            self.rows[asked] = free[index]

    def mark_stale(self, labels: Ints) -> None:
        """Rows that have lost a neighbor to a group, by labels [m], have to search anew."""
        self._stale = np.asarray((labels[self.rows] >= 0).any(1))


class _Within:
    """The free rows within a radius of each, nearest first, itself among them."""

    def __init__(self, graph: _NeighborGraph, radius: float) -> None:
        self.rows, self.count = graph.rows, (graph.distances <= radius).sum(1)
        # No row has more than `neighbors` others within the smallest distance to the last of them, unless several are there.
        full = graph.free[self.count[graph.free] == self.rows.shape[1]]
        _, index = graph.model.radius_neighbors(graph.points[full], radius, sort_results=True)
        self.full = {int(row): graph.free[own] for row, own in zip(full, index, strict=True)}

    def __getitem__(self, row: int) -> Ints:
        return self.full[row] if row in self.full else self.rows[row, : self.count[row]]


def _grow(within: _Within, spread: Floats, seed: int, rho: float, beta: float) -> Ints:
    """The rows of the group around `seed`, grown in waves.

    A row that has just come is taken out again, and brings no others, where too few of those around it are in the group
    already, or where it lies in a thinner place than the group's first row; others may bring it back.
    """
    inside = np.zeros(len(spread), bool)
    wave = within[seed]
    inside[wave] = True
    wave = wave[wave != seed]  # the first row stays, come what may: no group is empty
    while len(wave):
        following = [wave[:0]]
        for row in wave.tolist():
            nearby = within[row]
            new = nearby[~inside[nearby]]
            if len(nearby) - len(new) < rho * len(new) or beta * spread[row] > spread[seed]:
                inside[row] = False
            else:
                inside[new] = True
                following.append(new)
        wave = np.concatenate(following)
    return np.flatnonzero(inside)
