"""Where the members of each group are on average."""

import torch
from torch import Tensor


def centroids(x: Tensor, labels: Tensor, k: int) -> Tensor:
    """[n, d], [n] int64 -> [k, d] the mean of each group's members, zero where it has none; -1 is no group."""
    found = x.new_zeros(k, x.shape[1])
    for group in range(k):
        own = x[labels == group]
        if len(own):
            torch.mean(own, 0, out=found[group])
    return found
