"""A recurrent autoencoder for series: one network reads the series, another unrolls it from the code.

The encoder is bidirectional and its last states make the code, as in DTCR. The decoder is given an encoding of the position at
every step instead of its previous output: errors do not accumulate.

References
----------
N. Srivastava, E. Mansimov, R. Salakhutdinov, ICML 2015, "Unsupervised Learning of Video Representations using LSTMs".
Q. Ma, J. Zheng, S. Li, G. W. Cottrell, NeurIPS 2019, "Learning Representations for Time Series Clustering" (DTCR).
"""

import math
from typing import Literal, cast

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from engine.nets.coder import Coder

STEPS = 128
"""Steps of the recurrence at most: gradients fade over more, and each step waits for the one before."""
UNITS = 64
"""Numbers that a network carries from step to step."""
LAYERS = 2
"""Of the encoder; its states after the last step, from either end of the series, make the code."""
WAVES = 4
"""Sines and cosines that encode the position of a step for the decoder, each twice as fast as the one before."""

Cell = Literal["gru", "lstm"]


class RecurrentAutoencoder(Coder):
    """Autoencoder for series of any length: long ones are taken in patches inside, and cropped again at the end.

    Parameters
    ----------
    shape : tuple of int
        Channels and time steps.
    latent : int
        Dimension of the code.
    cell : {"gru", "lstm"}

    Examples
    --------
    >>> import torch
    >>> net = RecurrentAutoencoder((1, 10), 2)
    >>> net.decode(net.encode(torch.zeros(1, 1, 10))).shape
    torch.Size([1, 1, 10])
    """

    def __init__(self, shape: tuple[int, ...], latent: int, cell: Cell = "gru") -> None:
        super().__init__()
        self.shape, self.latent = shape, latent
        channels, time = shape
        stride = -(-time // STEPS)
        self.steps = -(-time // stride)
        recurrent = nn.GRU if cell == "gru" else nn.LSTM
        self.encoder = nn.Sequential(
            nn.ConstantPad1d((0, self.steps * stride - time), 0.0),
            nn.Conv1d(channels, UNITS, stride, stride),
            LastStates(recurrent(UNITS, UNITS, LAYERS, batch_first=True, bidirectional=True)),
            nn.Linear(2 * LAYERS * UNITS, latent),
        )
        self.widen = nn.Linear(latent, 2 * UNITS)
        self.decoder = recurrent(2 * UNITS + 2 * WAVES, 2 * UNITS, batch_first=True)
        # The layer between joins what happens and where; without it the decoder learns far more slowly.
        self.draw = nn.Sequential(
            nn.Conv1d(2 * UNITS, 2 * UNITS, 1),
            nn.ReLU(),
            nn.ConvTranspose1d(2 * UNITS, channels, stride, stride),
        )
        self.register_buffer("positions", position_encoding(self.steps), persistent=False)

    @property
    def opening(self) -> nn.Linear:
        """The first layer of the decoder."""
        return self.widen

    def decode(self, z: Tensor) -> Tensor:
        """Series [n, channels, time] from codes [n, latent]."""
        wide = F.relu(self.widen(z)).unsqueeze(1).expand(-1, self.steps, -1)
        positions = cast(Tensor, self.positions).to(wide).expand(len(z), -1, -1)
        states: Tensor = self.decoder(torch.cat([wide, positions], 2))[0]
        series: Tensor = self.draw(states.mT)
        return series[:, :, : self.shape[1]]


class LastStates(nn.Module):
    """The states that a recurrent network ends with, of all its layers and from both ends."""

    def __init__(self, network: nn.GRU | nn.LSTM) -> None:
        super().__init__()
        self.network = network

    def forward(self, x: Tensor) -> Tensor:
        """States [n, width] after the last step of series [n, units, steps]."""
        _, last = self.network(x.mT)
        states: Tensor = last[0] if isinstance(last, tuple) else last
        return states.transpose(0, 1).flatten(1)


def position_encoding(steps: int) -> Tensor:
    """Sines and cosines of the position of each step, from half a wave over the series to half of 2^(WAVES - 1) waves.

    Parameters
    ----------
    steps : int

    Returns
    -------
    Tensor of shape (steps, 2 * WAVES)

    Examples
    --------
    >>> position_encoding(2)[1, 0].item()  # the first wave is half way: sin(pi / 2)
    1.0
    """
    angle = math.pi * torch.arange(steps).unsqueeze(1) / steps * 2.0 ** torch.arange(WAVES)
    return torch.cat([angle.sin(), angle.cos()], 1)
