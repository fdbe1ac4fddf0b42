"""Centers that are the running means of their members (Yang, Fu, Sidiropoulos & Hong 2017, DCN, equation 8)."""

import torch
from torch import Tensor, nn

from engine.core.data import Batch
from engine.losses import squared_distances

START_COUNT = 100.0
"""Members that a center is taken to have had at the start, so that the first ones do not pull it over (the authors' code)."""


class Running(nn.Module):
    """To which center each sample belongs, how many each has had, and for how long each has had none."""

    counts: Tensor
    assigned: Tensor
    seen: Tensor

    def __init__(self, groups: int) -> None:
        super().__init__()
        self.register_buffer("counts", torch.full((groups,), START_COUNT))
        self.register_buffer("seen", torch.zeros(groups))
        self.register_buffer("assigned", torch.zeros(0, dtype=torch.int64))

    def begin(self, labels: Tensor, groups: int) -> None:
        """From these labels [n]."""
        self.assigned = labels
        self.seen = self.seen.new_ones(groups)
        self.counts = self.counts.new_full((groups,), START_COUNT)

    def end(self) -> None:
        """Let go of the labels: the centers say who belongs where."""
        self.assigned = torch.zeros(0, dtype=torch.int64, device=self.assigned.device)

    def follow(self, batch: Batch, z: Tensor, centers: nn.Parameter) -> None:
        """New assignments of codes z [b, d], then m <- (c m + sum of members) / (c + members): equation 8 over a batch."""
        z = z.float()
        distances = squared_distances(z, centers)
        nearest = distances.argmin(1)
        self.assigned[batch.index] = nearest
        members = (nearest.unsqueeze(1) == torch.arange(len(centers), device=z.device)).to(z)
        total = self.counts + members.sum(0)
        with torch.autocast(z.device.type, enabled=False):
            centers.copy_((self.counts.unsqueeze(1) * centers + members.T @ z) / total.unsqueeze(1))
        self.counts.copy_(total)
        self._rescue(z, distances.amin(1), members.sum(0), len(batch) / len(batch.source), centers)

    def _rescue(self, z: Tensor, error: Tensor, members: Tensor, share: float, centers: nn.Parameter) -> None:
        """Centers unseen for about an epoch jump to the worst explained sample of this batch; no synchronization."""
        self.seen.copy_(torch.where(members > 0, torch.ones_like(self.seen), self.seen - share))
        lost = self.seen <= 0
        far = z[error.topk(min(len(centers), len(z))).indices]
        # The first lost center takes the worst, the next the second.
        far = far[(lost.cumsum(0) - 1).clamp_min(0) % len(far)]
        centers.copy_(torch.where(lost.unsqueeze(1), far, centers))
        self.counts.copy_(torch.where(lost, torch.full_like(self.counts, START_COUNT), self.counts))
        self.seen.copy_(torch.where(lost, torch.ones_like(self.seen), self.seen))
