"""Random convolutional kernels: short patterns at many scales, and how much of each series looks like them.

No kernel is trained. Each has 7, 9 or 11 weights from N(0, 1) with their mean taken away, a bias from U(-1, 1), a dilation 2^u
with u uniform up to where the kernel spans the series, and pads its ends with zeros or not; it looks at a random subset of the
channels. Of what it makes of a series there remain the share of moments with a positive value, and the mean of these values.

Deviations: ROCKET keeps the largest value beside the share, MultiRocket two more that say where positive values are.

References
----------
A. Dempster, F. Petitjean, G. I. Webb, Data Mining and Knowledge Discovery 34, 2020, "ROCKET: Exceptionally Fast and Accurate Time
Series Classification Using Random Convolutional Kernels".
C. W. Tan, A. Dempster, C. Bergmeir, G. I. Webb, Data Mining and Knowledge Discovery 36, 2022, "MultiRocket: Multiple Pooling
Operators and Transformations for Fast and Effective Time Series Classification".
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

LENGTHS = (7, 9, 11)
AT_ONCE = {"cpu": 2**18, "cuda": 2**26}
"""Values that are made at once: on a processor as many as stay in its cache."""


@dataclass(frozen=True, eq=False)
class Kernels:
    """Kernels that share length, dilation and padding.

    Parameters
    ----------
    weights : Tensor of shape (kernels, channels, length), float32
        0 in channels that a kernel does not look at.
    biases : Tensor of shape (kernels,), float32
    dilation : int
    padding : int
        Zeros on either side of a series.
    """

    weights: Tensor
    biases: Tensor
    dilation: int
    padding: int

    @property
    def reach(self) -> int:
        """Moments from a kernel's first weight to its last."""
        return (self.weights.shape[2] - 1) * self.dilation

    def to(self, device: torch.device) -> Kernels:
        """On another device."""
        return Kernels(self.weights.to(device), self.biases.to(device), self.dilation, self.padding)


def random_kernels(count: int, channels: int, moments: int, seed: int = 0) -> list[Kernels]:
    """`count` random kernels for series of `channels` and `moments`, those of the same form together.

    Examples
    --------
    >>> groups = random_kernels(50, 1, 30)
    >>> sum(len(group.biases) for group in groups), sorted({group.weights.shape[2] for group in groups})
    (50, [7, 9, 11])
    """
    # What RandomState draws stays the same in all versions of NumPy: kernels need not be stored.
    draw = np.random.RandomState(seed)
    forms: dict[tuple[int, int, int], list[tuple[np.ndarray, float]]] = {}
    for _ in range(count):
        length = int(draw.choice(LENGTHS))
        used = draw.permutation(channels)[: int(2 ** draw.uniform(0, np.log2(min(channels, length) + 1)))]
        own = draw.normal(size=(len(used), length))
        weights = np.zeros((channels, length), np.float32)
        weights[used] = own - own.mean(axis=1, keepdims=True)
        bias = draw.uniform(-1, 1)
        dilation = int(2 ** draw.uniform(0, np.log2(max((moments - 1) / (length - 1), 1))))
        padding = (length - 1) * dilation // 2 * int(draw.randint(2))
        forms.setdefault((length, dilation, padding), []).append((weights, bias))
    return [
        Kernels(
            torch.from_numpy(np.stack([weights for weights, _ in found])),
            torch.tensor([bias for _, bias in found], dtype=torch.float32),
            dilation,
            padding,
        )
        for (_, dilation, padding), found in sorted(forms.items())
    ]


class RandomConvolutions(nn.Module):
    """Shares of positive values of random kernels, and the means of these values.

    Parameters
    ----------
    count : int
        Number of kernels.
    channels, moments : int
        Of the series; the widest kernels span so many moments.
    seed : int
        The same seed gives the same kernels.

    Examples
    --------
    >>> import torch
    >>> net = RandomConvolutions(10, 1, 30)
    >>> net(torch.zeros(2, 1, 30), torch.tensor([30, 20])).shape
    torch.Size([2, 20])
    """

    def __init__(self, count: int, channels: int, moments: int, seed: int = 0) -> None:
        super().__init__()
        self.kernels = random_kernels(count, channels, moments, seed)

    @torch.no_grad()
    def forward(self, x: Tensor, lengths: Tensor) -> Tensor:
        """Shares and means [n, 2 count] for series [n, channels, time] that are 0 behind their `lengths` [n]."""
        parts = []
        for kernels in self.kernels:
            own = kernels.to(x.device)
            rows = max(1, AT_ONCE[x.device.type] // (x.shape[2] * len(own.biases)))
            pieces = zip(torch.split(x, rows), torch.split(lengths, rows), strict=True)
            shares, means = zip(*(pooled(some, ends, own) for some, ends in pieces), strict=True)
            parts.append((torch.cat(shares), torch.cat(means)))
        return torch.cat([share for share, _ in parts] + [mean for _, mean in parts], 1)


def pooled(x: Tensor, lengths: Tensor, kernels: Kernels) -> tuple[Tensor, Tensor]:
    """Share of positive values of convolutions, and the mean of the positive values, 0 without any.

    Parameters
    ----------
    x : Tensor of shape (n, channels, time), float32
        0 behind the end of a series.
    lengths : Tensor of shape (n,), int64
        Moments of each series. A kernel is put where it, with its padding, lies within the series; at its beginning where
        the series is too short for that.
    kernels : Kernels

    Returns
    -------
    tuple of two Tensor of shape (n, kernels)

    Examples
    --------
    >>> import torch
    >>> edge = Kernels(torch.tensor([[[-1.0, 1.0]]]), torch.zeros(1), dilation=1, padding=0)
    >>> share, mean = pooled(torch.tensor([[[0.0, 2.0, 6.0, 5.0, 5.0, 0.0]]]), torch.tensor([5]), edge)  # 2, 4, -1, 0
    >>> share.item(), mean.item()
    (0.5, 3.0)
    """
    channels, length = kernels.weights.shape[1:]
    behind = max(kernels.padding, kernels.reach + 1 - x.shape[2] - kernels.padding)
    padded = F.pad(x, (kernels.padding, behind)).transpose(0, 1)
    moments = padded.shape[2] - kernels.reach
    # One matrix product over all series: convolutions of so few channels take PyTorch twice as long.
    taps = [padded[:, :, i * kernels.dilation : i * kernels.dilation + moments] for i in range(length)]
    seen = torch.stack(taps, 1).view(channels * length, -1)
    found = torch.addmm(kernels.biases.unsqueeze(1), kernels.weights.flatten(1), seen).view(-1, len(x), moments)
    counts = (lengths + 2 * kernels.padding - kernels.reach).clamp_min(1)
    if int(counts.min()) < moments:
        found = found.masked_fill_(torch.arange(moments, device=x.device) >= counts.unsqueeze(1), 0)
    total = found.relu_().sum(2)
    hits = found.sign_().sum(2)
    return (hits / counts).T, (total / hits.clamp_min(1)).T
