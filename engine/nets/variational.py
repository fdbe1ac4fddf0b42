"""A variational autoencoder (Kingma & Welling 2014): its code is a cloud, a mean and a log-variance for every number of it."""

import torch
from torch import Tensor, nn

from engine.nets.coder import Coder

WIDEST = 10.0
"""Log-variances stay within plus and minus this, so that neither they nor what is divided by them overflows."""

NARROW = -4.0
"""Log-variance at the start: small beside codes of unit scale, so that training begins near the plain autoencoder."""


class VariationalAutoencoder(nn.Module):
    """Any autoencoder with a second head beside its code, which becomes the mean; all clouds begin equally wide."""

    def __init__(self, plain: Coder) -> None:
        super().__init__()
        self.plain = plain
        self.log_variance = nn.Linear(plain.code.in_features, plain.latent)
        nn.init.zeros_(self.log_variance.weight)
        nn.init.constant_(self.log_variance.bias, NARROW)

    def cloud(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """[n, *shape] -> mean and log-variance of the code, [n, latent] each, in float32."""
        hidden = self.plain.hidden(x)
        return self.plain.code(hidden).float(), bounded(self.log_variance(hidden).float())

    def turn(self, basis: Tensor) -> None:
        """Means z become z @ basis [latent, latent], while all that is redrawn from them stays as it is."""
        self.plain.move(basis)

    def encode(self, x: Tensor) -> Tensor:
        """[n, *shape] -> [n, latent], the mean."""
        return self.plain.encode(x)

    def decode(self, z: Tensor) -> Tensor:
        """[n, latent] -> [n, *shape]"""
        return self.plain.decode(z)


def draw(mean: Tensor, log_variance: Tensor) -> Tensor:
    """A random point of every cloud, differentiable in both (the reparameterization trick)."""
    return mean + torch.exp(log_variance / 2) * torch.randn_like(mean)


def bounded(log_variance: Tensor) -> Tensor:
    """Log-variances that are safe to exponentiate."""
    return log_variance.clamp(-WIDEST, WIDEST)
