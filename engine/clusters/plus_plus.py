"""The k-means++ start (Arthur & Vassilvitskii 2007), each center the best of several draws, many starts at once."""

import torch
from torch import Tensor

from engine.clusters.rows import lengths


def plus_plus(x: Tensor, k: int, starts: int, draws: int) -> Tensor:
    """[starts, k, d] samples of x [n, d] far from each other; `x` is centered.

    Random numbers come from the processor's active stream, so that all devices draw the same.
    """
    n, own, each = len(x), lengths(x), torch.arange(starts, device=x.device)
    random = torch.rand(k, starts, draws, dtype=torch.float64).to(x.device)
    chosen = [(random[0, :, 0] * n).long()]
    closest = _distances(x, own, x[chosen[0]])
    for share in random[1:]:
        total = closest.cumsum(1, dtype=torch.float64)
        drawn = torch.searchsorted(total, share * total[:, -1:], right=True).clamp_max(n - 1)
        left = _distances(x, own, x[drawn.flatten()]).view(starts, draws, n)
        torch.minimum(left, closest.unsqueeze(1), out=left)
        best = left.sum(2).argmin(1)
        closest = left[each, best]
        chosen.append(drawn[each, best])
    return x[torch.stack(chosen, 1)]


def _distances(x: Tensor, own: Tensor, centers: Tensor) -> Tensor:
    """[centers, n] squared distances; `own` [n] are the squared lengths of x."""
    return torch.addmm(own, centers, x.T, alpha=-2).add_(lengths(centers).unsqueeze(1)).clamp_min_(0)
