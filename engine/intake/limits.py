"""How much may be read. Sizes are counted while bytes arrive; what a file says about itself is never trusted."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import os
import zlib
from pathlib import Path
from typing import Any, Protocol

from engine.core.errors import InputError
from engine.intake.wording import italic, size

DEFAULT = 2**30
HELD = 3  # copies of unpacked bytes that are in memory while they become an array or a table
CHUNK = 2**20
_CGROUPS = (
    ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory.current"),
    ("/sys/fs/cgroup/memory/memory.limit_in_bytes", "/sys/fs/cgroup/memory/memory.usage_in_bytes"),
)


def upload_limit(limit: int | None = None) -> int:
    """The most bytes one upload may have: `limit`, else CONSTELLA_MAX_UPLOAD, else 1 GiB.

    InputError where that variable is no whole number of bytes.
    """
    if limit is not None:
        return limit
    text = os.environ.get("CONSTELLA_MAX_UPLOAD", "").strip()
    if not text:
        return DEFAULT
    if not text.isascii() or not text.isdigit() or int(text) == 0:
        raise InputError(f"CONSTELLA_MAX_UPLOAD is “{text}”; it must be a whole number of bytes, such as {DEFAULT}.")
    return int(text)


def check_size(path: Path, name: str, limit: int) -> None:
    """InputError if the file on disk is larger than `limit` bytes."""
    found = path.stat().st_size
    if found > limit:
        raise InputError(
            f"{italic(name)} has {size(found)}, and one upload may have at most {size(limit)}: "
            "upload a smaller part of it, or ask whoever runs this server to raise CONSTELLA_MAX_UPLOAD."
        )


def free_memory() -> int | None:
    """Bytes that this process may still take, by the machine and by its control group; None where neither says it."""
    known = [_machine_memory(), *(_group_memory(*paths) for paths in _CGROUPS)]
    return min((found for found in known if found is not None), default=None)


def _machine_memory() -> int | None:
    try:
        lines = Path("/proc/meminfo").read_text().splitlines()
        return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable"))
    except (OSError, StopIteration):
        pass
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 2
    except (AttributeError, OSError, ValueError):
        return None


def _group_memory(most: str, used: str) -> int | None:
    try:
        return max(int(Path(most).read_text()) - int(Path(used).read_text()), 0)
    except (OSError, ValueError):  # no such group, or no limit ("max")
        return None


class Meter:
    """Counts the bytes that a file of `packed` bytes unpacks to; refuses more than `limit`, or than memory can hold."""

    def __init__(self, name: str, packed: int, limit: int) -> None:
        self.name, self.packed, self.limit, self.unpacked = name, packed, limit, 0
        self.free = free_memory()

    def add(self, n: int) -> None:
        """Count `n` more bytes; InputError if the total is too large."""
        self.unpacked += n
        if self.unpacked > self.limit:
            raise InputError(
                f"{italic(self.name)} has {size(self.packed)}, but unpacks to more than {size(self.limit)}, the most that "
                "one upload may unpack to: upload a smaller part of it, or ask whoever runs this server to raise "
                "CONSTELLA_MAX_UPLOAD."
            )
        if self.free is not None and self.unpacked * HELD > self.free:
            raise InputError(
                f"{italic(self.name)} has {size(self.packed)}, but unpacks to more than the {size(self.free // HELD)} that fit "
                "into the memory of this machine now: upload a smaller part of it, or end other programs there first."
            )


class Stream(Protocol):
    """What bytes can be read from."""

    def read(self, size: int, /) -> bytes:
        """At most `size` bytes; none at the end."""


def read_counted(stream: Stream, meter: Meter) -> bytes:
    """All bytes of an unpacking stream, counted as they come."""
    parts: list[bytes] = []
    while part := stream.read(CHUNK):
        meter.add(len(part))
        parts.append(part)
    return b"".join(parts)


def gunzip(data: bytes, name: str, limit: int, most: int = -1) -> bytes:
    """The content of a .gz file (all its members, or its first `most` bytes); InputError if it is damaged or too large."""
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(data)) as stream:
            return stream.read(most) if most >= 0 else read_counted(stream, Meter(name, len(data), limit))
    except EOFError as error:
        raise InputError(
            f"{italic(name)} ends in the middle: it was not copied completely. Upload it again."
        ) from error
    except (OSError, zlib.error) as error:
        raise InputError(f"{italic(name)} is damaged and cannot be unpacked. Pack or download it again.") from error


def unpack(data: bytes, name: str, limit: int) -> bytes:
    """The content of a .bz2 or .xz file, counted as it comes; InputError if it is damaged or too large."""
    opener: Any = bz2.BZ2File if data.startswith(b"BZh") else lzma.LZMAFile
    try:
        with opener(io.BytesIO(data)) as stream:
            return read_counted(stream, Meter(name, len(data), limit))
    except InputError:
        raise
    except EOFError as error:
        raise InputError(
            f"{italic(name)} ends in the middle: it was not copied completely. Upload it again."
        ) from error
    except (OSError, ValueError, lzma.LZMAError) as error:
        raise InputError(f"{italic(name)} is damaged and cannot be unpacked. Pack or download it again.") from error
