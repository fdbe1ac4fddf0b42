"""The fully connected autoencoder that nearly all of the literature shares.

References
----------
J. Xie, R. Girshick, A. Farhadi, ICML 2016, "Unsupervised Deep Embedding for Clustering Analysis" (D-500-500-2000-10).
K. He, X. Zhang, S. Ren, J. Sun, ICCV 2015, "Delving Deep into Rectifiers" (initial weights).
"""

import math
from itertools import pairwise
from typing import cast

from torch import Tensor, nn

from engine.nets.coder import Coder

SMALL = 0.01
"""Spread of the first weights of Hinton & Salakhutdinov 2006."""


class Autoencoder(Coder):
    """Dense encoder to a linear code, and its mirror image; samples are flattened, and both ends are linear.

    Parameters
    ----------
    shape : tuple of int
        Of a sample.
    latent : int
        Dimension of the code.
    layers : tuple of int
        Hidden layers of the encoder.
    activation : type of Module
        What stands between layers: ReLU, or the sigmoid of a deep belief network.

    Examples
    --------
    >>> import torch
    >>> net = Autoencoder((2, 3), 4, (5,))
    >>> z = net.encode(torch.zeros(1, 2, 3))
    >>> z.shape, net.decode(z).shape
    (torch.Size([1, 4]), torch.Size([1, 2, 3]))
    """

    def __init__(
        self,
        shape: tuple[int, ...],
        latent: int,
        layers: tuple[int, ...] = (500, 500, 2000),
        activation: type[nn.Module] = nn.ReLU,
    ) -> None:
        super().__init__()
        self.shape, self.latent = shape, latent
        sizes = (math.prod(shape), *layers, latent)
        self.encoder = dense(sizes, activation)
        self.decoder = dense(sizes[::-1], activation)

    def preprocess(self, x: Tensor) -> Tensor:
        """Samples [n, *shape] as rows [n, columns]."""
        return x.flatten(1)

    @property
    def opening(self) -> nn.Linear:
        """The first layer of the decoder."""
        return cast(nn.Linear, self.decoder[0])

    def decode(self, z: Tensor) -> Tensor:
        """Samples [n, *shape] from codes [n, latent]."""
        flat: Tensor = self.decoder(z)
        return flat.view(len(z), *self.shape)


def dense(sizes: tuple[int, ...], activation: type[nn.Module] = nn.ReLU) -> nn.Sequential:
    """Linear layers with an activation between them, none after the last.

    Initial weights are those of He et al. for ReLU; for sigmoids they are small, as Boltzmann machines want them.

    Parameters
    ----------
    sizes : tuple of int
        Of input, hidden layers and output.
    activation : type of Module

    Returns
    -------
    Sequential

    Examples
    --------
    >>> [type(layer).__name__ for layer in dense((4, 3, 2))]
    ['Linear', 'ReLU', 'Linear']
    """
    parts: list[nn.Module] = []
    for i, (wide, narrow) in enumerate(pairwise(sizes), start=2):
        layer = nn.Linear(wide, narrow)
        if activation is nn.ReLU:
            nn.init.kaiming_uniform_(layer.weight, nonlinearity="relu" if i < len(sizes) else "linear")
        else:
            nn.init.normal_(layer.weight, std=SMALL)
        nn.init.zeros_(layer.bias)
        parts += [layer, activation()]
    return nn.Sequential(*parts[:-1])
