"""What every autoencoder is to the methods that train it.

References
----------
G. E. Hinton, R. R. Salakhutdinov, Science 313, 2006, "Reducing the Dimensionality of Data with Neural Networks".
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import cast

import torch
from torch import Tensor, nn


class Coder(nn.Module, ABC):
    """An encoder whose last layer is a linear code, and a decoder that reconstructs samples from it.

    Examples
    --------
    Codes are doubled, and reconstructions stay the same:

    >>> import torch
    >>> from engine.nets import Autoencoder
    >>> net, x = Autoencoder((3,), 2, (4,)), torch.ones(1, 3)
    >>> z, reconstruction = net.encode(x), net.decode(net.encode(x))
    >>> net.move(2 * torch.eye(2))
    >>> torch.allclose(net.encode(x), 2 * z), torch.allclose(net.decode(net.encode(x)), reconstruction, atol=1e-5)
    (True, True)
    """

    shape: tuple[int, ...]
    latent: int
    encoder: nn.Sequential

    def encode(self, x: Tensor) -> Tensor:
        """Codes of samples.

        Parameters
        ----------
        x : Tensor of shape (n, *shape)

        Returns
        -------
        Tensor of shape (n, latent)
        """
        code: Tensor = self.encoder(self.preprocess(x))
        return code

    def hidden(self, x: Tensor) -> Tensor:
        """What the last layer of the encoder, `code`, makes the code from.

        Parameters
        ----------
        x : Tensor of shape (n, *shape)

        Returns
        -------
        Tensor of shape (n, width)
        """
        wide: Tensor = self.encoder[:-1](self.preprocess(x))
        return wide

    def preprocess(self, x: Tensor) -> Tensor:
        """Samples [n, *shape] as the encoder takes them."""
        return x

    @property
    def code(self) -> nn.Linear:
        """The last layer of the encoder."""
        return cast(nn.Linear, self.encoder[-1])

    @property
    @abstractmethod
    def opening(self) -> nn.Linear:
        """The first layer of the decoder."""

    @abstractmethod
    def decode(self, z: Tensor) -> Tensor:
        """Samples reconstructed from codes.

        Parameters
        ----------
        z : Tensor of shape (n, latent)

        Returns
        -------
        Tensor of shape (n, *shape)
        """

    @torch.no_grad()
    def move(self, basis: Tensor, origin: Tensor | None = None, target: Tensor | None = None) -> None:
        """Change the weights so that codes z become (z - origin) @ basis + target, and reconstructions stay as they are.

        Parameters
        ----------
        basis : Tensor of shape (latent, latent)
            Invertible.
        origin, target : Tensor of shape (latent,), optional
            Zero by default.
        """
        code, opening, basis = self.code, self.opening, basis.double()
        origin = torch.zeros_like(basis[0]) if origin is None else origin.double()
        target = torch.zeros_like(basis[0]) if target is None else target.double()
        inverted = torch.linalg.solve(basis, opening.weight.double().T).T
        opening.bias.add_((opening.weight.double() @ origin - inverted @ target).float())
        opening.weight.copy_(inverted)
        code.bias.copy_((code.bias.double() - origin) @ basis + target)
        code.weight.copy_(basis.T @ code.weight.double())
