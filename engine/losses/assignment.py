"""Soft assignments and their self-training (Xie et al. 2016, equations 1 to 3)."""

import torch
from torch import Tensor

from engine.losses.distance import squared_distances


def student_t(z: Tensor, centers: Tensor, alpha: float = 1.0) -> Tensor:
    """Soft assignment q [n, k] by Student's t kernel with `alpha` degrees of freedom (eq. 1)."""
    kernel = -(alpha + 1) / 2 * torch.log1p(squared_distances(z, centers) / alpha)
    return torch.softmax(kernel, 1)


def sharpen(q: Tensor) -> Tensor:
    """Target p [n, k] of q over the whole data: squared, divided by group size, normalized (eq. 3); no gradient."""
    weight = q.detach().square() / q.detach().sum(0).clamp_min(1e-12)
    return weight / weight.sum(1, keepdim=True)


def hardening(p: Tensor, q: Tensor) -> Tensor:
    """KL(P || Q), summed over groups, mean over samples (eq. 2); p [n, k] is constant."""
    q, p = q.float().clamp_min(1e-8), p.float()
    return (torch.xlogy(p, p) - p * q.log()).sum(1).mean()
