"""Losses of a network that must say under noise what it says without (Ghasedi Dizaji et al. 2017, DEPICT)."""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor


def balanced(p: Tensor) -> Tensor:
    """Target q [n, k] of probabilities p over the whole data: q_ik in proportion to p_ik / sqrt(sum_i p_ik); no gradient.

    The closed form of the paper for the least KL(Q || P) + KL(shares of the groups || equal shares).
    """
    weight = p.detach().float() / p.detach().float().sum(0).clamp_min(1e-12).sqrt()
    return weight / weight.sum(1, keepdim=True).clamp_min(1e-12)


def soft_cross_entropy(q: Tensor, logits: Tensor) -> Tensor:
    """-sum_k q_k log p_k, mean over samples, with p the softmax of `logits` [n, k]; q [n, k] is constant."""
    return -(q.detach().float() * torch.log_softmax(logits.float(), 1)).sum(1).mean()


def layer_errors(clean: Sequence[Tensor], drawn: Sequence[Tensor]) -> Tensor:
    """Squared error of each layer [n, ...], mean over its numbers and over samples, summed over layers (one at least)."""
    pairs = zip(clean, drawn, strict=True)
    errors = [F.mse_loss(again.float().flatten(1), target.float().flatten(1)) for target, again in pairs]
    return torch.stack(errors).sum()
