"""What training sees: prepared samples, and batches of them; true labels stay outside every batch."""

from __future__ import annotations

import hashlib
import mmap
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from engine.core.augmentation import moved, view
from engine.core.errors import InputError
from engine.core.sampling import prefetch, shuffled_chunks, whole_batches

if TYPE_CHECKING:
    from engine.intake import Kind, Prepared, Raw, Recipe

CHUNK_BYTES = 64 * 2**20
"""Size of the pieces in which a whole data set is passed through a network."""
TOGETHER = 256
"""Rows taken before what was read of a file around them is let go: a system reads far more than the rows."""
ROOM = 0.5
"""Share of a device's free memory that the samples may take; the rest is for the network."""


@dataclass(eq=False)
class Data:
    """Prepared samples for the device that trains, and beside them what only the reader of the result sees.

    Samples that do not fit on the device stay where they are (in memory, or in a file) and come to it piece by piece.

    Parameters
    ----------
    x : Tensor of shape (n, features), (n, channels, height, width) or (n, channels, time), float32
        The samples.
    kind : {"table", "image", "series", "text"}, default="table"
        What they are of.
    fingerprint : str, optional
        Hash of the full content and its preparation; computed from `x` when left empty.
    truth : ndarray of shape (n,), int64, optional
        True labels; no batch has them.
    recipe : Recipe, optional
        How new samples are prepared alike.
    raw : Raw, optional
        What the user brought.
    target_device : torch.device, optional
        Where batches are wanted; None where the samples are.
    file : mmap, optional
        What is behind `x` where that is a file: pages that were read are released again.

    Examples
    --------
    >>> import torch
    >>> from engine import Data
    >>> data = Data(torch.arange(8.0).view(4, 2))
    >>> len(data), data.shape
    (4, (2,))
    >>> [len(batch) for batch in data.batches(2)]
    [2, 2]
    """

    x: Tensor
    kind: Kind = "table"
    fingerprint: str = ""
    truth: npt.NDArray[np.int64] | None = None
    recipe: Recipe | None = None
    raw: Raw | None = None
    target_device: torch.device | None = None
    file: mmap.mmap | None = None

    def __post_init__(self) -> None:
        if not self.fingerprint:
            digest = hashlib.sha256(repr(tuple(self.x.shape)).encode())
            for piece in self._pieces():
                digest.update(self.x[piece].detach().cpu().contiguous().numpy().data)
                self.release()
            self.fingerprint = digest.hexdigest()

    @staticmethod
    def of(prepared: Prepared, raw: Raw | None = None) -> Data:
        """Prepared samples [n, ...] on the CPU; what lies in a file stays there."""
        x = torch.from_numpy(prepared.x)
        return Data(
            x, prepared.kind, prepared.fingerprint, prepared.truth, prepared.recipe, raw, file=_file_of(prepared.x)
        )

    @staticmethod
    def mapped(array: np.memmap[Any, Any], kind: Kind = "table") -> Data:
        """Samples [n, ...] that stay in their file; InputError unless they are float32 in C order, and every one is a number."""
        if array.dtype != np.float32 or not array.flags.c_contiguous or array.ndim < 2:
            raise InputError(
                f"A file can be trained from as it is if it holds float32 numbers row by row; this one holds {array.dtype} "
                f"in {array.ndim} axes: save it again with np.save(path, np.ascontiguousarray(x, dtype=np.float32))."
            )
        with warnings.catch_warnings():
            # A memory map is read-only, and torch warns of writing to it; training never does.
            warnings.filterwarnings("ignore", message="The given NumPy array is not writable")
            x = torch.from_numpy(array)
        file = array.base if isinstance(array.base, mmap.mmap) and array.mode != "c" else None
        data = Data(x, kind, file=file)
        for piece, part in data.chunks():
            bad = ~torch.isfinite(part.flatten(1)).all(1)
            if bad.any():
                row = piece.start + int(bad.nonzero()[0]) + 1
                raise InputError(
                    f"Row {row:,} holds a value that is no number (NaN or infinity): fill or drop it first."
                )
        return data

    def __len__(self) -> int:
        return len(self.x)

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of one sample."""
        return tuple(self.x.shape[1:])

    @property
    def device(self) -> torch.device:
        """Where batches are, and what belongs to them should be."""
        return self.target_device or self.x.device

    def to(self, device: torch.device | str) -> Data:
        """The same data for another device: moved there if it fits, else only its batches will be."""
        device = torch.device(device)
        if device.type == "cuda" and self.x.nbytes > ROOM * torch.cuda.mem_get_info(device)[0]:
            return replace(self, target_device=device)
        return replace(
            self, x=self.x.to(device), target_device=None, file=self.file if device == self.x.device else None
        )

    def take(self, index: Tensor) -> Data:
        """The rows `index` [m] as data of their own, without what only the reader sees."""
        parts = []
        for rows in torch.split(index.to(self.x.device), TOGETHER):
            parts.append(self.x[rows])
            self.release()
        return Data(torch.cat(parts).to(self.device), self.kind, fingerprint=self.fingerprint + "-part")

    def mean_and_spread(self) -> tuple[Tensor, Tensor]:
        """Mean and standard deviation of all entries, each a float32 scalar; 0 and 1 where there are too few."""
        count, total, squares, origin = 0, 0.0, 0.0, 0.0
        for _, part in self.chunks():
            # Around the first piece's mean, so that a large mean does not swallow the spread.
            origin = origin if count else float(part.double().mean())
            part = part.double() - origin
            count, total = count + part.numel(), total + float(part.sum())
            squares += float(part.square().sum())
        mean = total / count if count else 0.0
        spread = ((squares - count * mean**2) / (count - 1)) ** 0.5 if count > 1 else 1.0
        return torch.tensor(origin + mean), torch.tensor(spread)

    def batch(self, index: Tensor) -> Batch:
        """The rows `index` [b] as one batch."""
        rows = self.x.index_select(0, index.to(self.x.device))
        return Batch(rows.to(self.device), index.to(self.device), self)

    def batches(self, size: int | None) -> Iterator[Batch]:
        """One epoch in an order drawn at its start; `size=None` is a single batch of everything."""
        if size is None or size >= len(self):
            yield Batch(None, torch.arange(len(self), device=self.device), self)
            return
        elsewhere = self.file is not None or self.device != self.x.device
        gathered = self._gathered(size)
        for index, rows, lengths in prefetch(gathered) if elsewhere else gathered:
            for some, x in zip(torch.split(index, lengths), torch.split(rows, lengths), strict=True):
                yield Batch(x, some, self)

    def _gathered(self, size: int) -> Iterator[tuple[Tensor, Tensor, list[int]]]:
        """An epoch's rows, their samples in this order on the device, and the lengths of the batches they make."""
        order = shuffled_chunks(len(self), self.x[:1].nbytes)
        for index, lengths in whole_batches(order, size):
            rows = self.x.index_select(0, index.to(self.x.device))
            self.release()
            if rows.device != self.device:
                rows = rows.pin_memory().to(self.device, non_blocking=True)
            yield index.to(self.device), rows, lengths

    def chunks(self) -> Iterator[tuple[slice, Tensor]]:
        """The whole set in order, in pieces that keep a network's activations small."""
        for piece in self._pieces():
            yield piece, self.x[piece].to(self.device)
            self.release()

    def _pieces(self) -> Iterator[slice]:
        width = max(1, self.x[0].numel(), 2048) if len(self) else 1
        rows = max(1, CHUNK_BYTES // (4 * width))
        for start in range(0, len(self), rows):
            yield slice(start, min(start + rows, len(self)))

    def release(self) -> None:
        """Give pages of the file that were read back to the system: they can be read again."""
        if self.file is not None and hasattr(mmap, "MADV_DONTNEED"):
            self.file.madvise(mmap.MADV_DONTNEED)


def _file_of(array: Any) -> mmap.mmap | None:
    """The file that an array of any shape lies in; None where it lies in memory."""
    base = array
    while base is not None and not isinstance(base, mmap.mmap):
        base = getattr(base, "base", None)
    return base


class Batch:
    """Some samples, where they stand in the data, and random other views of them.

    Parameters
    ----------
    x : Tensor of shape (b, *sample shape), or None
        The samples; None where these are all of the data.
    index : Tensor of shape (b,), int64
        Rows of the data: the key to targets, neighbors and memory banks.
    source : Data
        What they are taken from.

    Examples
    --------
    >>> import torch
    >>> data = Data(torch.arange(6.0).view(3, 2))
    >>> data.batch(torch.tensor([2, 0])).x.tolist()
    [[4.0, 5.0], [0.0, 1.0]]
    """

    def __init__(self, x: Tensor | None, index: Tensor, source: Data) -> None:
        self._x, self.index, self.source = x, index, source

    @property
    def x(self) -> Tensor:
        """[b, *sample shape]; a batch of everything brings its samples to the device when they are first asked for."""
        if self._x is None:
            self._x = self.source.x.to(self.source.device)
        return self._x

    def __len__(self) -> int:
        return len(self.index)

    def view(self, **strength: Any) -> Tensor:
        """A random augmentation of `x` that keeps its meaning, a new one at every call."""
        return view(self.x, self.source.kind, **strength)

    def moved(self) -> Tensor:
        """Pictures `x`, each turned, sheared and shifted a little, anew at every call."""
        return moved(self.x)
