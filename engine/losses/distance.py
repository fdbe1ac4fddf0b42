"""Distances to centers, and the k-means losses made of them."""

import torch
from torch import Tensor

FEW = 128
"""Numbers in all centers up to which differences are quicker than a matrix product (measured on one core; see `DECISIONS.md`)."""


def squared_distances(z: Tensor, centers: Tensor) -> Tensor:
    """Squared Euclidean distances, in float32 even under autocast.

    Parameters
    ----------
    z : Tensor of shape (n, d)
    centers : Tensor of shape (k, d)

    Returns
    -------
    Tensor of shape (n, k)

    Examples
    --------
    >>> import torch
    >>> squared_distances(torch.tensor([[0.0, 0.0]]), torch.tensor([[3.0, 4.0], [0.0, 1.0]]))
    tensor([[25.,  1.]])
    """
    with torch.autocast(z.device.type, enabled=False):
        z, centers = z.float(), centers.float()
        if centers.numel() <= FEW:
            return (z.unsqueeze(1) - centers).square().sum(2)
        # Around the mean of the centers, so that a common offset does not drown the differences.
        origin = centers.detach().mean(0)
        z, centers = z - origin, centers - origin
        product = torch.addmm(centers.square().sum(1), z, centers.T, alpha=-2) + z.square().sum(1, keepdim=True)
        return product - product.detach().clamp_max(0)  # rounding may end below zero; the gradient is right there too


def kmeans_loss(z: Tensor, targets: Tensor) -> Tensor:
    """Squared distance of each code to its own target: the hard k-means loss.

    Parameters
    ----------
    z, targets : Tensor of shape (n, d)

    Returns
    -------
    Tensor of shape ()
        Mean over samples.

    Examples
    --------
    >>> import torch
    >>> kmeans_loss(torch.tensor([[0.0, 0.0], [1.0, 1.0]]), torch.tensor([[3.0, 4.0], [1.0, 1.0]]))
    tensor(12.5000)
    """
    return (z.float() - targets.float()).square().sum(1).mean()


def softmin_distance(z: Tensor, centers: Tensor, alpha: float | Tensor) -> Tensor:
    """Soft k-means loss: sum_k d_ik softmax_k(-alpha d_ik).

    As a softmax it cannot underflow to 0/0 at a large alpha; alpha -> infinity is hard k-means.

    Parameters
    ----------
    z : Tensor of shape (n, d)
        Codes.
    centers : Tensor of shape (k, d)
        Cluster centers.
    alpha : float or Tensor of shape ()
        Inverse temperature.

    Returns
    -------
    Tensor of shape ()
        Mean over samples.

    References
    ----------
    M. Moradi Fard, T. Thonet, E. Gaussier, 2020, "Deep k-Means", eq. 4.

    Examples
    --------
    >>> import torch
    >>> softmin_distance(torch.tensor([[0.0]]), torch.tensor([[1.0], [2.0]]), 1000.0)
    tensor(1.)
    """
    distances = squared_distances(z, centers)
    return (distances * torch.softmax(-alpha * distances, 1)).sum(1).mean()
