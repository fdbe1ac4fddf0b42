"""What a process keeps of what it read from disk, and one sentence for what cannot be read."""

import sys
import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import fields, is_dataclass
from typing import Any, TypeVar

from engine.core.errors import InputError
from engine.runs.files.artifacts import Damaged

T = TypeVar("T")


def memory_size(value: Any) -> int:
    """Bytes that a value takes: those of the arrays and tables in it, however deep, and a little for everything else."""
    if hasattr(value, "memory_usage"):
        usage = value.memory_usage(deep=True)
        return int(usage if isinstance(usage, int) else usage.sum())
    if hasattr(value, "nbytes"):
        return int(value.nbytes)
    if isinstance(value, Mapping):
        return sum(map(memory_size, value.values()), sys.getsizeof(value))
    if isinstance(value, (list, tuple, set, frozenset)):
        return sum(map(memory_size, value), sys.getsizeof(value))
    if is_dataclass(value) and not isinstance(value, type):
        return sum(memory_size(getattr(value, field.name)) for field in fields(value))
    return sys.getsizeof(value)


class BoundedCache:
    """The most recently used values, as many as fit into a budget. Safe to use from several threads.

    The first thread that asks for a missing value loads it; only threads that ask for the same value wait.

    Parameters
    ----------
    budget
        Bytes of all values together. The newest one stays even if it is larger.
    size
        Bytes of one value.
    """

    def __init__(self, budget: int, size: Callable[[Any], int] = memory_size) -> None:
        self._budget, self._size = budget, size
        self._lock = threading.Lock()
        self._values: OrderedDict[str, tuple[Any, int]] = OrderedDict()
        self._loading: dict[str, Future[Any]] = {}

    def get(self, key: str, make: Callable[[], T]) -> T:
        """The cached value of a key, loaded first where it is missing.

        Parameters
        ----------
        key
            The key.
        make
            Loads the value. What it raises is raised in every thread that waits for it, and not cached.

        Returns
        -------
        T
        """
        with self._lock:
            if key in self._values:
                self._values.move_to_end(key)
                cached: T = self._values[key][0]
                return cached
            loading, first = self._loading.get(key), False
            if loading is None:
                loading, first = self._loading.setdefault(key, Future()), True
        if first:
            self._load(key, make, loading)
        loaded: T = loading.result()
        return loaded

    def drop(self, prefix: str) -> None:
        """Forget every key that begins so; what is being loaded under it is not kept."""
        with self._lock:
            for keys in (self._values, self._loading):
                for key in [key for key in keys if key.startswith(prefix)]:
                    keys.pop(key)

    def _load(self, key: str, make: Callable[[], Any], loading: "Future[Any]") -> None:
        try:
            value = make()
            size = self._size(value)
        except BaseException as fault:
            self._take(key, loading)
            loading.set_exception(fault)
            return
        with self._lock:
            if self._loading.get(key) is loading:
                del self._loading[key]
                self._values[key] = (value, size)
                self._make_room()
        loading.set_result(value)

    def _take(self, key: str, loading: "Future[Any]") -> None:
        with self._lock:
            if self._loading.get(key) is loading:
                del self._loading[key]

    def _make_room(self) -> None:
        total = sum(size for _, size in self._values.values())
        while total > self._budget and len(self._values) > 1:
            _, (_, size) = self._values.popitem(last=False)
            total -= size


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
