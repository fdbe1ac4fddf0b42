"""Distances to centers, and the k-means losses made of them."""

import torch
from torch import Tensor


def squared_distances(z: Tensor, centers: Tensor) -> Tensor:
    """[n, d], [k, d] -> [n, k] squared Euclidean distances, in float32 even under autocast."""
    with torch.autocast(z.device.type, enabled=False):
        z, centers = z.float(), centers.float()
        if z.shape[1] <= 64:
            return (z.unsqueeze(1) - centers).square().sum(2)
        return torch.cdist(z, centers).square()


def pulled(z: Tensor, targets: Tensor) -> Tensor:
    """Mean over samples of the squared distance of each code [n, d] to its own target [n, d] (hard k-means loss)."""
    return (z.float() - targets.float()).square().sum(1).mean()


def softmin_distance(z: Tensor, centers: Tensor, alpha: float | Tensor) -> Tensor:
    """Soft k-means loss: sum_k d_ik softmax_k(-alpha d_ik), mean over samples (Moradi Fard et al. 2020, eq. 4).

    As a softmax it cannot underflow to 0/0 at a large alpha; alpha -> infinity is hard k-means.
    """
    distances = squared_distances(z, centers)
    return (distances * torch.softmax(-alpha * distances, 1)).sum(1).mean()
