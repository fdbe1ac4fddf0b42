"""What is kept in memory: by its size, and nobody waits for what somebody else is loading."""

import threading
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest

from engine.runs import Workspace
from engine.runs.files.cache import BoundedCache, memory_size

MB = 2**20


def in_thread(cache: BoundedCache, key: str, make: object) -> tuple[threading.Thread, list[object]]:
    """Ask for a key in a thread; the list takes what comes, or what was raised."""
    found: list[object] = []

    def ask() -> None:
        try:
            found.append(cache.get(key, make))  # type: ignore[arg-type]
        except ValueError as fault:
            found.append(fault)

    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    return thread, found


def test_a_slow_load_keeps_only_those_waiting_who_want_the_same() -> None:
    cache, begun, free, loads = BoundedCache(10 * MB), threading.Event(), threading.Event(), list[int]()

    def slow() -> str:
        loads.append(1)
        begun.set()
        assert free.wait(60)
        return "slow"

    first, one = in_thread(cache, "slow", slow)
    assert begun.wait(60)
    second, two = in_thread(cache, "slow", slow)
    third, other = in_thread(cache, "quick", lambda: "quick")
    third.join(30)
    assert other == ["quick"]
    free.set()
    first.join(30)
    second.join(30)
    assert (one, two, loads) == (["slow"], ["slow"], [1])


def test_a_load_that_failed_is_told_to_all_who_wait_and_tried_again() -> None:
    cache, begun, free = BoundedCache(MB), threading.Event(), threading.Event()

    def fails() -> str:
        begun.set()
        assert free.wait(60)
        raise ValueError("damaged")

    first, one = in_thread(cache, "a", fails)
    assert begun.wait(60)
    second, two = in_thread(cache, "a", lambda: "never asked")
    while not cache._loading["a"]._condition._waiters:  # type: ignore[attr-defined]
        pass
    free.set()
    first.join(30)
    second.join(30)
    assert [str(found[0]) for found in (one, two)] == ["damaged", "damaged"]
    assert cache.get("a", lambda: "whole") == "whole"


def test_what_was_used_last_stays_within_the_budget() -> None:
    cache = BoundedCache(3 * MB)
    for key in ("a", "b", "c"):
        cache.get(key, lambda: np.zeros(MB, np.uint8))
    cache.get("a", lambda: pytest.fail("a is gone"))
    cache.get("d", lambda: np.zeros(MB, np.uint8))
    assert list(cache._values) == ["c", "a", "d"]
    cache.get("huge", lambda: np.zeros(9 * MB, np.uint8))
    assert list(cache._values) == ["huge"]
    cache.get("small", lambda: np.zeros(1, np.uint8))
    assert list(cache._values) == ["small"]


def test_what_is_dropped_while_it_loads_is_not_kept() -> None:
    cache, made = BoundedCache(MB), list[str]()

    def deleted_meanwhile() -> str:
        cache.drop("data/1")
        return "old"

    assert cache.get("data/1", deleted_meanwhile) == "old"
    assert cache.get("data/1", lambda: made.append("again") or "new") == "new"


def test_sizes_are_those_of_the_arrays_and_words_inside() -> None:
    @dataclass
    class Holder:
        table: pd.DataFrame
        arrays: dict[str, np.ndarray]

    words = pd.DataFrame({"text": ["x" * 1000] * 100}, dtype=object)
    assert 100_000 < memory_size(words) < 200_000
    assert memory_size(Holder(words, {"a": np.zeros(MB)})) > 8 * MB + 100_000


def test_datasets_in_memory_are_bounded_by_a_setting(digits: Workspace) -> None:
    (record,) = digits.datasets()
    assert digits.raw(record.id) is digits.raw(record.id)
    small = Workspace.open({"CONSTELLA_HOME": str(digits.config.home), "CONSTELLA_CACHE": "1000"})
    first = small.raw(record.id)
    small.cache.get("other", lambda: np.zeros(10))
    assert small.raw(record.id) is not first
    small.close()
