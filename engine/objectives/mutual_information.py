"""Balanced assignments: groups of equal size, each sample surely in one, by the mutual information of samples and groups.

References
----------
A. Krause, P. Perona, R. Gomes, NeurIPS 2010, "Discriminative Clustering by Regularized Information Maximization" (RIM).
W. Hu, T. Miyato, S. Tokui, E. Matsumoto, M. Sugiyama, ICML 2017, "Learning Discrete Representations via Information Maximizing
Self-Augmented Training" (IMSAT).
"""

from collections.abc import Sequence

from torch import Tensor, nn

from engine.losses import mutual_information_loss, student_t
from engine.objectives.base import ClusteringObjective, EncodedBatch, MapCodes
from engine.objectives.sharpening import move_to_weighted_means


class MutualInformation(ClusteringObjective):
    """The mutual information of samples and groups: small where all groups are equally likely, or all samples are in one.

    Parameters
    ----------
    joint : bool
        Whether centers learn by gradient; else they are the means of the codes, weighted by membership, once a pass.

    Examples
    --------
    The loss is log k minus the information; two samples that are surely in different groups have all of it, log 2:

    >>> import torch
    >>> from engine.core.data import Data
    >>> batch = Data(torch.tensor([[0.0], [1e4]])).batch(torch.tensor([0, 1]))
    >>> centers = nn.Parameter(batch.x.clone())
    >>> loss = MutualInformation(joint=True).loss(EncodedBatch(batch.x, batch.index, batch, lambda x: x), centers)
    >>> round(loss.item(), 4)
    0.0
    """

    def __init__(self, joint: bool) -> None:
        super().__init__()
        self.joint = joint

    def refresh(self, map_codes: MapCodes, centers: nn.Parameter) -> Tensor:
        if not self.joint:
            move_to_weighted_means(map_codes, map_codes(lambda z: student_t(z, centers)), centers)
        return super().refresh(map_codes, centers)

    def loss(self, encoded: EncodedBatch, centers: nn.Parameter) -> Tensor:
        return mutual_information_loss(student_t(encoded.z, centers if self.joint else centers.detach()))

    def trainable(self, centers: nn.Parameter) -> Sequence[nn.Parameter]:
        return [centers] if self.joint else []
