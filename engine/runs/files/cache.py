"""What a process keeps of what it read from disk, and one sentence for what cannot be read."""

import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Any, TypeVar

from engine.core.errors import InputError
from engine.runs.files.artifacts import Damaged

T = TypeVar("T")


class BoundedCache(OrderedDict[str, T]):
    """The most recently used few. Safe to use from several threads."""

    def __init__(self, most: int) -> None:
        super().__init__()
        self._most, self._lock = most, threading.Lock()

    def get(self, key: str, make: Callable[[], T]) -> T:  # type: ignore[override]
        """What is kept under the key, or what `make` brings."""
        with self._lock:
            if key not in self:
                self[key] = make()
            self.move_to_end(key)
            while len(self) > self._most:
                self.popitem(last=False)
            return self[key]

    def drop(self, key: str) -> None:
        """Forget it."""
        with self._lock:
            self.pop(key, None)


def reading(load: Callable[[Any], T]) -> Callable[[Any], T]:
    """`load`, with one sentence for whatever it finds unreadable."""

    def read(source: Any) -> T:
        try:
            return load(source)
        except InputError:
            raise
        except (ValueError, KeyError, OSError, EOFError) as fault:
            raise Damaged(
                "What was stored cannot be read any more: its files are damaged or of another version. "
                "Make the run or dataset again."
            ) from fault

    return read
