"""Sine waves, and how much of them a network leaves undrawn."""

import torch
from torch import Tensor, nn


def sines(n: int, channels: int, time: int) -> Tensor:
    """[n, channels, time] waves of one to three turns that start anywhere."""
    random = torch.Generator().manual_seed(3)
    turns, start = 2 * torch.pi * torch.rand(2, n, channels, 1, generator=random)
    return torch.sin((1 + turns / torch.pi) * torch.linspace(0, 2 * torch.pi, time) + start)


def left_after(net: nn.Module, x: Tensor, steps: int) -> float:
    """The share of the variance of `x` around its mean that a short training leaves."""
    optimizer = torch.optim.Adam(net.parameters(), 2e-3)
    for _ in range(steps):
        loss = (net.decode(net.encode(x)) - x).square().mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    with torch.no_grad():
        return float((net.decode(net.encode(x)) - x).square().sum() / (x - x.mean(0)).square().sum())
