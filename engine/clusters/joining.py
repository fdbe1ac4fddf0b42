"""Groups that are joined two by two (J. H. Ward 1963)."""

import torch
from torch import Tensor


def joined(centers: Tensor, sizes: Tensor, k: int) -> Tensor:
    """[m] int64: the new number, from 0 to k - 1, of each of m groups with centers [m, d] and sizes [m].

    Always the two are joined whose members then lie least farther from their center, summed and squared; m > k.
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
