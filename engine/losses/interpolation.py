"""Codes between two samples that are drawn as if they were of one (Berthelot, Raffel, Roy & Goodfellow, ICLR 2019, ACAI).

"Explanations and Improving Autoencoders in Interpolation via an Adversarial Regularizer", arXiv:1807.07543. A critic is shown
what the decoder draws of blended codes and says how much of the minor sample it sees; the decoder wants it to see nothing.
"""

import torch
from torch import Tensor


def shares(n: int, device: torch.device) -> Tensor:
    """[n, 1] random shares of the minor sample in each blend, from 0 to a half."""
    return torch.rand(n, 1, device=device) / 2


def blend(z: Tensor, share: Tensor) -> Tensor:
    """Codes [n, d] of which each takes a share [n, 1] of the code before it; before the first is the last."""
    return torch.lerp(z.float(), z.float().roll(1, 0), share)


def acai_loss(said: Tensor) -> Tensor:
    """Mean square of what the critic says of blends [n, 1]: 0 where it sees one sample in each."""
    return said.float().square().mean()


def misjudgment(said: Tensor, share: Tensor, said_of_drawn: Tensor) -> Tensor:
    """The critic's loss: squared error of the shares it tells, and the square of what it says of samples that are not blended.

    Blends and their shares [n, 1]; `said_of_drawn` [m, 1] is of samples drawn from their own code.
    """
    return (said.float() - share.float()).square().mean() + acai_loss(said_of_drawn)
