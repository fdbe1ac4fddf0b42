"""k-means as a layer of votes and a layer of centers: the Clustering Module.

Votes gamma (n, k) are a softmax and sum to one in each row; a sample is reconstructed as gamma @ centers. All in float32.

References
----------
A. Boubekki, M. Kampffmeyer, U. Brefeld, R. Jenssen, Machine Learning 110, 2021, "Joint optimization of an autoencoder for
clustering and embedding".
"""

import torch
from torch import Tensor

TINY = 1e-10
"""Added to the shares of the clusters, as the authors do, so that a cluster without votes costs much but not everything."""


def average_center(gamma: Tensor, centers: Tensor) -> Tensor:
    """What the module reconstructs: the mean of the centers under the votes.

    Parameters
    ----------
    gamma : Tensor of shape (n, k)
    centers : Tensor of shape (k, d)

    Returns
    -------
    Tensor of shape (n, d)

    Examples
    --------
    >>> import torch
    >>> average_center(torch.tensor([[0.25, 0.75]]), torch.tensor([[0.0], [4.0]]))
    tensor([[3.]])
    """
    with torch.autocast(gamma.device.type, enabled=False):
        return gamma.float() @ centers.float()


def vote_variance(gamma: Tensor) -> Tensor:
    """gamma (1 - gamma), elementwise: 0 where a vote is all or nothing.

    Parameters
    ----------
    gamma : Tensor of shape (n, k)

    Returns
    -------
    Tensor of shape (n, k)

    Examples
    --------
    >>> import torch
    >>> vote_variance(torch.tensor([[0.5, 0.5], [1.0, 0.0]]))
    tensor([[0.2500, 0.2500],
            [0.0000, 0.0000]])
    """
    gamma = gamma.float()
    return gamma * (1 - gamma)


def variance_loss(gamma: Tensor, centers: Tensor) -> Tensor:
    """sum_k gamma_k (1 - gamma_k) |c_k|^2: what it costs to vote for more than one center.

    Parameters
    ----------
    gamma : Tensor of shape (n, k)
    centers : Tensor of shape (k, d)

    Returns
    -------
    Tensor of shape ()
        Mean over samples.

    Examples
    --------
    >>> import torch
    >>> variance_loss(torch.tensor([[0.5, 0.5]]), torch.tensor([[2.0], [0.0]]))
    tensor(1.)
    """
    lengths = centers.float().square().sum(1)
    return (vote_variance(gamma) * lengths).sum(1).mean()


def center_overlap(gamma: Tensor, centers: Tensor) -> Tensor:
    """sum over pairs k != l of gamma_k gamma_l c_k . c_l: how alike the centers are that share votes.

    The squared error of `average_center` plus `variance_loss` minus this is sum_k gamma_k |x - c_k|^2, soft k-means.

    Parameters
    ----------
    gamma : Tensor of shape (n, k)
    centers : Tensor of shape (k, d)

    Returns
    -------
    Tensor of shape ()
        Mean over samples.

    Examples
    --------
    >>> import torch
    >>> center_overlap(torch.tensor([[0.5, 0.5]]), torch.tensor([[2.0], [1.0]]))
    tensor(1.)
    """
    gamma, centers = gamma.float(), centers.float()
    alone = (gamma.square() * centers.square().sum(1)).sum(1)
    return (average_center(gamma, centers).square().sum(1) - alone).mean()


def balance_prior(gamma: Tensor, shares: Tensor | None = None) -> Tensor:
    """-sum_k log(k mean_i gamma_ik): how far cluster sizes are from equal.

    Times alpha - 1, and up to the constant k log k, it is a Dirichlet prior with all parameters alpha, as a loss.

    Parameters
    ----------
    gamma : Tensor of shape (n, k)
    shares : Tensor of shape (k,), optional
        Shares of the clusters in more than this batch, in which small clusters may be missing by chance: the gradient
        is the prior's at these.

    Returns
    -------
    Tensor of shape ()
        0 where all clusters have equal shares, else more.

    Examples
    --------
    >>> import torch
    >>> round(balance_prior(torch.tensor([[0.75, 0.25]])).item(), 4)  # -log 1.5 - log 0.5
    0.2877
    """
    here = gamma.float().mean(0)
    shares = (here if shares is None else shares + here - here.detach()) + TINY
    return -torch.log(len(shares) * shares).sum()


def orthogonality(centers: Tensor) -> Tensor:
    """sum |C C^T - I|: how far centers are from orthonormal.

    Parameters
    ----------
    centers : Tensor of shape (k, d)
        k <= d.

    Returns
    -------
    Tensor of shape ()
        0 where each center has length one and all are at right angles.

    Examples
    --------
    >>> import torch
    >>> orthogonality(torch.tensor([[2.0, 0.0], [0.0, 1.0]]))
    tensor(3.)
    """
    with torch.autocast(centers.device.type, enabled=False):
        centers = centers.float()
        return (centers @ centers.T - torch.eye(len(centers), device=centers.device)).abs().sum()
