"""Codes between two samples that decode as if they were of one (ACAI).

A critic is shown decoded interpolations and estimates the weight of the minor sample; the decoder wants it to estimate zero.

References
----------
D. Berthelot, C. Raffel, A. Roy, I. Goodfellow, ICLR 2019, "Understanding and Improving Interpolation in Autoencoders via an
Adversarial Regularizer", arXiv:1807.07543.
"""

import torch
from torch import Tensor


def interpolation_weights(n: int, device: torch.device) -> Tensor:
    """Random weights of the minor sample in each interpolation, from 0 to a half.

    Parameters
    ----------
    n : int
    device : torch.device

    Returns
    -------
    Tensor of shape (n, 1)

    Examples
    --------
    >>> import torch
    >>> weights = interpolation_weights(100, torch.device("cpu"))
    >>> bool(((weights >= 0) & (weights <= 0.5)).all())
    True
    """
    return torch.rand(n, 1, device=device) / 2


def interpolate(z: Tensor, weight: Tensor) -> Tensor:
    """Codes mixed with the code of the sample before them; before the first comes the last.

    Parameters
    ----------
    z : Tensor of shape (n, d)
    weight : Tensor of shape (n, 1)
        Weight of the sample before.

    Returns
    -------
    Tensor of shape (n, d)

    Examples
    --------
    >>> import torch
    >>> interpolate(torch.tensor([[0.0], [4.0]]), torch.tensor([[0.5], [0.25]]))
    tensor([[2.],
            [3.]])
    """
    return torch.lerp(z.float(), z.float().roll(1, 0), weight)


def acai_loss(estimated: Tensor) -> Tensor:
    """The decoder's loss: mean square of the weights that the critic estimates.

    Parameters
    ----------
    estimated : Tensor of shape (n, 1)
        Estimates for decoded interpolations.

    Returns
    -------
    Tensor of shape ()
        0 where the critic takes each interpolation for one sample.

    Examples
    --------
    >>> import torch
    >>> acai_loss(torch.tensor([[0.5], [0.0]]))
    tensor(0.1250)
    """
    return estimated.float().square().mean()


def acai_critic_loss(estimated: Tensor, weight: Tensor, estimated_of_plain: Tensor) -> Tensor:
    """The critic's loss: squared error of its estimates, and the square of those for samples that are not interpolated.

    Parameters
    ----------
    estimated, weight : Tensor of shape (n, 1)
        Estimated and true weights of interpolations.
    estimated_of_plain : Tensor of shape (m, 1)
        Estimates for samples decoded from their own code.

    Returns
    -------
    Tensor of shape ()

    Examples
    --------
    >>> import torch
    >>> acai_critic_loss(torch.tensor([[0.5]]), torch.tensor([[0.0]]), torch.tensor([[1.0]]))
    tensor(1.2500)
    """
    return (estimated.float() - weight.float()).square().mean() + acai_loss(estimated_of_plain)
