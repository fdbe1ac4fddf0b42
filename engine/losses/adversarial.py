"""The game of a generator against a critic (Wasserstein distance with a gradient penalty, Gulrajani et al. 2017)."""

from collections.abc import Callable

import torch
from torch import Tensor


def wasserstein(real: Tensor, made: Tensor) -> Tensor:
    """The critic's loss: how much higher it scores what is made than what is real; scores [n, 1] each."""
    return made.float().mean() - real.float().mean()


def gradient_penalty(critic: Callable[[Tensor], Tensor], real: Tensor, made: Tensor) -> Tensor:
    """(|gradient of the critic| - 1)^2 at random points between real and made samples [n, ...], mean over samples, in float32."""
    share = torch.rand(len(real), *[1] * (real.dim() - 1), device=real.device)
    between = torch.lerp(real.detach().float(), made.detach().float(), share.float()).requires_grad_()
    with torch.autocast(real.device.type, enabled=False):
        score = critic(between).sum()
        (slope,) = torch.autograd.grad(score, between, create_graph=True)
    steepness: Tensor = slope.flatten(1).norm(dim=1)
    return (steepness - 1).square().mean()
