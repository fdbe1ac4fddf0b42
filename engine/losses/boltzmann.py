"""Restricted Boltzmann machines: two layers of units of which each predicts the other.

References
----------
G. E. Hinton, Neural Computation 14, 2002, "Training Products of Experts by Minimizing Contrastive Divergence".
G. E. Hinton, R. R. Salakhutdinov, Science 313, 2006, whose machines have Gaussian units for real numbers at both ends.
"""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor


@dataclass(frozen=True)
class BoltzmannMachine:
    """Weights and kinds of v visible and h hidden units; Gaussian units have variance 1, others are 0 or 1.

    Examples
    --------
    >>> import torch
    >>> machine = BoltzmannMachine(torch.zeros(3, 2), torch.zeros(3), torch.zeros(2), real=True, code=False)
    >>> machine.inside(torch.ones(1, 2))
    tensor([[0.5000, 0.5000, 0.5000]])
    """

    weight: Tensor
    """(h, v)."""
    hidden: Tensor
    """(h,) biases."""
    visible: Tensor
    """(v,) biases."""
    real: bool
    """Whether the visible units are Gaussian."""
    code: bool
    """Whether the hidden units are Gaussian."""

    def inside(self, visible: Tensor) -> Tensor:
        """(n, v) -> (n, h): the mean of the hidden units."""
        drive = F.linear(visible, self.weight, self.hidden)
        return drive if self.code else drive.sigmoid()

    def outside(self, hidden: Tensor) -> Tensor:
        """(n, h) -> (n, v): the mean of the visible units."""
        drive = F.linear(hidden, self.weight.T, self.visible)
        return drive if self.real else drive.sigmoid()

    def free_energy(self, visible: Tensor) -> Tensor:
        """(n, v) -> (n,): -log of the sum over all hidden units of exp(-energy), up to a constant."""
        own = (visible - self.visible).square().sum(1) / 2 if self.real else -visible @ self.visible
        if self.code:
            drive = F.linear(visible, self.weight)
            return own - drive @ self.hidden - drive.square().sum(1) / 2
        return own - F.softplus(F.linear(visible, self.weight, self.hidden)).sum(1)


def contrastive_divergence(machine: BoltzmannMachine, visible: Tensor) -> tuple[Tensor, Tensor]:
    """A loss whose gradient is that of one step of contrastive divergence (CD-1).

    Hidden units are drawn, visible ones take their means (Hinton 2010, "A Practical Guide", section 3). The gradient of the
    free energies' difference is <v h> at the samples minus <v h> at the reconstructions.

    Parameters
    ----------
    machine : BoltzmannMachine
    visible : Tensor of shape (n, v)

    Returns
    -------
    loss : Tensor of shape ()
        Mean over samples; its value means nothing, its gradient does.
    reconstructed : Tensor of shape (n, v)

    Examples
    --------
    >>> import torch
    >>> machine = BoltzmannMachine(torch.zeros(1, 2), torch.zeros(1), torch.zeros(2), real=True, code=False)
    >>> loss, reconstructed = contrastive_divergence(machine, torch.tensor([[1.0, 1.0]]))
    >>> loss.item(), reconstructed.tolist()
    (1.0, [[0.0, 0.0]])
    """
    with torch.no_grad():
        inside = machine.inside(visible)
        sampled = inside + torch.randn_like(inside) if machine.code else torch.bernoulli(inside)
        reconstructed = machine.outside(sampled)
    return (machine.free_energy(visible) - machine.free_energy(reconstructed)).mean(), reconstructed
