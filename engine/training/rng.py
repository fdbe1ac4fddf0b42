"""Seeds that stay local: a stretch of work draws from its own stream, and the process gets its generators back."""

from __future__ import annotations

import hashlib
from types import TracebackType

import torch
from torch import Tensor


class RngScope:
    """Torch's global generators while a `with` block lasts, continued by the next block of the same stream.

    The stream is named by a seed and a place ("epoch 3 of stage 2"), not by what was drawn before: a resumed run and a run
    that reuses a pretraining draw the same numbers from there on as one that did everything itself.
    """

    def __init__(self, seed: int, *place: object) -> None:
        digest = hashlib.sha256(repr((seed, *place)).encode()).digest()
        self._seed = int.from_bytes(digest[:7], "little")
        self._mine: tuple[Tensor, list[Tensor]] | None = None
        self._theirs: tuple[Tensor, list[Tensor]] | None = None

    def __enter__(self) -> None:
        self._theirs = _states()
        if self._mine is None:
            _seed(self._seed)
        else:
            _restore(self._mine)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._mine = _states()
        if self._theirs is not None:
            _restore(self._theirs)


def _seed(seed: int) -> None:
    """As `torch.manual_seed`, which without a GPU stores a stack trace at every call for when there will be one."""
    torch.default_generator.manual_seed(seed)
    if torch.cuda.is_available():
        torch.cuda.manual_seed_all(seed)


def _states() -> tuple[Tensor, list[Tensor]]:
    started = torch.cuda.is_initialized()  # type: ignore[no-untyped-call]
    return torch.get_rng_state(), torch.cuda.get_rng_state_all() if started else []


def _restore(states: tuple[Tensor, list[Tensor]]) -> None:
    torch.set_rng_state(states[0])
    if states[1]:
        torch.cuda.set_rng_state_all(states[1])
