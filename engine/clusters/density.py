"""Groups as crowds (Campello, Moulavi, Sander, PAKDD 2013), by scikit-learn's HDBSCAN; and where new rows belong."""

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
    """[n] int64, -1 outside every crowd."""
    strength: Tensor
    """[n] 0..1 how deep inside its crowd a member is; 0 outside."""
    reach: Tensor
    """[k] the largest core distance of a member: where this thin, the crowd ends."""


def dense_clusters(x: Tensor, smallest: int, neighbors: int, *, selection: str, single: bool) -> DenseClusters:
    """HDBSCAN of `x` [n, d]. Groups have at least `smallest` members; density is the distance to the `neighbors`-th
    sample, itself counted; `selection` is eom (the most lasting groups) or leaf (the finest).
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


def place(x: Tensor, members: Tensor, labels: Tensor, reach: Tensor, neighbors: int) -> Tensor:
    """[n] the member whose place each row of `x` takes, -1 for none.

    A row that is a member takes its own. Another takes that of the nearest member in a group among its `neighbors` - 1
    nearest members, if these are all within that group's reach: the row is then a core point as dense as the group's edge.
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
