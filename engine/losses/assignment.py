"""Soft assignments and their self-training.

References
----------
J. Xie, R. Girshick, A. Farhadi, ICML 2016, "Unsupervised Deep Embedding for Clustering Analysis", equations 1 to 3.
"""

import torch
from torch import Tensor

from engine.losses.distance import squared_distances


def student_t(z: Tensor, centers: Tensor, alpha: float = 1.0) -> Tensor:
    """Soft assignment by Student's t kernel (eq. 1).

    Parameters
    ----------
    z : Tensor of shape (n, d)
        Codes.
    centers : Tensor of shape (k, d)
        Cluster centers.
    alpha : float
        Degrees of freedom.

    Returns
    -------
    Tensor of shape (n, k)
        Memberships q; rows sum to 1.

    Examples
    --------
    >>> import torch
    >>> student_t(torch.tensor([[0.0]]), torch.tensor([[0.0], [1.0]]))
    tensor([[0.6667, 0.3333]])
    """
    kernel = -(alpha + 1) / 2 * torch.log1p(squared_distances(z, centers) / alpha)
    return torch.softmax(kernel, 1)


def sharpen(q: Tensor) -> Tensor:
    """Target distribution: memberships squared, divided by cluster size, normalized (eq. 3).

    Parameters
    ----------
    q : Tensor of shape (n, k)
        Memberships of the whole data.

    Returns
    -------
    Tensor of shape (n, k)
        Targets p, without gradient; rows sum to 1.

    Examples
    --------
    >>> import torch
    >>> sharpen(torch.tensor([[0.6, 0.4], [0.4, 0.6]]))
    tensor([[0.6923, 0.3077],
            [0.3077, 0.6923]])
    """
    weight = q.detach().square() / q.detach().sum(0).clamp_min(1e-12)
    return weight / weight.sum(1, keepdim=True)


def hardening(p: Tensor, q: Tensor) -> Tensor:
    """KL(P || Q) of memberships against their target (eq. 2).

    Parameters
    ----------
    p : Tensor of shape (n, k)
        Targets, constant.
    q : Tensor of shape (n, k)
        Memberships.

    Returns
    -------
    Tensor of shape ()
        Divergence summed over clusters, mean over samples.

    Examples
    --------
    >>> import torch
    >>> hardening(torch.tensor([[1.0, 0.0]]), torch.tensor([[0.5, 0.5]]))  # log 2
    tensor(0.6931)
    """
    q, p = q.float().clamp_min(1e-8), p.float()
    return (torch.xlogy(p, p) - p * q.log()).sum(1).mean()
