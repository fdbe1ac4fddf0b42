"""The fully connected autoencoder that nearly all of the literature shares (Xie et al. 2016: D-500-500-2000-10)."""

import math
from itertools import pairwise
from typing import cast

from torch import Tensor, nn

from engine.nets.coder import Coder

SMALL = 0.01
"""Spread of the first weights of Hinton & Salakhutdinov 2006."""


class Autoencoder(Coder):
    """Flattens a sample, encodes it to a linear code and decodes it to the sample's shape; both ends are linear.

    `bend` is what stands between layers: ReLU, or the sigmoid of a deep belief network.
    """

    def __init__(
        self,
        shape: tuple[int, ...],
        latent: int,
        layers: tuple[int, ...] = (500, 500, 2000),
        bend: type[nn.Module] = nn.ReLU,
    ) -> None:
        super().__init__()
        self.shape, self.latent = shape, latent
        sizes = (math.prod(shape), *layers, latent)
        self.encoder = dense(sizes, bend)
        self.decoder = dense(sizes[::-1], bend)

    def prepared(self, x: Tensor) -> Tensor:
        """Without its axes."""
        return x.flatten(1)

    @property
    def opening(self) -> nn.Linear:
        """The first layer of the decoder."""
        return cast(nn.Linear, self.decoder[0])

    def decode(self, z: Tensor) -> Tensor:
        """[n, latent] -> [n, *shape]"""
        flat: Tensor = self.decoder(z)
        return flat.view(len(z), *self.shape)


def dense(sizes: tuple[int, ...], bend: type[nn.Module] = nn.ReLU) -> nn.Sequential:
    """Linear layers of these sizes with `bend` between them, none after the last.

    First weights: He et al. 2015 for ReLU; small and equally spread for sigmoids, which Boltzmann machines go on from.
    """
    parts: list[nn.Module] = []
    for i, (wide, narrow) in enumerate(pairwise(sizes), start=2):
        layer = nn.Linear(wide, narrow)
        if bend is nn.ReLU:
            nn.init.kaiming_uniform_(layer.weight, nonlinearity="relu" if i < len(sizes) else "linear")
        else:
            nn.init.normal_(layer.weight, std=SMALL)
        nn.init.zeros_(layer.bias)
        parts += [layer, bend()]
    return nn.Sequential(*parts[:-1])
