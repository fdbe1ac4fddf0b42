"""Agglomeration of clusters by Ward's criterion.

References
----------
J. H. Ward, J. Am. Stat. Assoc. 58, 1963, "Hierarchical Grouping to Optimize an Objective Function".
"""

import torch
from torch import Tensor


def ward_merge(centers: Tensor, sizes: Tensor, k: int) -> Tensor:
    """Merge clusters two by two until k are left, each time where the within-cluster sum of squares grows least.

    Parameters
    ----------
    centers : Tensor of shape (m, d)
    sizes : Tensor of shape (m,)
        Members of each cluster.
    k : int
        Clusters left; k < m.

    Returns
    -------
    Tensor of shape (m,), int64
        New number of each cluster, from 0 to k - 1.

    Examples
    --------
    >>> import torch
    >>> ward_merge(torch.tensor([[0.0], [9.0], [1.0]]), torch.tensor([1, 1, 1]), 2)
    tensor([0, 1, 0])
    """
    centers, sizes = centers.double().clone(), sizes.double().clamp_min(1e-9)
    number = torch.arange(len(centers), device=centers.device)
    while len(centers) > k:
        cost = torch.cdist(centers, centers).square() * sizes * sizes.unsqueeze(1) / (sizes + sizes.unsqueeze(1))
        pair = int((cost + torch.diag(torch.full_like(sizes, torch.inf))).argmin())
        low, high = sorted(divmod(pair, len(centers)))
        both = sizes[low] + sizes[high]
        centers[low] = (sizes[low] * centers[low] + sizes[high] * centers[high]) / both
        sizes[low] = both
        stays = torch.arange(len(centers), device=centers.device) != high
        centers, sizes = centers[stays], sizes[stays]
        number = torch.where(number == high, low, number) - (number > high).long()
    return number
