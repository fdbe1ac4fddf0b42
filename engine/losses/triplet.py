"""Triplets: members of a group closer to one another than to members of others (weighted triplet loss of JULE: Yang, Parikh &
Batra, CVPR 2016).
"""

import torch
from torch import Tensor
from torch.nn import functional as F

MARGIN = 0.2


def triplet(z: Tensor, labels: Tensor, margin: float = MARGIN) -> Tensor:
    """max(0, margin + |z_i - z_j|^2 - |z_i - z_l|^2) of codes [n, d] at length one, for every i with a random j of its own group
    (labels [n]) and a random l of another; mean over those that have both, 0 where none has.
    """
    z = F.normalize(z.float(), dim=1)
    same = labels.unsqueeze(1) == labels
    partner = same & ~torch.eye(len(z), dtype=torch.bool, device=z.device)
    whole = (partner.any(1) & ~same.all(1)).to(z)
    near, far = (z[torch.multinomial(mask.float() + 1e-12, 1).squeeze(1)] for mask in (partner, ~same))
    short = margin + (z - near).square().sum(1) - (z - far).square().sum(1)
    return (whole * short.clamp_min(0)).sum() / whole.sum().clamp_min(1)
