"""Balanced assignments: groups of equal size, each sample surely in one (the mutual information of Krause, Perona & Gomes 2010,
as IMSAT has it: Hu, Miyato, Tokui, Matsumoto & Sugiyama 2017).
"""

from collections.abc import Sequence

from torch import Tensor, nn

from engine.losses import mutual_information_loss, student_t
from engine.objectives.base import Ask, ClusteringObjective, Seen
from engine.objectives.sharpening import weighted_means


class Informing(ClusteringObjective):
    """How much a membership says: little where all groups are equally likely, or all samples are in one."""

    def __init__(self, joint: bool) -> None:
        super().__init__()
        self.joint = joint

    def between(self, ask: Ask, centers: nn.Parameter) -> Tensor:
        if not self.joint:
            weighted_means(ask, ask(lambda z: student_t(z, centers)), centers)
        return super().between(ask, centers)

    def loss(self, seen: Seen, centers: nn.Parameter) -> Tensor:
        return mutual_information_loss(student_t(seen.z, centers if self.joint else centers.detach()))

    def trained(self, centers: nn.Parameter) -> Sequence[nn.Parameter]:
        return [centers] if self.joint else []
