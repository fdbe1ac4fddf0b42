"""What is done beside the training may cost a share of its time, and no more."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager


class Budget:
    """Allows `share` of the time since it was made, and `allowance` seconds in any case."""

    def __init__(self, share: float, allowance: float = 0.0) -> None:
        self.share, self.allowance = share, allowance
        self._start = time.perf_counter()
        self._spent = self._cost = 0.0

    def affordable(self) -> bool:
        """Whether as much as was spent the last time can be spent once more."""
        return self._spent + self._cost <= self.allowance + self.share * (time.perf_counter() - self._start)

    @contextmanager
    def spend(self) -> Iterator[None]:
        """Charge what a `with` block takes."""
        began = time.perf_counter()
        yield
        self._cost = time.perf_counter() - began
        self._spent += self._cost
