"""The fully connected autoencoder that nearly all of the literature shares (Xie et al. 2016: D-500-500-2000-10)."""

import math
from itertools import pairwise
from typing import cast

from torch import Tensor, nn


class Autoencoder(nn.Module):
    """Flattens a sample, encodes it to a linear code and decodes it to the sample's shape; both ends are linear."""

    def __init__(self, shape: tuple[int, ...], latent: int, layers: tuple[int, ...] = (500, 500, 2000)) -> None:
        super().__init__()
        self.shape, self.latent = shape, latent
        sizes = (math.prod(shape), *layers, latent)
        self.encoder = dense(sizes)
        self.decoder = dense(sizes[::-1])

    def encode(self, x: Tensor) -> Tensor:
        """[n, *shape] -> [n, latent]"""
        code: Tensor = self.encoder(x.flatten(1))
        return code

    def hidden(self, x: Tensor) -> Tensor:
        """[n, *shape] -> [n, wide], from which the last layer, `code`, makes the code."""
        wide: Tensor = self.encoder[:-1](x.flatten(1))
        return wide

    @property
    def code(self) -> nn.Linear:
        """The last layer of the encoder."""
        return cast(nn.Linear, self.encoder[-1])

    @property
    def opening(self) -> nn.Linear:
        """The first layer of the decoder."""
        return cast(nn.Linear, self.decoder[0])

    def decode(self, z: Tensor) -> Tensor:
        """[n, latent] -> [n, *shape]"""
        flat: Tensor = self.decoder(z)
        return flat.view(len(z), *self.shape)


def dense(sizes: tuple[int, ...]) -> nn.Sequential:
    """Linear layers of these sizes with ReLU between them (He et al. 2015 initial weights), none after the last."""
    parts: list[nn.Module] = []
    for i, (wide, narrow) in enumerate(pairwise(sizes), start=2):
        layer = nn.Linear(wide, narrow)
        nn.init.kaiming_uniform_(layer.weight, nonlinearity="relu" if i < len(sizes) else "linear")
        nn.init.zeros_(layer.bias)
        parts += [layer, nn.ReLU()]
    return nn.Sequential(*parts[:-1])
