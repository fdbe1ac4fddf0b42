"""Agglomerative clustering along with training: many small groups are merged pass by pass, while the network brings the members
of a group closer together than those of different ones.

Deviation: groups are merged by Ward's criterion instead of the paper's affinity.

References
----------
J. Yang, D. Parikh, D. Batra, CVPR 2016, "Joint Unsupervised Learning of Deep Representations and Image Clusters" (JULE).
"""

from math import ceil

import torch
from torch import Tensor, nn

from engine.clusters import centroids, kmeans
from engine.clusters.joining import ward_merge
from engine.losses import triplet
from engine.objectives.base import ClusteringObjective, EncodedBatch, MapCodes

INITIAL = 20
"""Groups at the start for each that is wanted, as far as each then has `MEMBERS`."""
MEMBERS = 10
REMAINING = 0.9
"""Share of the groups that remain after a pass."""


class AgglomerativeObjective(ClusteringObjective):
    """Triplet loss of members, in groups that become fewer.

    Parameters
    ----------
    groups : int
        How many are left in the end.

    Examples
    --------
    >>> z, centers = torch.arange(40.0).view(40, 1), nn.Parameter(torch.zeros(2, 1))
    >>> objective = AgglomerativeObjective(groups=2)
    >>> numbers = []
    >>> for _ in range(3):
    ...     _ = objective.refresh(lambda function: function(z), centers)
    ...     numbers.append(len(centers))
    >>> numbers
    [4, 3, 2]
    """

    cuda_graphs = False
    assigned: Tensor
    """[n] int64: the group of each sample in this pass."""

    def __init__(self, groups: int) -> None:
        super().__init__()
        self.groups = groups
        self.register_buffer("assigned", torch.zeros(0, dtype=torch.int64))

    def refresh(self, map_codes: MapCodes, centers: nn.Parameter) -> Tensor:
        z = map_codes(lambda codes: codes)
        if not len(self.assigned):
            many = max(self.groups, min(INITIAL * self.groups, len(z) // MEMBERS))
            centers.data, self.assigned = kmeans(z, many, 1)
        else:
            self._merge(z, centers, max(self.groups, ceil(REMAINING * len(centers)) - 1))
        # Other numbers as long as groups are merged: training does not stop before.
        return self.assigned + len(z) * len(centers)

    def loss(self, encoded: EncodedBatch, centers: nn.Parameter) -> Tensor:
        return triplet(encoded.z, self.assigned[encoded.index])

    def finish(self, map_codes: MapCodes, centers: nn.Parameter) -> None:
        self._merge(map_codes(lambda codes: codes), centers, self.groups)
        self._free("assigned")

    def _merge(self, z: Tensor, centers: nn.Parameter, k: int) -> None:
        """Merge groups of the codes [n, latent] until k are left; centers become the means of their members."""
        found = centroids(z, self.assigned, len(centers))
        number = ward_merge(found, self.assigned.bincount(minlength=len(centers)), k)
        self.assigned.copy_(number[self.assigned])
        centers.data = centroids(z, self.assigned, k)
