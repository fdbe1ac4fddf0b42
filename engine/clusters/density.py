"""Density-based clusters by scikit-learn's HDBSCAN, and a rule for new samples.

References
----------
R. J. G. B. Campello, D. Moulavi, J. Sander, PAKDD 2013, "Density-Based Clustering Based on Hierarchical Density Estimates".
"""

from dataclasses import dataclass

import torch
from sklearn.cluster import HDBSCAN
from sklearn.neighbors import NearestNeighbors
from torch import Tensor

from engine.clusters.neighbors import nearest


@dataclass(frozen=True)
class DenseClusters:
    """What HDBSCAN found among n members."""

    labels: Tensor
    """[n] int64, -1 outside every cluster."""
    strength: Tensor
    """[n] 0..1 how strongly a member belongs to its cluster; 0 outside."""
    reach: Tensor
    """[k] the largest core distance of a member: where it is thinner, the cluster ends."""


def dense_clusters(x: Tensor, smallest: int, neighbors: int, *, selection: str, single: bool) -> DenseClusters:
    """Clusters of HDBSCAN.

    Parameters
    ----------
    x : Tensor of shape (n, ...)
        Samples, flattened to (n, d).
    smallest : int
        Members of a cluster at least (min_cluster_size).
    neighbors : int
        Neighbor whose distance is the core distance, itself counted (min_samples).
    selection : {"eom", "leaf"}
        Whether the most persistent clusters are chosen (excess of mass), or the finest.
    single : bool
        Whether all samples may be one cluster.

    Returns
    -------
    DenseClusters

    Examples
    --------
    >>> import torch
    >>> x = torch.tensor([[0.0], [0.1], [0.2], [5.0], [5.1], [5.2], [99.0]])
    >>> found = dense_clusters(x, 3, 2, selection="eom", single=False)
    >>> found.labels.tolist(), found.reach.round(decimals=3).tolist()
    ([0, 0, 0, 1, 1, 1, -1], [0.1..., 0.1...])
    """
    points = x.detach().flatten(1).double().cpu().numpy()
    neighbors = min(neighbors, len(points))
    found = HDBSCAN(
        min(smallest, len(points)),
        neighbors,
        cluster_selection_method=selection,
        allow_single_cluster=single,
        copy=True,
    ).fit(points)
    labels = torch.from_numpy(found.labels_).long()
    core = torch.from_numpy(NearestNeighbors(n_neighbors=neighbors).fit(points).kneighbors(points)[0][:, -1]).float()
    reach = torch.tensor([float(core[labels == group].max()) for group in range(int(labels.max()) + 1)])
    strength = torch.from_numpy(found.probabilities_).float().nan_to_num(1.0)
    return DenseClusters(labels.to(x.device), strength.to(x.device), reach.to(x.device))


def nearest_dense_member(x: Tensor, members: Tensor, labels: Tensor, reach: Tensor, neighbors: int) -> Tensor:
    """Member in whose place a new sample is put.

    A sample equal to a member takes that member's place. Another takes that of the nearest clustered member among its
    `neighbors - 1` nearest ones, if all of these are within the core distance of that cluster: it is then as dense as its edge.

    Parameters
    ----------
    x : Tensor of shape (n, ...)
        New samples, flattened to (n, d).
    members : Tensor of shape (m, d)
    labels : Tensor of shape (m,), int64
        Clusters of the members; -1 is noise.
    reach : Tensor of shape (k,)
        Largest core distance of each cluster.
    neighbors : int
        As for `dense_clusters`.

    Returns
    -------
    Tensor of shape (n,), int64
        Rows of `members`; -1 for noise.

    Examples
    --------
    >>> import torch
    >>> members, labels = torch.tensor([[0.0], [1.0], [9.0]]), torch.tensor([0, 0, -1])
    >>> nearest_dense_member(torch.tensor([[0.4], [9.0], [5.0]]), members, labels, torch.tensor([1.0]), 2)
    tensor([ 0,  2, -1])
    """
    index, away = nearest(x, members, max(1, neighbors - 1))
    away = away.to(reach.dtype)  # or rounding would put the edge of a group outside of its reach
    grouped = labels[index] >= 0
    chosen = away.masked_fill(~grouped, torch.inf).argmin(1, keepdim=True)
    member = index.gather(1, chosen).squeeze(1)
    group = labels[member]
    limit = torch.where(group >= 0, reach[group.clamp_min(0)], -1.0) if len(reach) else torch.full_like(away[:, 0], -1)
    known = away[:, 0] == 0
    return torch.where(known, index[:, 0], torch.where(away[:, -1] <= limit, member, -1))
