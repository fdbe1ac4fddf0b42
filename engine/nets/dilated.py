"""An autoencoder for series from dilated convolutions.

Each block looks twice as far as the one before, until the last sees the whole series.

Deviations: the encoder of the paper is causal and takes the maximum of each feature over all time; this one looks both ways and
takes it for each of a few segments, or where something happened could not be reconstructed. The decoder is its mirror.

References
----------
J.-Y. Franceschi, A. Dieuleveut, M. Jaggi, NeurIPS 2019, "Unsupervised Scalable Representation Learning for Multivariate
Time Series".
S. Bai, J. Z. Kolter, V. Koltun, arXiv:1803.01271, 2018, "An Empirical Evaluation of Generic Convolutional and Recurrent
Networks for Sequence Modeling".
"""

import torch.nn.functional as F
from torch import Tensor, nn

from engine.nets.coder import Coder

STEPS = 512
"""Steps inside at most: longer series are taken in patches, or what the gradients need fills the memory."""
FILTERS = 32
STRETCHES = 8
"""Parts of the series, each of which has its own maximum in the code."""


class DilatedAutoencoder(Coder):
    """Autoencoder for series of any length from 8: padded to a multiple inside, cropped again at the end.

    Parameters
    ----------
    shape : tuple of int
        Channels and time steps.
    latent : int
        Dimension of the code.

    Examples
    --------
    >>> import torch
    >>> net = DilatedAutoencoder((1, 20), 2)
    >>> net.decode(net.encode(torch.zeros(1, 1, 20))).shape
    torch.Size([1, 1, 20])
    """

    def __init__(self, shape: tuple[int, ...], latent: int) -> None:
        super().__init__()
        self.shape, self.latent = shape, latent
        channels, time = shape
        stride = -(-time // STEPS)
        self.each = -(-time // (stride * STRETCHES))
        self.padding = STRETCHES * self.each * stride - time
        reaches = dilations(STRETCHES * self.each)
        self.encoder = nn.Sequential(
            nn.ConstantPad1d((0, self.padding), 0.0),
            nn.Conv1d(channels, FILTERS, stride, stride),
            *(DilatedBlock(reach) for reach in reaches),
            StretchMax(),
            nn.Linear(STRETCHES * FILTERS, latent),
        )
        self.widen = nn.Linear(latent, STRETCHES * FILTERS)
        self.decoder = nn.Sequential(
            *(DilatedBlock(reach) for reach in reversed(reaches)),
            nn.ConvTranspose1d(FILTERS, channels, stride, stride),
        )

    @property
    def opening(self) -> nn.Linear:
        """The first layer of the decoder."""
        return self.widen

    def decode(self, z: Tensor) -> Tensor:
        """Series [n, channels, time] from codes [n, latent]."""
        wide = F.relu(self.widen(z)).view(len(z), FILTERS, STRETCHES, 1)
        # Each stretch starts as one value; expanding has a gradient that adds up in the same order every time.
        series: Tensor = self.decoder(wide.expand(-1, -1, -1, self.each).flatten(2))
        return series[:, :, : self.shape[1]]


class DilatedBlock(nn.Module):
    """A residual block: two convolutions of three values that lie `reach` steps apart."""

    def __init__(self, reach: int) -> None:
        super().__init__()
        self.first = nn.Conv1d(FILTERS, FILTERS, 3, padding=reach, dilation=reach)
        self.second = nn.Conv1d(FILTERS, FILTERS, 3, padding=reach, dilation=reach)

    def forward(self, x: Tensor) -> Tensor:
        """The input [n, filters, steps] plus its change; leaky, so that no filter is ever silent for good."""
        change: Tensor = self.second(F.leaky_relu(self.first(F.leaky_relu(x))))
        return x + change


class StretchMax(nn.Module):
    """The largest value of each filter in each stretch of the series."""

    def forward(self, x: Tensor) -> Tensor:
        """Maxima [n, filters * stretches] of activations [n, filters, steps], where steps are a multiple of `STRETCHES`."""
        return x.reshape(len(x), x.shape[1], STRETCHES, -1).amax(3).flatten(1)


def dilations(steps: int) -> tuple[int, ...]:
    """Dilations 1, 2, 4, ... of the blocks, until together they see so many steps.

    Parameters
    ----------
    steps : int

    Returns
    -------
    tuple of int

    Examples
    --------
    >>> dilations(13)  # the first block sees 5 steps, the second 8 more
    (1, 2)
    """
    reaches, receptive_field = [1], 5
    while receptive_field < steps:
        reaches.append(2 * reaches[-1])
        receptive_field += 4 * reaches[-1]
    return tuple(reaches)
