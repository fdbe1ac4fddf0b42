"""k-means losses: codes close to the centers of their groups.

References
----------
B. Yang, X. Fu, N. D. Sidiropoulos, M. Hong, ICML 2017, "Towards K-means-friendly Spaces: Simultaneous Deep Learning and
Clustering" (DCN).
M. Moradi Fard, T. Thonet, E. Gaussier, Pattern Recognition Letters 138, 2020, "Deep k-Means: Jointly Clustering with k-Means and
Learning Representations" (DKM).
"""

from collections.abc import Sequence

from torch import Tensor, nn

from engine.core.data import Batch, Data
from engine.losses import kmeans_loss, softmin_distance
from engine.objectives.base import ClusteringObjective, EncodedBatch, MapCodes
from engine.objectives.running import RunningMeans

SHARP = 1000.0
"""Sharpness (alpha) of the soft choice of a center, of the pretrained variant of DKM."""


class KMeansObjective(ClusteringObjective):
    """Each code to the center it is assigned to; centers are the running means of their members (alternating, as DCN).

    Parameters
    ----------
    groups : int

    Examples
    --------
    >>> import torch
    >>> data = Data(torch.tensor([[0.0], [1.0]]))
    >>> objective, centers = KMeansObjective(groups=1), nn.Parameter(torch.zeros(1, 1))
    >>> objective.initialize(data, centers, torch.tensor([0, 0]))
    >>> batch = data.batch(torch.tensor([0, 1]))
    >>> objective.loss(EncodedBatch(batch.x, batch.index, batch, lambda x: x), centers)  # (0^2 + 1^2) / 2
    tensor(0.5000)
    """

    updates_centers = True

    def __init__(self, groups: int) -> None:
        super().__init__()
        self.running = RunningMeans(groups)

    def initialize(self, data: Data, centers: nn.Parameter, labels: Tensor) -> None:
        """Running means of as many groups as there are centers [k, latent], from labels [n]."""
        self.running.initialize(labels, len(centers))

    def refresh(self, map_codes: MapCodes, centers: nn.Parameter) -> Tensor:
        return self.running.assigned

    def loss(self, encoded: EncodedBatch, centers: nn.Parameter) -> Tensor:
        return kmeans_loss(encoded.z, centers.detach()[self.running.assigned[encoded.index]])

    def update_centers(self, batch: Batch, z: Tensor, centers: nn.Parameter) -> None:
        """Centers [k, latent] follow the codes [b, latent] of the batch, see `RunningMeans.update`."""
        self.running.update(batch, z, centers)

    def finish(self, map_codes: MapCodes, centers: nn.Parameter) -> None:
        self.running.free()


class SoftKMeansObjective(ClusteringObjective):
    """Each code to all centers, nearly all to the nearest; centers learn by gradient (joint, as DKM).

    Examples
    --------
    >>> import torch
    >>> batch = Data(torch.tensor([[1.0]])).batch(torch.tensor([0]))
    >>> centers = nn.Parameter(torch.tensor([[0.0], [4.0]]))
    >>> loss = SoftKMeansObjective().loss(EncodedBatch(batch.x, batch.index, batch, lambda x: x), centers)
    >>> loss.item()  # of the nearest center alone
    1.0
    """

    def loss(self, encoded: EncodedBatch, centers: nn.Parameter) -> Tensor:
        return softmin_distance(encoded.z, centers, SHARP)

    def trainable(self, centers: nn.Parameter) -> Sequence[nn.Parameter]:
        return [centers]
