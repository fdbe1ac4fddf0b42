"""Zstandard: a file of one or more frames, unpacked in small steps, since few bytes can become very many."""

from __future__ import annotations

from engine.core.errors import InputError
from engine.intake.limits import Meter
from engine.intake.wording import italic

STEP = 2048
"""Packed bytes that are unpacked at a time; they become 64 MiB at most."""
MOST_FRAMES = 100_000


def unpack_zstandard(data: bytes, name: str, limit: int) -> bytes:
    """The content of a .zst file, counted as it comes; InputError if it is damaged, too large or ends in the middle."""
    import zstandard

    meter, parts, place = Meter(name, len(data), limit), list[bytes](), 0
    unpacker = zstandard.ZstdDecompressor()
    try:
        for _ in range(MOST_FRAMES):
            frame = unpacker.decompressobj()
            while place < len(data) and not frame.eof:
                part = frame.decompress(data[place : place + STEP])
                place += STEP
                meter.add(len(part))
                parts.append(part)
            if not frame.eof:
                raise InputError(f"{italic(name)} ends in the middle: it was not copied completely. Upload it again.")
            place = min(place, len(data)) - len(frame.unused_data)
            if place >= len(data):
                return b"".join(parts)
    except zstandard.ZstdError as error:
        raise InputError(f"{italic(name)} is damaged and cannot be unpacked. Pack or download it again.") from error
    raise InputError(f"{italic(name)} is packed in more than {MOST_FRAMES:,} frames: pack it again.")
