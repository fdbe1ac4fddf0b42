"""The two losses of a cluster tree in the code (Mautz, Plant & Böhm 2019, DeepECT)."""

import torch
from torch import Tensor

TINY = 1e-8


def center_drift(z: Tensor, centers: Tensor, nearest: Tensor) -> Tensor:
    """Distance from each leaf's center to the mean of its members in the batch, averaged over all leaves (L_nc).

    z [n, d] is taken as constant: only the centers [k, d] feel it. nearest [n] int64 is each member's leaf; leaves without
    members count as zero.
    """
    with torch.autocast(z.device.type, enabled=False):
        members = torch.nn.functional.one_hot(nearest, len(centers)).float()
        count = members.sum(0)
        means = members.T @ z.detach().float() / count.clamp_min(1).unsqueeze(1)
        gap: Tensor = torch.linalg.vector_norm(centers.float() - means, dim=1)
        return (gap * (count > 0)).sum() / len(centers)


def split_compression(z: Tensor, sides: Tensor, left: Tensor, right: Tensor) -> Tensor:
    """Distance of codes to their side's center along the line between both centers of a split (L_dc).

    z [n, d]; sides [n, s] is +1 where a member is left of a split, -1 right, 0 elsewhere in the tree; left, right [s, d] are
    the centers of each split's sides and constant here. Summed over sides, divided by twice the splits, mean over samples.
    """
    left, right = left.detach().float(), right.detach().float()
    gap = left - right
    axis = gap / torch.linalg.vector_norm(gap, dim=1, keepdim=True).clamp_min(TINY)
    with torch.autocast(z.device.type, enabled=False):
        along = z.float() @ axis.T
    goal = torch.where(sides > 0, (left * axis).sum(1), (right * axis).sum(1))
    far: Tensor = (along - goal).abs() * (sides != 0)
    return far.sum() / (2 * max(1, len(left)) * len(z))
