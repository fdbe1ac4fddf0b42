"""What training sees: prepared samples, and batches of them; true labels stay outside every batch."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from engine.augment import view

if TYPE_CHECKING:
    from engine.intake import Kind, Raw, Recipe

CHUNK_BYTES = 64 * 2**20
"""Size of the pieces in which a whole data set is passed through a network."""


@dataclass(eq=False)
class Data:
    """Prepared samples on the device that trains, and beside them what only the reader of the result sees."""

    x: Tensor
    """[n, features] | [n, channels, height, width] | [n, channels, time], float32."""
    kind: Kind = "table"
    fingerprint: str = ""
    """Hash of the full content and its preparation; computed from `x` when left empty."""
    truth: npt.NDArray[np.int64] | None = None
    recipe: Recipe | None = None
    raw: Raw | None = None

    def __post_init__(self) -> None:
        if not self.fingerprint:
            content = self.x.detach().cpu().contiguous().numpy()
            self.fingerprint = hashlib.sha256(repr(content.shape).encode() + content.tobytes()).hexdigest()

    def __len__(self) -> int:
        return len(self.x)

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of one sample."""
        return tuple(self.x.shape[1:])

    def to(self, device: torch.device | str) -> Data:
        """The same data on another device."""
        return replace(self, x=self.x.to(device))

    def take(self, index: Tensor) -> Data:
        """The rows of `index` as data of their own, without what only the reader sees."""
        return Data(self.x[index], self.kind, fingerprint=self.fingerprint + "-part")

    def batch(self, index: Tensor) -> Batch:
        """The rows of `index` as one batch."""
        return Batch(self.x.index_select(0, index), index, self)

    def batches(self, size: int | None) -> Iterator[Batch]:
        """One epoch in an order drawn at its start; `size=None` is a single batch of everything.

        A last batch of one sample joins the one before it: statistics over a batch need two.
        """
        if size is None or size >= len(self):
            yield Batch(self.x, torch.arange(len(self), device=self.x.device), self)
            return
        order = torch.randperm(len(self)).to(self.x.device)
        parts = list(torch.split(order, size))
        if len(parts[-1]) == 1:
            parts[-2:] = [torch.cat(parts[-2:])]
        for index in parts:
            yield self.batch(index)

    def chunks(self) -> Iterator[tuple[slice, Tensor]]:
        """The whole set in order, in pieces that keep a network's activations small."""
        width = max(1, self.x[0].numel(), 2048) if len(self) else 1
        rows = max(1, CHUNK_BYTES // (4 * width))
        for start in range(0, len(self), rows):
            piece = slice(start, min(start + rows, len(self)))
            yield piece, self.x[piece]


@dataclass(eq=False)
class Batch:
    """Some samples, where they stand in the data, and random other views of them."""

    x: Tensor
    index: Tensor
    """[b] int64 rows of the data: the key to targets, neighbors and memory banks."""
    source: Data

    def __len__(self) -> int:
        return len(self.index)

    def view(self, **strength: Any) -> Tensor:
        """A random augmentation of `x` that keeps its meaning, a new one at every call."""
        return view(self.x, self.source.kind, self.source.x, **strength)
