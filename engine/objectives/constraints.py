"""Losses that shape the code for groups which are formed afterwards.

References
----------
P. Huang, Y. Huang, W. Wang, L. Wang, ICPR 2014, "Deep Embedding Network for Clustering" (DEN).
"""

import torch
from torch import Tensor, nn

from engine.core.data import Data
from engine.losses import group_sparsity, locality_loss
from engine.objectives.base import ClusteringObjective, EncodedBatch, MapCodes
from engine.objectives.similarity import neighborhood

NEIGHBORS = 4
"""Most similar samples whose codes are held close to that of each sample."""


class LocalityPreserving(ClusteringObjective):
    """Samples that are neighbors stay neighbors in the code.

    Examples
    --------
    >>> data = Data(torch.tensor([[0.0], [1.0]]))
    >>> objective, centers = LocalityPreserving(), nn.Parameter(torch.zeros(1, 1))
    >>> objective.initialize(data, centers, torch.tensor([0, 0]))
    >>> batch = data.batch(torch.tensor([0, 1]))
    >>> objective.loss(EncodedBatch(batch.x, batch.index, batch, lambda x: x), centers)  # exp(-1) * 1^2
    tensor(0.3679)
    """

    has_groups = False
    neighbors: Tensor
    """[n, neighbors] int64: rows of the most similar samples of each."""
    similarity: Tensor
    """[n, neighbors] how similar they are, from 0 to 1."""

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("neighbors", torch.zeros(0, dtype=torch.int64))
        self.register_buffer("similarity", torch.zeros(0))

    def initialize(self, data: Data, centers: nn.Parameter, labels: Tensor) -> None:
        """Find the neighbors of every sample; centers [k, latent] and labels [n] are not needed."""
        self.neighbors, self.similarity = neighborhood(data, NEIGHBORS)

    def loss(self, encoded: EncodedBatch, centers: nn.Parameter) -> Tensor:
        rows, source = self.neighbors[encoded.index], encoded.batch.source
        others = source.x.index_select(0, rows.flatten().to(source.x.device)).to(encoded.batch.x.device)
        source.release()
        codes = encoded.encode(others).view(*rows.shape, -1)
        return locality_loss(encoded.z, codes, self.similarity[encoded.index])

    def finish(self, map_codes: MapCodes, centers: nn.Parameter) -> None:
        self._free("neighbors")
        self._free("similarity")


class GroupSparsity(ClusteringObjective):
    """Each sample is described by few of the blocks of the code.

    Parameters
    ----------
    blocks : int
        Blocks of equal length that the code is divided into.

    Examples
    --------
    >>> batch = Data(torch.tensor([[3.0, 4.0, 0.0, 0.0]])).batch(torch.tensor([0]))
    >>> objective, centers = GroupSparsity(blocks=2), nn.Parameter(torch.zeros(1, 4))
    >>> objective.loss(EncodedBatch(batch.x, batch.index, batch, lambda x: x), centers)  # sqrt(2) * 5
    tensor(7.0711)
    """

    has_groups = False

    def __init__(self, blocks: int) -> None:
        super().__init__()
        self.blocks = blocks

    def loss(self, encoded: EncodedBatch, centers: nn.Parameter) -> Tensor:
        return group_sparsity(encoded.z, self.blocks)
