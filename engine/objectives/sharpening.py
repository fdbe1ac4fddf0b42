"""Cluster assignment hardening: soft assignments approach their own sharpened form.

References
----------
J. Xie, R. Girshick, A. Farhadi, ICML 2016, "Unsupervised Deep Embedding for Clustering Analysis" (DEC).
"""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from engine.core.method import copy_into
from engine.losses import hardening, sharpen, student_t
from engine.objectives.base import ClusteringObjective, EncodedBatch, MapCodes


class AssignmentHardening(ClusteringObjective):
    """Towards a target that is made from all samples once a pass.

    Parameters
    ----------
    joint : bool
        Whether centers learn by gradient; else they are the means of the codes, weighted by the target, once a pass.

    Examples
    --------
    >>> from engine.core.data import Data
    >>> data, centers = Data(torch.tensor([[0.0], [1.0]])), nn.Parameter(torch.tensor([[0.0], [1.0]]))
    >>> objective = AssignmentHardening(joint=True)
    >>> objective.refresh(lambda function: function(data.x), centers)
    tensor([0, 1])
    >>> objective.target
    tensor([[0.8000, 0.2000],
            [0.2000, 0.8000]])
    """

    target: Tensor
    """[n, k] what the soft assignments of this pass approach."""

    def __init__(self, joint: bool) -> None:
        super().__init__()
        self.joint = joint
        self.register_buffer("target", torch.zeros(0))

    def refresh(self, map_codes: MapCodes, centers: nn.Parameter) -> Tensor:
        if not self.joint and len(self.target):
            move_to_weighted_means(map_codes, self.target, centers)
        q = map_codes(lambda z: student_t(z, centers))
        self.target = copy_into(self.target, sharpen(q))
        return q.argmax(1)

    def loss(self, encoded: EncodedBatch, centers: nn.Parameter) -> Tensor:
        q = student_t(encoded.z, centers if self.joint else centers.detach())
        return hardening(self.target[encoded.index], q)

    def trainable(self, centers: nn.Parameter) -> Sequence[nn.Parameter]:
        return [centers] if self.joint else []

    def finish(self, map_codes: MapCodes, centers: nn.Parameter) -> None:
        self._free("target")

    def labels(self, z: Tensor, centers: Tensor) -> Tensor:
        """The most probable group [n] of codes [n, latent]."""
        return student_t(z, centers).argmax(1)


def move_to_weighted_means(map_codes: MapCodes, weights: Tensor, centers: nn.Parameter) -> None:
    """Move centers to the weighted means of all codes; a center without weight stays.

    Parameters
    ----------
    map_codes : callable
        Applies a function to the codes of all samples, see `MapCodes`.
    weights : Tensor of shape (n, k)
        Weight of each code for each center.
    centers : Parameter of shape (k, latent)
        Changed in place.

    Examples
    --------
    >>> z, centers = torch.tensor([[0.0], [4.0]]), nn.Parameter(torch.tensor([[9.0], [9.0]]))
    >>> move_to_weighted_means(lambda function: function(z), torch.tensor([[3.0, 0.0], [1.0, 0.0]]), centers)
    >>> centers.data
    tensor([[1.],
            [9.]])
    """
    z = map_codes(lambda codes: codes)
    total = weights.sum(0).unsqueeze(1)
    with torch.no_grad():
        centers.copy_(torch.where(total > 1e-6, weights.T @ z / total.clamp_min(1e-6), centers))
