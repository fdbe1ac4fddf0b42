"""k-means++ initialization, each center the best of several draws, many starts at once.

References
----------
D. Arthur, S. Vassilvitskii, SODA 2007, "k-means++: The Advantages of Careful Seeding".
"""

import torch
from torch import Tensor

from engine.clusters.rows import squared_norms


def plus_plus(x: Tensor, k: int, starts: int, draws: int) -> Tensor:
    """Initial centers: samples far from each other.

    Random numbers come from the processor's generator, so that all devices draw the same.

    Parameters
    ----------
    x : Tensor of shape (n, d)
        Centered.
    k : int
        Centers of a start.
    starts : int
    draws : int
        Samples drawn for each center, of which the best is taken.

    Returns
    -------
    Tensor of shape (starts, k, d)
        Rows of `x`.

    Examples
    --------
    >>> import torch
    >>> plus_plus(torch.tensor([[-5.0], [5.0]]), 2, 1, 1).flatten().sort().values
    tensor([-5.,  5.])
    """
    n, own, each = len(x), squared_norms(x), torch.arange(starts, device=x.device)
    random = torch.rand(k, starts, draws, dtype=torch.float64).to(x.device)
    chosen = [(random[0, :, 0] * n).long()]
    closest = _distances(x, own, x[chosen[0]])
    for share in random[1:]:
        total = closest.cumsum(1, dtype=torch.float64)
        candidates = torch.searchsorted(total, share * total[:, -1:], right=True).clamp_max(n - 1)
        left = _distances(x, own, x[candidates.flatten()]).view(starts, draws, n)
        torch.minimum(left, closest.unsqueeze(1), out=left)
        best = left.sum(2).argmin(1)
        closest = left[each, best]
        chosen.append(candidates[each, best])
    return x[torch.stack(chosen, 1)]


def _distances(x: Tensor, own: Tensor, centers: Tensor) -> Tensor:
    """[centers, n] squared distances; `own` [n] are the squared lengths of x."""
    return torch.addmm(own, centers, x.T, alpha=-2).add_(squared_norms(centers).unsqueeze(1)).clamp_min_(0)
