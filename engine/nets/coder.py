"""What every autoencoder of the catalogue is to the methods that train it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import cast

import torch
from torch import Tensor, nn


class Coder(nn.Module, ABC):
    """An encoder whose last layer is a linear code, and what redraws samples from it."""

    shape: tuple[int, ...]
    latent: int
    encoder: nn.Sequential

    def encode(self, x: Tensor) -> Tensor:
        """[n, *shape] -> [n, latent]"""
        code: Tensor = self.encoder(self.prepared(x))
        return code

    def hidden(self, x: Tensor) -> Tensor:
        """[n, *shape] -> [n, wide], from which the last layer, `code`, makes the code."""
        wide: Tensor = self.encoder[:-1](self.prepared(x))
        return wide

    def prepared(self, x: Tensor) -> Tensor:
        """Samples as the encoder takes them."""
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
        """[n, latent] -> [n, *shape]"""

    @torch.no_grad()
    def move(self, basis: Tensor, here: Tensor | None = None, there: Tensor | None = None) -> None:
        """Codes z become (z - here) @ basis + there, while all that is redrawn from them stays as it is.

        `basis` [latent, latent] can be inverted; `here` and `there` are [latent], zero where they are left out.
        """
        code, opening, basis = self.code, self.opening, basis.double()
        here = torch.zeros_like(basis[0]) if here is None else here.double()
        there = torch.zeros_like(basis[0]) if there is None else there.double()
        back = torch.linalg.solve(basis, opening.weight.double().T).T
        opening.bias.add_((opening.weight.double() @ here - back @ there).float())
        opening.weight.copy_(back)
        code.bias.copy_((code.bias.double() - here) @ basis + there)
        code.weight.copy_(basis.T @ code.weight.double())
