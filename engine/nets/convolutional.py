"""Convolutional autoencoder: three strided convolutions, a linear code, and back.

References
----------
X. Guo, X. Liu, E. Zhu, J. Yin, ICONIP 2017, "Deep Clustering with Convolutional Autoencoders" (DCEC).
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from engine.core.errors import InputError
from engine.nets.coder import Coder

FILTERS = (32, 64, 128)
SMALLEST, LARGE = 8, 16
"""Sides of pictures: those that three halvings leave something of, and those that are better looked at patch by patch."""


def convolutional(shape: tuple[int, ...], network: str) -> bool:
    """Whether samples of a shape get a convolutional network.

    Parameters
    ----------
    shape : tuple of int
        Of a sample.
    network : str
        "convolutional", or "auto", which gives it to images from 16 x 16.

    Returns
    -------
    bool

    Raises
    ------
    InputError
        Where it is asked for and the samples are no images of at least 8 x 8.

    Examples
    --------
    >>> convolutional((1, 28, 28), "auto"), convolutional((1, 8, 8), "auto"), convolutional((64,), "dense")
    (True, False, False)
    """
    side = min(shape[1:]) if len(shape) == 3 else 0
    if network == "convolutional" and side < SMALLEST:
        raise InputError(
            "The convolutional network needs pictures of at least 8 x 8: choose the dense network instead."
        )
    return network == "convolutional" or (network == "auto" and side >= LARGE)


class ConvolutionalAutoencoder(Coder):
    """Autoencoder for images of any size from 8 x 8: padded to a multiple of eight inside, cropped again at the end.

    Parameters
    ----------
    shape : tuple of int
        Channels, height and width.
    latent : int
        Dimension of the code.

    Examples
    --------
    >>> import torch
    >>> net = ConvolutionalAutoencoder((1, 9, 9), 2)
    >>> net.decode(net.encode(torch.zeros(1, 1, 9, 9))).shape
    torch.Size([1, 1, 9, 9])
    """

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
        """Pictures [n, c, h, w] from codes [n, latent]."""
        wide = F.relu(self.widen(z)).view(len(z), *self.small)
        picture: Tensor = self.decoder(wide.contiguous(memory_format=torch.channels_last))
        return picture[:, :, : self.shape[1], : self.shape[2]]

    def preprocess(self, x: Tensor) -> Tensor:
        """Pictures [n, c, h, w] padded with zeros up to multiples of eight, as the layers take them."""
        height, width = self.shape[1:]
        x = F.pad(x, (0, self.padded[1] - width, 0, self.padded[0] - height))
        return x.contiguous(memory_format=torch.channels_last)
