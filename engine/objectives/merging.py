"""Agglomerative: many small groups that are joined pass by pass, while the network brings those of a group closer together than
those of different ones (JULE: Yang, Parikh & Batra, CVPR 2016; here groups are joined by Ward's criterion).
"""

from math import ceil

import torch
from torch import Tensor, nn

from engine.clusters import centroids, kmeans
from engine.clusters.joining import ward_merge
from engine.losses import triplet
from engine.objectives.base import Ask, ClusteringObjective, Seen

SMALL = 20
"""Groups at the start for each that is wanted, as far as each then has `MEMBERS`."""
MEMBERS = 10
STAYS = 0.9
"""Share of the groups that a pass leaves."""


class Merging(ClusteringObjective):
    """Triplets of members, in groups that become fewer."""

    still = False
    assigned: Tensor

    def __init__(self, groups: int) -> None:
        super().__init__()
        self.groups = groups
        self.register_buffer("assigned", torch.zeros(0, dtype=torch.int64))

    def between(self, ask: Ask, centers: nn.Parameter) -> Tensor:
        z = ask(lambda codes: codes)
        if not len(self.assigned):
            many = max(self.groups, min(SMALL * self.groups, len(z) // MEMBERS))
            centers.data, self.assigned = kmeans(z, many, 1)
        else:
            self._join(z, centers, max(self.groups, ceil(STAYS * len(centers)) - 1))
        # Other numbers as long as groups are joined: training does not stop before.
        return self.assigned + len(z) * len(centers)

    def loss(self, seen: Seen, centers: nn.Parameter) -> Tensor:
        return triplet(seen.z, self.assigned[seen.index])

    def finish(self, ask: Ask, centers: nn.Parameter) -> None:
        self._join(ask(lambda codes: codes), centers, self.groups)
        self.emptied("assigned")

    def _join(self, z: Tensor, centers: nn.Parameter, k: int) -> None:
        """Centers become the means of the members as they now are; down to k groups are joined."""
        found = centroids(z, self.assigned, len(centers))
        number = ward_merge(found, self.assigned.bincount(minlength=len(centers)), k)
        self.assigned.copy_(number[self.assigned])
        centers.data = centroids(z, self.assigned, k)
