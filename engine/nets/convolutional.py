"""The convolutional autoencoder of Guo et al. 2017 (DCEC): three strided convolutions, a linear code, and back."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from engine.core.errors import InputError
from engine.nets.coder import Coder

FILTERS = (32, 64, 128)
SMALLEST, LARGE = 8, 16
"""Sides of pictures: those that three halvings leave something of, and those that are better looked at patch by patch."""


def convolutional(shape: tuple[int, ...], network: str) -> bool:
    """Whether samples of this shape get a convolutional network: "auto" gives it to large pictures.

    InputError where it is asked for and cannot be.
    """
    side = min(shape[1:]) if len(shape) == 3 else 0
    if network == "convolutional" and side < SMALLEST:
        raise InputError(
            "The convolutional network needs pictures of at least 8 x 8: choose the dense network instead."
        )
    return network == "convolutional" or (network == "auto" and side >= LARGE)


class ConvolutionalAutoencoder(Coder):
    """Pictures [n, c, h, w] of any size from 8 x 8: padded to a multiple of eight inside, cropped again at the end."""

    def __init__(self, shape: tuple[int, ...], latent: int) -> None:
        super().__init__()
        self.shape, self.latent = shape, latent
        channels, height, width = shape
        self.padded = (-(-height // 8) * 8, -(-width // 8) * 8)
        self.small = (FILTERS[2], self.padded[0] // 8, self.padded[1] // 8)
        flat = self.small[0] * self.small[1] * self.small[2]
        self.encoder = nn.Sequential(
            nn.Conv2d(channels, FILTERS[0], 5, 2, 2),
            nn.ReLU(),
            nn.Conv2d(FILTERS[0], FILTERS[1], 5, 2, 2),
            nn.ReLU(),
            nn.Conv2d(FILTERS[1], FILTERS[2], 3, 2, 1),
            nn.ReLU(),
            nn.Flatten(),
            nn.Linear(flat, latent),
        )
        self.widen = nn.Linear(latent, flat)
        self.decoder = nn.Sequential(
            nn.ConvTranspose2d(FILTERS[2], FILTERS[1], 3, 2, 1, 1),
            nn.ReLU(),
            nn.ConvTranspose2d(FILTERS[1], FILTERS[0], 5, 2, 2, 1),
            nn.ReLU(),
            nn.ConvTranspose2d(FILTERS[0], channels, 5, 2, 2, 1),
        )

    @property
    def opening(self) -> nn.Linear:
        """The first layer of the decoder."""
        return self.widen

    def decode(self, z: Tensor) -> Tensor:
        """[n, latent] -> [n, c, h, w]"""
        wide = F.relu(self.widen(z)).view(len(z), *self.small)
        picture: Tensor = self.decoder(wide.contiguous(memory_format=torch.channels_last))
        return picture[:, :, : self.shape[1], : self.shape[2]]

    def prepared(self, x: Tensor) -> Tensor:
        """[n, c, h, w] -> the same with zeros up to multiples of eight, as the layers take it."""
        height, width = self.shape[1:]
        x = F.pad(x, (0, self.padded[1] - width, 0, self.padded[0] - height))
        return x.contiguous(memory_format=torch.channels_last)
