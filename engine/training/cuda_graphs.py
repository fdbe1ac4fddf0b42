"""Steps recorded once and replayed: on a GPU, starting the many small kernels of a step takes longer than running them."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass

import torch

from engine.core.data import Batch

WARM_UP = 3
"""Steps taken before one is recorded: memory and optimizer state are then in place."""

Turns = tuple[bool, ...]
"""Which players of a stage take a step at a batch."""
Step = Callable[[Batch, Turns], None]
Play = Callable[[], None]

_log = logging.getLogger(__name__)


@dataclass
class _Recording:
    """What a recorded step reads and writes: copy a batch in, play."""

    still: Batch
    play: Play

    def __call__(self, batch: Batch) -> None:
        self.still.x.copy_(batch.x)
        self.still.index.copy_(batch.index)
        self.play()


class CudaGraphRunner:
    """A step that is recorded per length of batch and turn of players, once it has run `WARM_UP` times so.

    `record` turns a function without arguments into one that does the same to the same tensors again; None never records.
    """

    def __init__(self, record: Callable[[Play], Play] | None) -> None:
        self.record = record
        self._counts: dict[tuple[int, Turns], int] = {}
        self._recordings: dict[tuple[int, Turns], _Recording] = {}

    def __call__(self, step: Step, batch: Batch, turns: Turns) -> None:
        """Take the step, by its recording where there is one; no reference to it stays, since its owner refers to this object."""
        key = (len(batch), turns)
        if key in self._recordings:
            self._recordings[key](batch)
            return
        self._counts[key] = self._counts.get(key, 0) + 1
        if self.record is None or self._counts[key] <= WARM_UP:
            step(batch, turns)
            return
        still = Batch(batch.x.clone(), batch.index.clone(), batch.source)
        try:
            play = self.record(lambda: step(still, turns))
        except RuntimeError as error:
            # Nothing of a failed recording was run, and a step that may be recorded changes tensors only in place.
            _log.warning("A step could not be recorded and is run as it is: %s", error)
            self.record = None
            step(batch, turns)
            return
        self._recordings[key] = _Recording(still, play)
        play()


def recorder(device: torch.device) -> Callable[[Play], Play] | None:
    """How steps are recorded on a device: as CUDA graphs; None where nothing is gained."""
    return _cuda_graph if device.type == "cuda" else None


def _cuda_graph(step: Play) -> Play:
    graph = torch.cuda.CUDAGraph()
    # Other threads may read ahead meanwhile.
    with torch.cuda.graph(graph, capture_error_mode="thread_local"):
        step()
    replay: Play = graph.replay
    return replay
