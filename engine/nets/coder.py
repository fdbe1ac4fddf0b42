"""What every autoencoder of the catalogue is to the methods that train it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import cast

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
