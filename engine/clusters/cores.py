"""Core samples of DBSCAN, by scikit-learn, and a choice of its radius.

References
----------
M. Ester, H.-P. Kriegel, J. Sander, X. Xu, KDD 1996, "A Density-Based Algorithm for Discovering Clusters in Large Spatial
Databases with Noise".
"""

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
"""Rows whose neighbors are counted before those of all are searched."""
SAME = 1e-6
"""Rows closer than this share of the spread are the same: rounding separates no clusters."""


@dataclass(frozen=True)
class CoreSamples:
    """The core samples of a data set."""

    rows: Tensor
    """[m] int64 which members they are."""
    labels: Tensor
    """[m] int64 the cluster of each, 0..k-1."""


def core_samples(x: Tensor, reach: float, neighbors: int) -> CoreSamples:
    """Core samples of DBSCAN and their clusters.

    Parameters
    ----------
    x : Tensor of shape (n, ...)
        Samples, flattened to (n, d).
    reach : float
        Radius of a neighborhood (eps).
    neighbors : int
        Samples that a core sample has within the radius, itself counted.

    Returns
    -------
    CoreSamples

    Raises
    ------
    InputError
        Where so many samples are within each other's radius that their neighbor lists would not fit into memory.

    Examples
    --------
    >>> import torch
    >>> found = core_samples(torch.tensor([[0.0], [1.0], [2.0], [9.0]]), 1.0, 3)
    >>> found.rows.tolist(), found.labels.tolist()  # only the middle one has three within 1
    ([1], [0])
    """
    points = _points(x)
    _guard(points, reach)
    found = DBSCAN(eps=reach, min_samples=neighbors).fit(points)
    rows = torch.from_numpy(found.core_sample_indices_).long()
    return CoreSamples(rows.to(x.device), torch.from_numpy(found.labels_).long()[rows].to(x.device))


def knee(x: Tensor, neighbors: int) -> float:
    """Knee of the sorted k-distance curve, the usual choice of DBSCAN's radius.

    It is where the curve lies deepest below the line between its ends, and at least the distance below which samples are equal.

    Parameters
    ----------
    x : Tensor of shape (n, ...)
        Samples, flattened to (n, d).
    neighbors : int
        Neighbor whose distance is taken, itself counted.

    Returns
    -------
    float

    Examples
    --------
    >>> import torch
    >>> knee(torch.tensor([[0.0], [1.0], [2.0], [3.0], [20.0]]), 2)
    1.0
    """
    points = _points(x)
    model = NearestNeighbors(n_neighbors=min(neighbors, len(points))).fit(points)
    curve = np.sort(model.kneighbors(points)[0][:, -1])
    line = np.linspace(curve[0], curve[-1], len(curve))
    return max(
        float(curve[(line - curve).argmax()]), SAME * float(points.std(0).max()), float(np.finfo(np.float32).tiny)
    )


def assign_within_reach(x: Tensor, members: Tensor, labels: Tensor, reach: Tensor) -> Tensor:
    """Label of the nearest member, where it is within the radius of its cluster.

    Parameters
    ----------
    x : Tensor of shape (n, ...)
        New samples, flattened to (n, d).
    members : Tensor of shape (m, d)
    labels : Tensor of shape (m,), int64
        Clusters of the members; -1 is none.
    reach : Tensor of shape (k,)
        Radius of each cluster.

    Returns
    -------
    Tensor of shape (n,), int64
        Labels; -1 for none.

    Examples
    --------
    >>> import torch
    >>> members, labels = torch.tensor([[0.0], [5.0]]), torch.tensor([0, 1])
    >>> assign_within_reach(torch.tensor([[0.5], [3.0]]), members, labels, torch.tensor([1.0, 1.0]))
    tensor([ 0, -1])
    """
    if len(members) == 0 or len(x) == 0:
        return torch.full((len(x),), -1, device=x.device)
    points, rows, mean = members.double(), x.flatten(1).double(), members.double().mean(0)
    model = NearestNeighbors(n_neighbors=1).fit((points - mean).cpu().numpy())
    distances, index = model.kneighbors((rows - mean).cpu().numpy())
    group = labels[torch.from_numpy(index[:, 0]).to(x.device)]
    limit = torch.cat([reach.double(), reach.new_tensor([-1.0]).double()])[group]  # -1 takes the last
    return torch.where(torch.from_numpy(distances[:, 0]).to(x.device) <= limit, group, -1)


def _points(x: Tensor) -> np.ndarray:
    points = x.detach().flatten(1).double().cpu().numpy()
    return np.asarray(points - points.mean(0))


def _guard(points: np.ndarray, reach: float) -> None:
    """InputError where the neighbor lists of points [n, d] would not fit into memory, by those of some of them."""
    n = len(points)
    some = points[np.linspace(0, n - 1, min(n, ASKED)).astype(np.int64)]
    around = sum(int((cdist(some, points[i : i + 2**16]) <= reach).sum()) for i in range(0, n, 2**16)) / len(some)
    if around * n > ROOM:
        raise InputError(
            f"Within a reach of {reach:.3g}, a sample has about {around:,.0f} others around it: for {n:,} rows that would "
            f"need {8e-9 * around * n:,.0f} GB. Choose a smaller reach, at most {int(n * (ROOM / (around * n)) ** 0.5):,} "
            "rows, or HDBSCAN, which needs none."
        )
