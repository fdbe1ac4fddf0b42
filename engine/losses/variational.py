"""The bound of a variational autoencoder whose code comes from a mixture of Gaussians.

With q(z) = N(mean, exp(log-variance)) of a sample and gamma its probability of each component, -log p(x) is at most the
reconstruction error plus `gaussian_divergence` plus `category_divergence`. All in float32, sum over numbers of the code, mean
over samples.

References
----------
Z. Jiang, Y. Zheng, H. Tan, B. Tang, H. Zhou, IJCAI 2017, "Variational Deep Embedding" (VaDE), eq. 8 to 16.
"""

from typing import NamedTuple

import torch
from torch import Tensor


class GaussianMixture(NamedTuple):
    """A mixture of k Gaussians with diagonal covariances."""

    log_weights: Tensor
    """(k,), their exponentials sum to one."""
    means: Tensor
    """(k, d)."""
    log_variances: Tensor
    """(k, d)."""


def log_responsibilities(z: Tensor, mixture: GaussianMixture) -> Tensor:
    """log p(c | z) of each component.

    Parameters
    ----------
    z : Tensor of shape (n, d)
        Codes.
    mixture : GaussianMixture

    Returns
    -------
    Tensor of shape (n, k)

    Examples
    --------
    >>> import torch
    >>> mixture = GaussianMixture(torch.log(torch.tensor([0.5, 0.5])), torch.tensor([[0.0], [2.0]]), torch.zeros(2, 1))
    >>> log_responsibilities(torch.tensor([[1.0]]), mixture).exp()
    tensor([[0.5000, 0.5000]])
    """
    _, means, log_variances = mixture
    away = (z.float().unsqueeze(1) - means).square() * torch.exp(-log_variances) + log_variances
    return torch.log_softmax(mixture.log_weights - away.sum(2) / 2, 1)


def gaussian_divergence(mean: Tensor, log_variance: Tensor, log_gamma: Tensor, mixture: GaussianMixture) -> Tensor:
    """sum_c gamma_c KL(q(z) || N_c): how far each sample's Gaussian is from the components it belongs to.

    Parameters
    ----------
    mean, log_variance : Tensor of shape (n, d)
        Of q(z).
    log_gamma : Tensor of shape (n, k)
        Log-probability of each component.
    mixture : GaussianMixture

    Returns
    -------
    Tensor of shape ()

    Examples
    --------
    >>> import torch
    >>> mixture = GaussianMixture(torch.zeros(1), torch.tensor([[3.0]]), torch.zeros(1, 1))
    >>> gaussian_divergence(torch.tensor([[1.0]]), torch.zeros(1, 1), torch.zeros(1, 1), mixture)  # 2^2 / 2
    tensor(2.)
    """
    mean, log_variance = mean.float().unsqueeze(1), log_variance.float().unsqueeze(1)
    _, means, log_variances = mixture
    wide = (torch.exp(log_variance) + (mean - means).square()) * torch.exp(-log_variances)
    divergence = (wide - 1 + log_variances - log_variance).sum(2) / 2
    return (log_gamma.exp() * divergence).sum(1).mean()


def category_divergence(log_gamma: Tensor, log_weights: Tensor) -> Tensor:
    """KL(gamma || pi): how much surer than the weights of the components each sample's assignment is.

    Parameters
    ----------
    log_gamma : Tensor of shape (n, k)
        Log-probability of each component.
    log_weights : Tensor of shape (k,)
        Logarithms of the weights pi.

    Returns
    -------
    Tensor of shape ()

    Examples
    --------
    >>> import torch
    >>> category_divergence(torch.log(torch.tensor([[1.0 - 1e-7, 1e-7]])), torch.log(torch.tensor([0.5, 0.5])))  # log 2
    tensor(0.6931)
    """
    return (log_gamma.exp() * (log_gamma - log_weights)).sum(1).mean()
