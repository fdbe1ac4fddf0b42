"""Cluster classification: the groups that k-means finds before a pass are the classes that the network learns in it.

References
----------
C.-C. Hsu, C.-W. Lin, IEEE Transactions on Multimedia 20, 2018, "CNN-Based Joint Clustering and Representation Learning with
Feature Drift Compensation for Large-Scale Image Data" (CCNN).
"""

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from engine.clusters.lloyd import movement_tolerance, refine
from engine.core.data import Data
from engine.objectives.base import ClusteringObjective, EncodedBatch, MapCodes

PASSES = 20
"""Of k-means between two passes of training; it goes on from where the centers were, so that a group keeps its number."""


class ClusterClassification(ClusteringObjective):
    """A linear layer on the code predicts the group that k-means last gave each sample.

    Parameters
    ----------
    groups : int
    latent : int
        Dimension of the code.

    Examples
    --------
    Before training, the layer's prediction is the nearest center:

    >>> z, centers = torch.tensor([[0.0], [1.0], [9.0]]), nn.Parameter(torch.tensor([[0.5], [9.0]]))
    >>> objective = ClusterClassification(groups=2, latent=1)
    >>> objective.initialize(Data(z), centers, torch.tensor([0, 0, 1]))
    >>> objective.labels(z, centers)
    tensor([0, 0, 1])
    """

    assigned: Tensor
    """[n] int64: the group of each sample in this pass."""

    def __init__(self, groups: int, latent: int) -> None:
        super().__init__()
        self.head = nn.Linear(latent, groups)
        self.register_buffer("assigned", torch.zeros(0, dtype=torch.int64))

    def initialize(self, data: Data, centers: nn.Parameter, labels: Tensor) -> None:
        """The layer starts as the nearest of the centers [k, latent]; labels [n] are not needed."""
        self.head.weight.data = 2 * centers.detach().clone()
        self.head.bias.data = -centers.detach().square().sum(1)

    def refresh(self, map_codes: MapCodes, centers: nn.Parameter) -> Tensor:
        z = map_codes(lambda codes: codes)
        found, labels = refine(z, centers.detach(), movement_tolerance(z), PASSES)
        with torch.no_grad():
            centers.copy_(found)
        if len(self.assigned) == len(labels):
            self.assigned.copy_(labels)
        else:
            self.assigned = labels
        return self.assigned

    def loss(self, encoded: EncodedBatch, centers: nn.Parameter) -> Tensor:
        return F.cross_entropy(self.head(encoded.z).float(), self.assigned[encoded.index])

    def trainable(self, centers: nn.Parameter) -> Sequence[nn.Module]:
        return [self.head]

    def finish(self, map_codes: MapCodes, centers: nn.Parameter) -> None:
        self._free("assigned")

    def soft_labels(self, z: Tensor, centers: Tensor) -> Tensor:
        """The layer's class probabilities [n, k] of codes [n, latent]."""
        return torch.softmax(self.head(z).float(), 1)

    def labels(self, z: Tensor, centers: Tensor) -> Tensor:
        """The most probable class [n] of codes [n, latent]."""
        return self.soft_labels(z, centers).argmax(1)
