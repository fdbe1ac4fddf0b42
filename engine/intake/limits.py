"""How much may be read. Sizes are counted while bytes arrive; what a file says about itself is never trusted."""

from __future__ import annotations

import os
import zlib
from pathlib import Path
from typing import BinaryIO

from engine.core.errors import InputError
from engine.intake.wording import mark, size

DEFAULT = 2**30
RATIO = 100  # honest data rarely shrinks more than tenfold; a bomb shrinks a thousandfold
SMALL = 2**18  # below this an extreme ratio is harmless
CHUNK = 2**20


def upload_limit(limit: int | None = None) -> int:
    """The most bytes one upload may have: `limit`, else CONSTELLA_MAX_UPLOAD, else 1 GiB."""
    if limit is not None:
        return limit
    text = os.environ.get("CONSTELLA_MAX_UPLOAD", "").strip()
    if not text:
        return DEFAULT
    if not text.isdigit() or int(text) == 0:
        raise InputError(f"CONSTELLA_MAX_UPLOAD is “{text}”; it must be a whole number of bytes, such as {DEFAULT}.")
    return int(text)


def check_size(path: Path, name: str, limit: int) -> None:
    """InputError if the file on disk is larger than `limit` bytes."""
    found = path.stat().st_size
    if found > limit:
        raise InputError(
            f"{mark(name)} has {size(found)}, and one upload may have at most {size(limit)}: "
            "upload a smaller part of it, or ask whoever runs this server to raise CONSTELLA_MAX_UPLOAD."
        )


class Meter:
    """Counts the bytes an archive of `packed` bytes unpacks to and refuses what grows beyond reason."""

    def __init__(self, name: str, packed: int, limit: int) -> None:
        self.name, self.packed, self.limit, self.unpacked = name, packed, limit, 0

    def add(self, n: int) -> None:
        """Count `n` more bytes; InputError if the total is too large or a hundred times what was packed."""
        self.unpacked += n
        if self.unpacked > max(SMALL, RATIO * self.packed):
            raise InputError(
                f"{mark(self.name)} unpacks to more than {RATIO} times its size, which honest data does not do, "
                "so it was not opened: unpack it yourself and upload the content."
            )
        if self.unpacked > self.limit:
            raise InputError(
                f"{mark(self.name)} unpacks to more than the {size(self.limit)} that one upload may have: "
                "upload a smaller part of it."
            )


def read_counted(stream: BinaryIO, meter: Meter) -> bytes:
    """All bytes of an unpacking stream, counted as they come."""
    parts: list[bytes] = []
    while part := stream.read(CHUNK):
        meter.add(len(part))
        parts.append(part)
    return b"".join(parts)


def gunzip(data: bytes, name: str, limit: int) -> bytes:
    """The content of a .gz file (all its members); InputError if it is damaged, cut off or a bomb."""
    meter, parts = Meter(name, len(data), limit), []
    try:
        while data:
            unpacker = zlib.decompressobj(wbits=31)
            while not unpacker.eof:
                part = unpacker.decompress(data, CHUNK)
                data = unpacker.unconsumed_tail or unpacker.unused_data
                meter.add(len(part))
                parts.append(part)
                if not part and not data and not unpacker.eof:
                    raise InputError(f"{mark(name)} ends in the middle: it was not copied completely. Upload it again.")
            data = data.lstrip(b"\0")  # some tools pad the file with zeros
    except zlib.error as error:
        raise InputError(f"{mark(name)} is damaged and cannot be unpacked. Pack or download it again.") from error
    return b"".join(parts)
