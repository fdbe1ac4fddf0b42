"""Triplets: members of a cluster closer to one another than to members of others.

References
----------
J. Yang, D. Parikh, D. Batra, CVPR 2016, "Joint Unsupervised Learning of Deep Representations and Image Clusters" (JULE).
"""

import torch
from torch import Tensor
from torch.nn import functional as F

MARGIN = 0.2


def triplet(z: Tensor, labels: Tensor, margin: float = MARGIN) -> Tensor:
    """max(0, margin + |z_i - z_j|^2 - |z_i - z_l|^2) of codes at length one.

    Parameters
    ----------
    z : Tensor of shape (n, d)
        Codes.
    labels : int64 Tensor of shape (n,)
        For every i, j is drawn from its own cluster and l from another, by torch's generator.
    margin : float

    Returns
    -------
    Tensor of shape ()
        Mean over samples that have both, 0 where none has.

    Examples
    --------
    >>> import torch
    >>> z = torch.tensor([[1.0, 0.0], [1.0, 0.0], [-1.0, 0.0], [-1.0, 0.0]])
    >>> triplet(z, torch.tensor([0, 0, 1, 1])).item()
    0.0
    >>> round(triplet(z, torch.tensor([0, 0, 0, 0])).item(), 2)
    0.0
    """
    z = F.normalize(z.float(), dim=1)
    same = labels.unsqueeze(1) == labels
    partner = same & ~torch.eye(len(z), dtype=torch.bool, device=z.device)
    whole = (partner.any(1) & ~same.all(1)).to(z)
    near, far = (z[torch.multinomial(mask.float() + 1e-12, 1).squeeze(1)] for mask in (partner, ~same))
    short = margin + (z - near).square().sum(1) - (z - far).square().sum(1)
    return (whole * short.clamp_min(0)).sum() / whole.sum().clamp_min(1)
