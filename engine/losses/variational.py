"""The bound of a variational autoencoder whose code comes from a mixture of Gaussians (Jiang et al. 2017, eq. 8 to 16).

With q(z) = N(mean, exp(log-variance)) of a sample and gamma its probability of each cloud, -log p(x) is at most the
reconstruction error plus `cloud_divergence` plus `choice_divergence`. All in float32, sum over numbers of the code, mean over
samples.
"""

from typing import NamedTuple

import torch
from torch import Tensor


class Clouds(NamedTuple):
    """A mixture of k Gaussians with diagonal covariances."""

    log_weights: Tensor
    """[k], their exponentials sum to one"""
    means: Tensor
    """[k, d]"""
    log_variances: Tensor
    """[k, d]"""


def log_membership(z: Tensor, clouds: Clouds) -> Tensor:
    """log p(c | z), of the probability [n, k] of each cloud at the codes z [n, d]."""
    _, means, log_variances = clouds
    away = (z.float().unsqueeze(1) - means).square() * torch.exp(-log_variances) + log_variances
    return torch.log_softmax(clouds.log_weights - away.sum(2) / 2, 1)


def cloud_divergence(mean: Tensor, log_variance: Tensor, log_gamma: Tensor, clouds: Clouds) -> Tensor:
    """sum_c gamma_c KL(q(z) || N_c): how far each sample's cloud, [n, d] each, is from the clouds it belongs to [n, k]."""
    mean, log_variance = mean.float().unsqueeze(1), log_variance.float().unsqueeze(1)
    _, means, log_variances = clouds
    wide = (torch.exp(log_variance) + (mean - means).square()) * torch.exp(-log_variances)
    divergence = (wide - 1 + log_variances - log_variance).sum(2) / 2
    return (log_gamma.exp() * divergence).sum(1).mean()


def choice_divergence(log_gamma: Tensor, log_weights: Tensor) -> Tensor:
    """KL(gamma || pi): how much surer than the weights of the clouds [k] each sample's choice [n, k] is."""
    return (log_gamma.exp() * (log_gamma - log_weights)).sum(1).mean()
