"""A hard limit on the memory that a piece of work may take, kept by the operating system."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from engine.core.errors import InputError
from engine.core.formatting import format_bytes

if sys.platform != "win32":
    import resource

SLACK = 2**29
"""Bytes that libraries reserve beside what they use."""


@contextmanager
def memory_limit(most: int, sentence: str) -> Iterator[None]:
    """Let what runs inside take at most `most` bytes more than the process has now.

    The limit holds where the system counts a process's private memory (Linux); elsewhere nothing is limited.

    Parameters
    ----------
    most
        Bytes.
    sentence
        What to say where it is too little, with a place {most} for the limit.

    Raises
    ------
    InputError
        With the sentence, where more was asked for.
    """
    used = _data_in_use()
    if used is None:
        yield
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_DATA)
    wanted = used + most + SLACK
    ceiling = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    resource.setrlimit(resource.RLIMIT_DATA, (ceiling, hard))
    try:
        yield
    except MemoryError as error:
        raise InputError(sentence.format(most=format_bytes(most))) from error
    finally:
        resource.setrlimit(resource.RLIMIT_DATA, (soft, hard))


def _data_in_use() -> int | None:
    """Bytes of private writable memory of this process; None where the system does not say."""
    if sys.platform != "linux":
        return None
    try:
        with open("/proc/self/status") as status:
            return next(int(line.split()[1]) * 1024 for line in status if line.startswith("VmData"))
    except (OSError, StopIteration):
        return None
