"""One pass over samples in a random order, at the speed of reading in order."""

from __future__ import annotations

import math
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import torch
from torch import Tensor

Item = TypeVar("Item")

STRETCH_BYTES = 64 * 2**20
"""What is shuffled together: two stretches are in memory at a time."""
BLOCK_BYTES = 2**18
"""Samples that follow one another in a file and are read together."""


def shuffled_chunks(n: int, sample_bytes: int) -> Iterator[Tensor]:
    """The rows 0..n-1 in a random order, in pieces that fit in memory.

    Samples that fill more than one stretch are shuffled twice, as blocks and then within the blocks of a stretch: rows of a
    file are then read in runs. Where the samples lie makes no difference, so that a run repeats in memory and from a file.
    """
    block = max(1, BLOCK_BYTES // sample_bytes)
    together = max(1, STRETCH_BYTES // (block * sample_bytes))
    if n <= block * together:
        yield torch.randperm(n)
        return
    # Stretches are drawn while others are in use: the numbers must not come from the stream of the training.
    generator = torch.Generator().manual_seed(int(torch.randint(2**62, ())))
    for blocks in torch.split(torch.randperm(math.ceil(n / block), generator=generator), together):
        rows = (blocks.unsqueeze(1) * block + torch.arange(block)).flatten()
        rows = rows[rows < n]
        yield rows[torch.randperm(len(rows), generator=generator)]


def whole_batches(pieces: Iterator[Tensor], size: int) -> Iterator[tuple[Tensor, list[int]]]:
    """The same rows, in pieces [m] of whole batches, with the batches' lengths; only the last one is another.

    A last batch of one sample joins the one before it: statistics over a batch need two.
    """
    rows = next(pieces)
    for more in pieces:
        cut = (len(rows) - 1) // size * size
        if cut:
            yield rows[:cut], [size] * (cut // size)
        rows = torch.cat([rows[cut:], more])
    lengths = [len(part) for part in torch.split(rows, size)]
    if lengths[-1] == 1 and len(lengths) > 1:
        lengths[-2:] = [lengths[-2] + 1]
    yield rows, lengths


def prefetch(items: Iterator[Item]) -> Iterator[Item]:
    """The same items, each made in a thread while the one before is in use."""
    with ThreadPoolExecutor(1, "read-ahead") as pool:
        waiting = pool.submit(next, items, None)
        while (item := waiting.result()) is not None:
            waiting = pool.submit(next, items, None)
            yield item
