"""Cluster classification: the groups of one pass are the classes to be told apart in the next (CCNN: Hsu & Lin 2018)."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from engine.clusters.lloyd import movement_tolerance, refine
from engine.core.data import Data
from engine.objectives.base import Ask, ClusteringObjective, Seen

PASSES = 20
"""Of k-means between two passes of training; it goes on from where the centers were, so that a group keeps its number."""


class Classifying(ClusteringObjective):
    """A linear layer on the code guesses the group that k-means last gave each sample."""

    assigned: Tensor

    def __init__(self, groups: int, latent: int) -> None:
        super().__init__()
        self.head = nn.Linear(latent, groups)
        self.register_buffer("assigned", torch.zeros(0, dtype=torch.int64))

    def start(self, data: Data, centers: nn.Parameter, labels: Tensor) -> None:
        """The layer starts as the guess that follows from the centers of the code."""
        self.head.weight.data = 2 * centers.detach().clone()
        self.head.bias.data = -centers.detach().square().sum(1)

    def between(self, ask: Ask, centers: nn.Parameter) -> Tensor:
        z = ask(lambda codes: codes)
        found, labels = refine(z, centers.detach(), movement_tolerance(z), PASSES)
        with torch.no_grad():
            centers.copy_(found)
        if len(self.assigned) == len(labels):
            self.assigned.copy_(labels)
        else:
            self.assigned = labels
        return self.assigned

    def loss(self, seen: Seen, centers: nn.Parameter) -> Tensor:
        return F.cross_entropy(self.head(seen.z).float(), self.assigned[seen.index])

    def trained(self, centers: nn.Parameter) -> Sequence[nn.Module]:
        return [self.head]

    def finish(self, ask: Ask, centers: nn.Parameter) -> None:
        self.emptied("assigned")

    def soft(self, z: Tensor, centers: Tensor) -> Tensor:
        return torch.softmax(self.head(z).float(), 1)

    def labels(self, z: Tensor, centers: Tensor) -> Tensor:
        return self.soft(z, centers).argmax(1)
