"""k-means as a layer of votes and a layer of centers (Boubekki, Kampffmeyer, Brefeld & Jenssen 2021, the Clustering Module).

Votes gamma [n, k] are a softmax and sum to one in each row; a sample is redrawn as gamma @ centers. All in float32.
"""

import torch
from torch import Tensor

TINY = 1e-10
"""Added to the shares of the groups, as the authors do, so that a group without votes costs much but not everything."""


def average_center(gamma: Tensor, centers: Tensor) -> Tensor:
    """[n, k], [k, d] -> [n, d]: what the module redraws, the mean of the centers under the votes."""
    with torch.autocast(gamma.device.type, enabled=False):
        return gamma.float() @ centers.float()


def hesitation(gamma: Tensor, centers: Tensor) -> Tensor:
    """sum_k gamma_k (1 - gamma_k) |c_k|^2, mean over samples: what it costs to vote for more than one long center."""
    lengths = centers.float().square().sum(1)
    return (undecided(gamma) * lengths).sum(1).mean()


def overlap(gamma: Tensor, centers: Tensor) -> Tensor:
    """sum over pairs k != l of gamma_k gamma_l c_k . c_l, mean over samples: how alike the centers are that share votes.

    The squared error of `average_center` plus `hesitation` minus this is sum_k gamma_k |x - c_k|^2, soft k-means.
    """
    gamma, centers = gamma.float(), centers.float()
    alone = (gamma.square() * centers.square().sum(1)).sum(1)
    return (average_center(gamma, centers).square().sum(1) - alone).mean()


def undecided(gamma: Tensor) -> Tensor:
    """[n, k] gamma (1 - gamma), 0 where a vote is all or nothing."""
    gamma = gamma.float()
    return gamma * (1 - gamma)


def imbalance(gamma: Tensor) -> Tensor:
    """-sum_k log(k mean_i gamma_ik): 0 where all groups have equal shares of the batch, else more.

    Times alpha - 1, and up to the constant k log k, it is a Dirichlet prior with all parameters alpha, as a loss.
    """
    shares = gamma.float().mean(0) + TINY
    return -torch.log(len(shares) * shares).sum()


def orthogonality(centers: Tensor) -> Tensor:
    """sum |C C^T - I| of centers C [k, d]: 0 where each has length one and all are at right angles (k <= d)."""
    with torch.autocast(centers.device.type, enabled=False):
        centers = centers.float()
        return (centers @ centers.T - torch.eye(len(centers), device=centers.device)).abs().sum()
