"""A variational autoencoder: its code is a Gaussian, a mean and a log-variance of every dimension.

References
----------
D. P. Kingma, M. Welling, ICLR 2014, "Auto-Encoding Variational Bayes".
"""

import torch
from torch import Tensor, nn

from engine.nets.coder import Coder

WIDEST = 10.0
"""Log-variances stay within plus and minus this, so that neither they nor what is divided by them overflows."""

NARROW = -4.0
"""Log-variance at the start: small beside codes of unit scale, so that training begins near the plain autoencoder."""


class VariationalAutoencoder(nn.Module):
    """Any autoencoder with a second head beside its code, which becomes the mean; all variances begin equal.

    Parameters
    ----------
    plain : Coder

    Examples
    --------
    >>> import torch
    >>> from engine.nets import Autoencoder
    >>> mean, log_variance = VariationalAutoencoder(Autoencoder((4,), 2, (3,))).posterior(torch.zeros(1, 4))
    >>> mean.shape, log_variance
    (torch.Size([1, 2]), tensor([[-4., -4.]]...))
    """

    def __init__(self, plain: Coder) -> None:
        super().__init__()
        self.plain = plain
        self.log_variance = nn.Linear(plain.code.in_features, plain.latent)
        nn.init.zeros_(self.log_variance.weight)
        nn.init.constant_(self.log_variance.bias, NARROW)

    def posterior(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Gaussian posterior of each code.

        Parameters
        ----------
        x : Tensor of shape (n, *shape)

        Returns
        -------
        mean, log_variance : Tensor of shape (n, latent), float32
        """
        hidden = self.plain.hidden(x)
        return self.plain.code(hidden).float(), clamp_log_variance(self.log_variance(hidden).float())

    def rotate(self, basis: Tensor) -> None:
        """Change the weights so that means z become z @ basis, and reconstructions stay as they are.

        Parameters
        ----------
        basis : Tensor of shape (latent, latent)
        """
        self.plain.move(basis)

    def encode(self, x: Tensor) -> Tensor:
        """Mean of each code.

        Parameters
        ----------
        x : Tensor of shape (n, *shape)

        Returns
        -------
        Tensor of shape (n, latent)
        """
        return self.plain.encode(x)

    def decode(self, z: Tensor) -> Tensor:
        """Samples reconstructed from codes.

        Parameters
        ----------
        z : Tensor of shape (n, latent)

        Returns
        -------
        Tensor of shape (n, *shape)
        """
        return self.plain.decode(z)


def reparameterize(mean: Tensor, log_variance: Tensor) -> Tensor:
    """Random codes, differentiable in mean and log-variance.

    Parameters
    ----------
    mean, log_variance : Tensor of shape (n, d)

    Returns
    -------
    Tensor of shape (n, d)

    Examples
    --------
    >>> import torch
    >>> reparameterize(torch.ones(1, 1), torch.full((1, 1), -200.0))
    tensor([[1.]])
    """
    return mean + torch.exp(log_variance / 2) * torch.randn_like(mean)


def clamp_log_variance(log_variance: Tensor) -> Tensor:
    """Log-variances that are safe to exponentiate.

    Parameters
    ----------
    log_variance : Tensor

    Returns
    -------
    Tensor of the same shape

    Examples
    --------
    >>> import torch
    >>> clamp_log_variance(torch.tensor([-99.0, 1.0]))
    tensor([-10.,   1.])
    """
    return log_variance.clamp(-WIDEST, WIDEST)
