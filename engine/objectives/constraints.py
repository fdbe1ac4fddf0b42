"""Losses that shape the code for groups which are formed afterwards (DEN: Huang, Huang, Wang & Wang 2014)."""

import torch
from torch import Tensor, nn

from engine.core.data import Data
from engine.losses import group_sparsity, locality_loss
from engine.objectives.base import Ask, ClusteringObjective, Seen
from engine.objectives.similarity import neighborhood

NEIGHBORS = 4
"""Most similar samples that each sample is kept close to."""


class Local(ClusteringObjective):
    """Samples that are neighbors stay neighbors in the code."""

    forming = False
    near: Tensor
    likeness: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("near", torch.zeros(0, dtype=torch.int64))
        self.register_buffer("likeness", torch.zeros(0))

    def start(self, data: Data, centers: nn.Parameter, labels: Tensor) -> None:
        self.near, self.likeness = neighborhood(data, NEIGHBORS)

    def loss(self, seen: Seen, centers: nn.Parameter) -> Tensor:
        around, source = self.near[seen.index], seen.batch.source
        others = source.x.index_select(0, around.flatten().to(source.x.device)).to(seen.batch.x.device)
        source.release()
        beside = seen.encode(others).view(*around.shape, -1)
        return locality_loss(seen.z, beside, self.likeness[seen.index])

    def finish(self, ask: Ask, centers: nn.Parameter) -> None:
        self.emptied("near")
        self.emptied("likeness")


class Sparse(ClusteringObjective):
    """Each sample is described by few of the blocks of the code."""

    forming = False

    def __init__(self, blocks: int) -> None:
        super().__init__()
        self.blocks = blocks

    def loss(self, seen: Seen, centers: nn.Parameter) -> Tensor:
        return group_sparsity(seen.z, self.blocks)
