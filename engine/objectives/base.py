"""What every clustering loss is to the method that trains under it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from engine.core.data import Batch, Data
from engine.losses import squared_distances, student_t

Ask = Callable[[Callable[[Tensor], Tensor]], Tensor]
"""A function of the codes of all samples, [n, latent] -> [n, ...]."""


@dataclass(frozen=True)
class Seen:
    """What a network says of a batch."""

    z: Tensor
    """[m, latent]: codes of the batch, or of altered copies, or of both one after the other."""
    index: Tensor
    """[m] rows of the data."""
    batch: Batch
    encode: Callable[[Tensor], Tensor]
    """[*, *sample shape] -> [*, latent], for what else the loss wants to know the code of."""


class ClusteringObjective(nn.Module):
    """A clustering loss around centers [k, latent], which the method owns; this one is none.

    All that training changes is a buffer or a parameter, as in methods. Centers move in place.
    """

    forming = True
    """Whether there are groups while training; else they are formed from the finished code."""
    following = False
    """Whether `follow` does something after every batch."""
    still = True
    """Whether all stays in its place from pass to pass, so that steps may be recorded."""

    def start(self, data: Data, centers: nn.Parameter, labels: Tensor) -> None:
        """Before the first pass: groups of the code as they were found, labels [n]."""

    def between(self, ask: Ask, centers: nn.Parameter) -> Tensor:
        """Before every pass and after the last: what is refreshed from all samples. Returns the labels [n]; training may
        stop when they no longer change.
        """
        return ask(lambda z: self.labels(z, centers))

    def loss(self, seen: Seen, centers: nn.Parameter) -> Tensor | None:
        """The loss of a batch, mean over samples."""
        return None

    def follow(self, batch: Batch, z: Tensor, centers: nn.Parameter) -> None:
        """After every batch, with its codes z [b, latent] as they now are."""

    def trained(self, centers: nn.Parameter) -> Sequence[nn.Module | nn.Parameter]:
        """What the loss trains beside the network."""
        return []

    def finish(self, ask: Ask, centers: nn.Parameter) -> None:
        """After the last pass, and to let go of what only training needs."""

    def soft(self, z: Tensor, centers: Tensor) -> Tensor:
        """[n, latent] -> [n, k] memberships, of which the largest is the label; rows sum to one."""
        return student_t(z, centers)

    def labels(self, z: Tensor, centers: Tensor) -> Tensor:
        """[n, latent] -> [n]"""
        return squared_distances(z, centers).argmin(1)

    def emptied(self, name: str) -> None:
        """A buffer that only training needs is let go."""
        buffer: Tensor = getattr(self, name)
        setattr(self, name, torch.zeros(0, dtype=buffer.dtype, device=buffer.device))
