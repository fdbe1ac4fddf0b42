"""Centers that are the running means of their members.

References
----------
B. Yang, X. Fu, N. D. Sidiropoulos, M. Hong, ICML 2017, "Towards K-means-friendly Spaces: Simultaneous Deep Learning and
Clustering" (DCN), equation 8.
"""

import torch
from torch import Tensor, nn

from engine.core.data import Batch
from engine.losses import squared_distances

START_COUNT = 100.0
"""Members that a center is taken to have had at the start, so that the first ones do not pull it over (the authors' code)."""


class RunningMeans(nn.Module):
    """Which center each sample is assigned to, and how many members each center has had.

    Parameters
    ----------
    groups : int

    Examples
    --------
    A center at 0 that counts for 100 members has one more, at 1.01:

    >>> from engine.core.data import Data
    >>> data, centers = Data(torch.tensor([[1.01]])), nn.Parameter(torch.zeros(1, 1), requires_grad=False)
    >>> means = RunningMeans(groups=1)
    >>> means.initialize(torch.tensor([0]), 1)
    >>> means.update(data.batch(torch.tensor([0])), data.x, centers)
    >>> centers.data
    tensor([[0.0100]])
    """

    counts: Tensor
    """[k] members so far."""
    assigned: Tensor
    """[n] int64: the center of each sample."""
    recency: Tensor
    """[k] falls from 1 at a center's last member to 0 after an epoch without another."""

    def __init__(self, groups: int) -> None:
        super().__init__()
        self.register_buffer("counts", torch.full((groups,), START_COUNT))
        self.register_buffer("recency", torch.zeros(groups))
        self.register_buffer("assigned", torch.zeros(0, dtype=torch.int64))

    def initialize(self, labels: Tensor, groups: int) -> None:
        """Start from the labels [n] int64 of all samples."""
        self.assigned = labels
        self.recency = self.recency.new_ones(groups)
        self.counts = self.counts.new_full((groups,), START_COUNT)

    def free(self) -> None:
        """Free the assignments, which only training needs."""
        self.assigned = torch.zeros(0, dtype=torch.int64, device=self.assigned.device)

    def update(self, batch: Batch, z: Tensor, centers: nn.Parameter) -> None:
        """Assign a batch anew, then m <- (c m + sum of members) / (c + members): equation 8 over a batch.

        A center without members for about an epoch moves to the code of the batch that is farthest from its own center. To be
        called without gradients.

        Parameters
        ----------
        batch : Batch
        z : Tensor of shape (b, d)
            Its codes.
        centers : Parameter of shape (k, d)
            Changed in place.
        """
        z = z.float()
        distances = squared_distances(z, centers)
        nearest = distances.argmin(1)
        self.assigned[batch.index] = nearest
        members = (nearest.unsqueeze(1) == torch.arange(len(centers), device=z.device)).to(z)
        total = self.counts + members.sum(0)
        with torch.autocast(z.device.type, enabled=False):
            centers.copy_((self.counts.unsqueeze(1) * centers + members.T @ z) / total.unsqueeze(1))
        self.counts.copy_(total)
        self._reinitialize_empty(z, distances.amin(1), members.sum(0), len(batch) / len(batch.source), centers)

    def _reinitialize_empty(
        self, z: Tensor, error: Tensor, members: Tensor, share: float, centers: nn.Parameter
    ) -> None:
        """Move centers without members for about an epoch to the farthest codes of this batch; no synchronization."""
        self.recency.copy_(torch.where(members > 0, torch.ones_like(self.recency), self.recency - share))
        empty = self.recency <= 0
        farthest = z[error.topk(min(len(centers), len(z))).indices]
        # The first empty center takes the farthest code, the next the second.
        farthest = farthest[(empty.cumsum(0) - 1).clamp_min(0) % len(farthest)]
        centers.copy_(torch.where(empty.unsqueeze(1), farthest, centers))
        self.counts.copy_(torch.where(empty, torch.full_like(self.counts, START_COUNT), self.counts))
        self.recency.copy_(torch.where(empty, torch.ones_like(self.recency), self.recency))
