"""Groups of highly varying density (Durani, Mautz, Plant, Boehm, ICDM 2022), grown one after the other from the densest row."""

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
class Grown:
    """What was found among m rows."""

    labels: Ints
    """[m], -1 for the rest; groups are numbered from the densest to the thinnest."""
    reach: Floats
    """[k] how near neighbors had to be while each group grew."""


def usual(rows: int, columns: int) -> int:
    """The neighbors a row needs where nobody has chosen: log2(rows) + columns, or 2 sqrt(rows) where that is more.

    At most 200, and a fifth of the rows, so that five groups could be found, but five.
    """
    wanted = max(round(math.log2(max(2, rows)) + columns), round(2 * math.sqrt(rows)))
    return max(5, min(wanted, rows // 5, 200, ROOM // max(1, rows)))


def grown(points: Floats, neighbors: int, rho: float, beta: float) -> Grown:
    """Groups of `points` [m, d], which all differ; of rows equally dense the earlier goes first.

    Among the unassigned rows, `reach` is the smallest distance to the `neighbors`-th nearest, itself counted; the group starts
    with what is within reach of the row whose nearest are closest on average. InputError where memory would not hold them.
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
    return Grown(labels, np.array(reach))


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
