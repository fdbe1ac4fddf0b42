"""Cluster assignment hardening: soft memberships become more like their own sharper form (DEC: Xie, Girshick & Farhadi 2016)."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from engine.core.method import copy_into
from engine.losses import hardening, sharpen, student_t
from engine.objectives.base import Ask, ClusteringObjective, Seen


class Sharpening(ClusteringObjective):
    """Towards a target that all samples make once a pass; centers learn by gradient, or are the means of their members."""

    target: Tensor

    def __init__(self, joint: bool) -> None:
        super().__init__()
        self.joint = joint
        self.register_buffer("target", torch.zeros(0))

    def between(self, ask: Ask, centers: nn.Parameter) -> Tensor:
        if not self.joint and len(self.target):
            weighted_means(ask, self.target, centers)
        q = ask(lambda z: student_t(z, centers))
        self.target = copy_into(self.target, sharpen(q))
        return q.argmax(1)

    def loss(self, seen: Seen, centers: nn.Parameter) -> Tensor:
        q = student_t(seen.z, centers if self.joint else centers.detach())
        return hardening(self.target[seen.index], q)

    def trained(self, centers: nn.Parameter) -> Sequence[nn.Parameter]:
        return [centers] if self.joint else []

    def finish(self, ask: Ask, centers: nn.Parameter) -> None:
        self.emptied("target")

    def labels(self, z: Tensor, centers: Tensor) -> Tensor:
        return student_t(z, centers).argmax(1)


def weighted_means(ask: Ask, weights: Tensor, centers: nn.Parameter) -> None:
    """Centers [k, d] become the means of all codes, each with its own weights [n, k]; who has none stays."""
    z = ask(lambda codes: codes)
    total = weights.sum(0).unsqueeze(1)
    with torch.no_grad():
        centers.copy_(torch.where(total > 1e-6, weights.T @ z / total.clamp_min(1e-6), centers))
