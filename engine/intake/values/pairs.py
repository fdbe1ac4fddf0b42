"""Cells that hold two values, such as a blood pressure or a place on a map: each becomes a column of its own."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from engine.intake.values.angles import DEGREES
from engine.intake.values.numbers import count_true
from engine.intake.wording import italic, joined, listed, quote

_NUMBER = r"[+-]?\d{1,3}\.\d{3,15}"
_ANGLE = re.sub(r"\?P<\w+>", "?:", DEGREES)
_PRESSURE = re.compile(
    r"\bbp\b|blood.?pressure|blutdruck|tension art|presi[oó]n art|press[aã]o art|press\w* arter|^rr$", re.I
)
_PATTERNS: Mapping[str, str] = {
    "slash": r"^(?P<a>\d{1,3}(?:\.\d)?) ?/ ?(?P<b>\d{1,3}(?:\.\d)?)$",
    "place": rf"^(?P<a>{_NUMBER})°? ?[,;] ?(?P<b>{_NUMBER})°?$",
    "point": r"^(?i:point) ?\( ?(?P<a>[+-]?\d{1,3}(?:\.\d{1,15})?) (?P<b>[+-]?\d{1,3}(?:\.\d{1,15})?) ?\)$",
    "angles": rf"^(?P<a>{_ANGLE})(?: ?[,;/] ?| )(?P<b>{_ANGLE})$",
}
_PLAIN = re.compile(r"[+-]?\d{1,15}\.\d{0,40}")
_SIGNS = {"slash": "/", "place": ".", "point": "(", "angles": "°"}
_HALVES = (2, 4, 8, 16, 32, 64)
LEAST = 5
"""Different cells that a column of pairs has at least."""


@dataclass(frozen=True)
class _Pair:
    """The two columns of strings that a column becomes, and what they are called behind its name."""

    first: pa.ChunkedArray
    second: pa.ChunkedArray
    names: tuple[str, str]


def split_pairs(
    columns: Mapping[str, pa.ChunkedArray], known: Mapping[str, object]
) -> tuple[dict[str, pa.ChunkedArray], list[str]]:
    """The columns of words, those whose cells all hold two values parted into two, and sentences on these.

    Parameters
    ----------
    columns
        Strings by name; blanks are "".
    known
        Columns of the training data, by name: what was parted there is parted again.

    Returns
    -------
    tuple
        The columns, and a sentence for each kind of pair.
    """
    result, parted = dict[str, pa.ChunkedArray](), dict[tuple[str, str], list[tuple[str, str]]]()
    for name, column in columns.items():
        pair = _pair(name, column, known)
        if pair is None or any(f"{name} {part}" in columns for part in pair.names):
            result[name] = column
            continue
        result |= {f"{name} {part}": half for part, half in zip(pair.names, (pair.first, pair.second), strict=True)}
        example = next(cell for cell in column.to_pylist() if cell and cell.strip())
        parted.setdefault(pair.names, []).append((name, example))
    return result, [_sentence(names, found) for names, found in parted.items()]


def _sentence(names: tuple[str, str], found: list[tuple[str, str]]) -> str:
    columns = [name for name, _ in found]
    new = joined([italic(f"{columns[0]} {part}") for part in names])
    each = "each cell becomes" if len(columns) == 1 else "each cell becomes, as of the first,"
    hold = "holds" if len(columns) == 1 else "hold"
    return f"{listed(columns)} {hold} two values in a cell, such as {quote(found[0][1], 40)}: {each} {new}."


def _pair(name: str, column: pa.ChunkedArray, known: Mapping[str, object]) -> _Pair | None:
    first = next(
        (cell for cell in (column[i].as_py() for i in range(min(len(column), 20))) if cell and cell.strip()), ""
    )
    if len(first) > 60 or not any(sign in first for sign in _SIGNS.values()):
        return None
    if _PLAIN.fullmatch(first.strip()) and not any(f"{name} {part}" in known for part in _PARTS):
        return None  # where one cell is a number, not all are pairs
    for kind, pattern in _PATTERNS.items():
        if _SIGNS[kind] in first and (found := _parted(name, kind, column, pattern, known)) is not None:
            return found
    return None


def _parted(name: str, kind: str, column: pa.ChunkedArray, pattern: str, known: Mapping[str, object]) -> _Pair | None:
    cells = pc.utf8_trim_whitespace(column)
    filled = pc.not_equal(cells, "")
    again = next((names for names in _NAMES[kind] if all(f"{name} {part}" in known for part in names)), None)
    total, matching = count_true(filled), pc.match_substring_regex(cells, pattern)
    if count_true(matching) < (0.2 if again else 1.0) * max(total, 1):
        return None
    parts = pc.extract_regex(cells, pattern)
    halves = [pc.struct_field(parts, part) for part in ("a", "b")]
    names = again or _named(name, kind, halves)
    if names is None or (again is None and pc.count_distinct(cells.filter(filled)).as_py() < LEAST):
        return None
    rest = pc.if_else(matching, "", cells)  # what is no pair is shown as what it is
    return _Pair(pc.coalesce(halves[0], rest), pc.fill_null(halves[1], ""), names)


_NAMES: Mapping[str, tuple[tuple[str, str], ...]] = {
    "slash": (("systolic", "diastolic"), ("1", "2")),
    "place": (("latitude", "longitude"), ("longitude", "latitude")),
    "point": (("longitude", "latitude"),),
    "angles": (("latitude", "longitude"), ("longitude", "latitude")),
}


_PARTS = frozenset(part for kinds in _NAMES.values() for names in kinds for part in names)


def _named(name: str, kind: str, halves: list[pa.ChunkedArray]) -> tuple[str, str] | None:
    """What the two values are; None where they are no pair, but a mark out of one number, a month or a fraction."""
    if kind == "point":
        return _NAMES[kind][0]
    if kind == "angles":
        north = count_true(pc.match_substring_regex(halves[0].drop_null(), "[NS]"))
        return _NAMES[kind][0 if north else 1]
    a, b = (pc.cast(half, pa.float64()).drop_null() for half in halves)
    most = [pc.max(pc.abs(values)).as_py() or 0.0 for values in (a, b)]
    if kind == "place":
        fits = [most[0] <= 90 and most[1] <= 180, most[1] <= 90 and most[0] <= 180]
        return _NAMES[kind][0] if fits[0] else _NAMES[kind][1] if fits[1] else None
    others = set(pc.unique(b).to_pylist())
    if len(others) == 1 or most[0] <= 12 or others <= set(_HALVES):
        return None
    return _NAMES[kind][0 if _PRESSURE.search(name) else 1]
