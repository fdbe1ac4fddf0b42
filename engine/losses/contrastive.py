"""Losses that pull two views of a sample together and push all others away."""

import torch
import torch.nn.functional as F
from torch import Tensor


def similarities(first: Tensor, second: Tensor) -> Tensor:
    """[2 b, 2 b] cosines among both views [b, d] of a batch, in float32; a view is never its own partner (-inf)."""
    with torch.autocast(first.device.type, enabled=False):
        z = F.normalize(torch.cat([first, second]).float(), dim=1)
        return (z @ z.T).fill_diagonal_(-torch.inf)


def partners(similar: Tensor) -> Tensor:
    """[2 b] int64: where the other view of each row stands."""
    n = len(similar)
    return torch.arange(n, device=similar.device).roll(n // 2)


def nt_xent(similar: Tensor, temperature: float) -> Tensor:
    """Normalized temperature-scaled cross-entropy over `similarities` (Chen et al. 2020, eq. 1).

    It is ln(2 b - 1) while nothing is learned.
    """
    return F.cross_entropy(similar / temperature, partners(similar))


def found(similar: Tensor) -> Tensor:
    """Share of views whose partner is the most similar of all others in the batch."""
    return (similar.detach().argmax(1) == partners(similar)).float().mean()
