"""k-means losses: members are kmeans_loss to their centers (DCN: Yang et al. 2017; DKM: Moradi Fard, Thonet & Gaussier 2020)."""

from collections.abc import Sequence

from torch import Tensor, nn

from engine.core.data import Batch, Data
from engine.losses import kmeans_loss, softmin_distance
from engine.objectives.base import Ask, ClusteringObjective, Seen
from engine.objectives.running import Running

SHARP = 1000.0
"""Sharpness (alpha) of the soft choice of a center, of the pretrained variant of DKM."""


class Pulling(ClusteringObjective):
    """Each member to the center it was assigned to; centers follow their members (alternating, as DCN)."""

    following = True

    def __init__(self, groups: int) -> None:
        super().__init__()
        self.running = Running(groups)

    def start(self, data: Data, centers: nn.Parameter, labels: Tensor) -> None:
        self.running.begin(labels, len(centers))

    def between(self, ask: Ask, centers: nn.Parameter) -> Tensor:
        return self.running.assigned

    def loss(self, seen: Seen, centers: nn.Parameter) -> Tensor:
        return kmeans_loss(seen.z, centers.detach()[self.running.assigned[seen.index]])

    def follow(self, batch: Batch, z: Tensor, centers: nn.Parameter) -> None:
        self.running.follow(batch, z, centers)

    def finish(self, ask: Ask, centers: nn.Parameter) -> None:
        self.running.end()


class SoftPulling(ClusteringObjective):
    """Each member to all centers, nearly all to the nearest; centers learn by gradient (joint, as DKM)."""

    def loss(self, seen: Seen, centers: nn.Parameter) -> Tensor:
        return softmin_distance(seen.z, centers, SHARP)

    def trained(self, centers: nn.Parameter) -> Sequence[nn.Parameter]:
        return [centers]
