"""The two losses of a cluster tree in the code.

References
----------
D. Mautz, C. Plant, C. Böhm, 2019, "Deep Embedded Cluster Tree" (DeepECT).
"""

import torch
from torch import Tensor

TINY = 1e-8


def node_center_loss(z: Tensor, centers: Tensor, nearest: Tensor) -> Tensor:
    """Distance from each leaf's center to the mean of its members in the batch (L_nc).

    Parameters
    ----------
    z : Tensor of shape (n, d)
        Codes, constant: only the centers feel this loss.
    centers : Tensor of shape (k, d)
        Centers of the leaves.
    nearest : int64 Tensor of shape (n,)
        Leaf of each member.

    Returns
    -------
    Tensor of shape ()
        Mean over all leaves; leaves without members count as zero.

    Examples
    --------
    >>> import torch
    >>> z = torch.tensor([[0.0], [2.0], [9.0]])
    >>> node_center_loss(z, torch.tensor([[3.0], [9.0]]), torch.tensor([0, 0, 1]))
    tensor(1.)
    """
    with torch.autocast(z.device.type, enabled=False):
        members = torch.nn.functional.one_hot(nearest, len(centers)).float()
        count = members.sum(0)
        means = members.T @ z.detach().float() / count.clamp_min(1).unsqueeze(1)
        gap: Tensor = torch.linalg.vector_norm(centers.float() - means, dim=1)
        return (gap * (count > 0)).sum() / len(centers)


def node_data_compression(z: Tensor, sides: Tensor, left: Tensor, right: Tensor) -> Tensor:
    """Distance of codes to their side's center along the line between both centers of a split (L_dc).

    Parameters
    ----------
    z : Tensor of shape (n, d)
        Codes.
    sides : Tensor of shape (n, s)
        +1 where a member is left of a split, -1 right, 0 elsewhere in the tree.
    left, right : Tensor of shape (s, d)
        Centers of both sides of each split, constant here.

    Returns
    -------
    Tensor of shape ()
        Summed over sides, divided by twice the number of splits, mean over samples.

    Examples
    --------
    Only the distance along the split counts, here 1 of the point (1, 5) to the left center (0, 0):

    >>> import torch
    >>> z, left, right = torch.tensor([[1.0, 5.0]]), torch.tensor([[0.0, 0.0]]), torch.tensor([[4.0, 0.0]])
    >>> node_data_compression(z, torch.tensor([[1.0]]), left, right)
    tensor(0.5000)
    """
    left, right = left.detach().float(), right.detach().float()
    gap = left - right
    axis = gap / torch.linalg.vector_norm(gap, dim=1, keepdim=True).clamp_min(TINY)
    with torch.autocast(z.device.type, enabled=False):
        along = z.float() @ axis.T
    target = torch.where(sides > 0, (left * axis).sum(1), (right * axis).sum(1))
    distances: Tensor = (along - target).abs() * (sides != 0)
    return distances.sum() / (2 * max(1, len(left)) * len(z))
