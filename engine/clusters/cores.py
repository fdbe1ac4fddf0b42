"""Members in the thick of a crowd (Ester, Kriegel, Sander, Xu, KDD 1996), by scikit-learn's DBSCAN; and how far to look."""

from dataclasses import dataclass

import numpy as np
import torch
from scipy.spatial.distance import cdist
from sklearn.cluster import DBSCAN
from sklearn.neighbors import NearestNeighbors
from torch import Tensor

from engine.core.errors import InputError

ROOM = 2**28
"""Neighbors that all rows together may have: their numbers take 2 GB."""
ASKED = 64
"""Rows that are asked how many neighbors they have, before all are."""
SAME = 1e-6
"""Rows closer than this share of the spread are the same: rounding makes no difference between crowds."""


@dataclass(frozen=True)
class Cores:
    """The members that have enough others around them."""

    rows: Tensor
    """[m] int64 which members they are."""
    labels: Tensor
    """[m] int64 the crowd of each, 0..k-1."""


def cores(x: Tensor, reach: float, neighbors: int) -> Cores:
    """The rows of `x` [n, d] with at least `neighbors` rows within `reach`, themselves counted, joined where within reach.

    InputError where so many rows are within reach of each other that memory would not hold them.
    """
    points = _points(x)
    _guard(points, reach)
    found = DBSCAN(eps=reach, min_samples=neighbors).fit(points)
    rows = torch.from_numpy(found.core_sample_indices_).long()
    return Cores(rows.to(x.device), torch.from_numpy(found.labels_).long()[rows].to(x.device))


def knee(x: Tensor, neighbors: int) -> float:
    """The bend of the sorted distances of the rows of `x` [n, d] to their `neighbors`-th row, themselves counted.

    That is where the curve lies deepest below the straight line between its ends: what comes before is inside crowds, what
    comes after, outside. At least the distance below which rows are the same.
    """
    points = _points(x)
    model = NearestNeighbors(n_neighbors=min(neighbors, len(points))).fit(points)
    curve = np.sort(model.kneighbors(points)[0][:, -1])
    line = np.linspace(curve[0], curve[-1], len(curve))
    return max(
        float(curve[(line - curve).argmax()]), SAME * float(points.std(0).max()), float(np.finfo(np.float32).tiny)
    )


def join(x: Tensor, members: Tensor, labels: Tensor, reach: Tensor) -> Tensor:
    """[n] the label of the row of `members` [m, d] nearest to each of `x` [n, d], where within `reach` [k] of that group.

    Else -1, as where that member has none. By a tree where there are few columns: members may be many.
    """
    if len(members) == 0 or len(x) == 0:
        return torch.full((len(x),), -1, device=x.device)
    points, rows, middle = members.double(), x.flatten(1).double(), members.double().mean(0)
    model = NearestNeighbors(n_neighbors=1).fit((points - middle).cpu().numpy())
    away, index = model.kneighbors((rows - middle).cpu().numpy())
    group = labels[torch.from_numpy(index[:, 0]).to(x.device)]
    limit = torch.cat([reach.double(), reach.new_tensor([-1.0]).double()])[group]  # -1 takes the last
    return torch.where(torch.from_numpy(away[:, 0]).to(x.device) <= limit, group, -1)


def _points(x: Tensor) -> np.ndarray:
    points = x.detach().flatten(1).double().cpu().numpy()
    return np.asarray(points - points.mean(0))


def _guard(points: np.ndarray, reach: float) -> None:
    n = len(points)
    some = points[np.linspace(0, n - 1, min(n, ASKED)).astype(np.int64)]
    around = sum(int((cdist(some, points[i : i + 2**16]) <= reach).sum()) for i in range(0, n, 2**16)) / len(some)
    if around * n > ROOM:
        raise InputError(
            f"Within a reach of {reach:.3g}, a sample has about {around:,.0f} others around it: for {n:,} rows that would "
            f"need {8e-9 * around * n:,.0f} GB. Choose a smaller reach, at most {int(n * (ROOM / (around * n)) ** 0.5):,} "
            "rows, or HDBSCAN, which needs none."
        )
