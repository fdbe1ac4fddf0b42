"""What the map sends to the browser: one JSON header and compact arrays behind it, in a single block of bytes."""

import hashlib
import json
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

MISSING = 65535
"""The code of "no place", "no value" and "no group" in every uint16 array of the payload."""

Floats = NDArray[np.floating[Any]]


@dataclass(frozen=True)
class Bounds:
    """The box that the codes 0 to 65534 span, one entry per axis."""

    low: tuple[float, ...]
    high: tuple[float, ...]


def quantize(positions: Floats) -> tuple[NDArray[np.uint16], Bounds]:
    """Codes 0..65534 per axis of `[..., d]` and the box they span; members without a finite place become `MISSING`."""
    flat = np.asarray(positions, dtype=np.float32).reshape(-1, positions.shape[-1])
    lost = None if np.isfinite(flat).all() else ~np.isfinite(flat).all(axis=1)
    codes = np.empty(flat.shape, dtype=np.uint16)
    edges = []
    # Axis by axis: NumPy is ten times slower along the short side of a million rows.
    for axis in range(flat.shape[1]):
        column = np.ascontiguousarray(flat[:, axis])
        finite = column if lost is None else column[~lost]
        low, high = (float(finite.min()), float(finite.max())) if len(finite) else (0.0, 1.0)
        edges.append((low, high))
        scale = (MISSING - 1) / (high - low) if high > low else 0.0
        with np.errstate(invalid="ignore"):
            codes[:, axis] = (column - low) * scale + 0.5
    if lost is not None:
        codes[lost] = MISSING
    low_edges, high_edges = zip(*edges, strict=True)
    return codes.reshape(positions.shape), Bounds(low_edges, high_edges)


def scale_values(numbers: Floats) -> tuple[NDArray[np.uint16], dict[str, object]]:
    """Codes of `[n]` numbers between their 1st and 99th percentile, and what the scale says at both ends."""
    numbers = np.asarray(numbers, dtype=np.float32)
    finite = numbers[np.isfinite(numbers)]
    if not len(finite):
        return np.full(len(numbers), MISSING, dtype=np.uint16), {
            "low": 0.0,
            "high": 0.0,
            "below": False,
            "above": False,
        }
    # One extreme member would otherwise paint all others in a single color.
    low, high = (float(edge) for edge in np.percentile(finite, [1, 99]))
    if high <= low:
        low, high = float(finite.min()), float(finite.max())
    share = (numbers - low) / ((high - low) or 1.0)
    codes = np.rint(np.clip(np.nan_to_num(share), 0, 1) * (MISSING - 1)).astype(np.uint16)
    codes[~np.isfinite(numbers)] = MISSING
    ends = {"below": bool(finite.min() < low), "above": bool(finite.max() > high)}
    return codes, {"low": low, "high": high, **ends}


def group_codes(groups: NDArray[np.integer[Any]]) -> NDArray[np.uint16]:
    """Group numbers as uint16, -1 as `MISSING`."""
    groups = np.asarray(groups)
    if groups.size and (groups.min() < -1 or groups.max() >= MISSING):
        raise ValueError(f"groups must lie between -1 and {MISSING - 1}, got {groups.min()} to {groups.max()}")
    return np.where(groups < 0, MISSING, groups).astype(np.uint16)


def pack(header: Mapping[str, object], parts: Mapping[str, bytes]) -> bytes:
    """Length of the header (uint32, little endian), the header, then every part at a multiple of four bytes.

    The header lists `parts` as name -> [offset, length, digest]; the browser keeps what has the digest it knows.
    """
    table: dict[str, Sequence[object]] = {}
    offset = 0
    for name, part in parts.items():
        table[name] = [offset, len(part), hashlib.blake2b(part, digest_size=8).hexdigest()]
        offset += _padded(len(part))
    head = json.dumps({**header, "parts": table}, ensure_ascii=False).encode()
    head += b" " * (_padded(len(head)) - len(head))
    body = [part + b"\0" * (_padded(len(part)) - len(part)) for part in parts.values()]
    return b"".join([struct.pack("<I", len(head)), head, *body])


def _padded(length: int) -> int:
    return -(-length // 4) * 4
