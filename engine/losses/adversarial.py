"""Losses of a generator and a critic.

References
----------
I. Gulrajani, F. Ahmed, M. Arjovsky, V. Dumoulin, A. Courville, NIPS 2017, "Improved Training of Wasserstein GANs".
"""

from collections.abc import Callable

import torch
from torch import Tensor


def wasserstein(real: Tensor, generated: Tensor) -> Tensor:
    """Critic loss: how much higher the critic scores generated samples than real ones.

    Parameters
    ----------
    real, generated : Tensor of shape (n, 1)
        Scores of the critic.

    Returns
    -------
    Tensor of shape ()
        Mean score of generated samples minus mean score of real ones.

    Examples
    --------
    >>> import torch
    >>> wasserstein(torch.tensor([[3.0], [1.0]]), torch.tensor([[0.0], [1.0]]))
    tensor(-1.5000)
    """
    return generated.float().mean() - real.float().mean()


def gradient_penalty(critic: Callable[[Tensor], Tensor], real: Tensor, generated: Tensor) -> Tensor:
    """Squared distance of the critic's gradient norm from 1 at random points between real and generated samples.

    Parameters
    ----------
    critic : callable
        Maps samples (n, ...) to scores (n, 1).
    real, generated : Tensor of shape (n, ...)
        Samples; the points lie on the lines between pairs of them, drawn from torch's generator.

    Returns
    -------
    Tensor of shape ()
        Mean over samples of (|gradient| - 1)^2, in float32.

    Examples
    --------
    A linear critic has the same gradient everywhere, here of length 5:

    >>> import torch
    >>> critic = lambda x: x @ torch.tensor([[3.0], [4.0]])
    >>> gradient_penalty(critic, torch.zeros(2, 2), torch.ones(2, 2)).item()
    16.0
    """
    share = torch.rand(len(real), *[1] * (real.dim() - 1), device=real.device)
    between = torch.lerp(real.detach().float(), generated.detach().float(), share.float()).requires_grad_()
    with torch.autocast(real.device.type, enabled=False):
        score = critic(between).sum()
        (slope,) = torch.autograd.grad(score, between, create_graph=True)
    steepness: Tensor = slope.flatten(1).norm(dim=1)
    return (steepness - 1).square().mean()
