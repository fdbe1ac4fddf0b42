"""A recurrent autoencoder for series (Srivastava et al. 2015): one network reads the series, another unrolls it from the code.

The reader goes both ways and its last states make the code, as in DTCR (Ma et al. 2019). The writer is told the place at every
step and is not fed with what it wrote before: a mistake does not travel on, and a step needs no sample of the one before.
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
"""Of the reader; the first and the last step of each layer, read from either end, make the code."""
WAVES = 4
"""Sines and cosines that tell the writer its place, each twice as fast as the one before."""

Cell = Literal["gru", "lstm"]


class RecurrentAutoencoder(Coder):
    """Series [n, channels, time] of any length: long ones are taken in patches inside, and cropped again at the end."""

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
        self.register_buffer("places", places(self.steps), persistent=False)

    @property
    def opening(self) -> nn.Linear:
        """The first layer of the decoder."""
        return self.widen

    def decode(self, z: Tensor) -> Tensor:
        """[n, latent] -> [n, channels, time]"""
        wide = F.relu(self.widen(z)).unsqueeze(1).expand(-1, self.steps, -1)
        told = cast(Tensor, self.places).to(wide).expand(len(z), -1, -1)
        states: Tensor = self.decoder(torch.cat([wide, told], 2))[0]
        series: Tensor = self.draw(states.mT)
        return series[:, :, : self.shape[1]]


class LastStates(nn.Module):
    """[n, units, steps] -> [n, wide] what a recurrent network ends with, of all its layers and from both ends."""

    def __init__(self, network: nn.GRU | nn.LSTM) -> None:
        super().__init__()
        self.network = network

    def forward(self, x: Tensor) -> Tensor:
        """The states after the last step."""
        _, last = self.network(x.mT)
        states: Tensor = last[0] if isinstance(last, tuple) else last
        return states.transpose(0, 1).flatten(1)


def places(steps: int) -> Tensor:
    """[steps, 2 WAVES] where in the series each step is: from half a wave over the whole to half of 2^(WAVES - 1)."""
    angle = math.pi * torch.arange(steps).unsqueeze(1) / steps * 2.0 ** torch.arange(WAVES)
    return torch.cat([angle.sin(), angle.cos()], 1)
