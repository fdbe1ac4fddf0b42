"""Logs whose lines are pairs of a key and a value (logfmt): ts=2024-01-31T10:00:00Z level=info msg="request done"."""

from __future__ import annotations

import re
from collections.abc import Mapping

import pyarrow as pa

from engine.intake.layout.widths import WIDEST
from engine.intake.limits import Meter

_PAIR = re.compile(r'([A-Za-z_@][\w.@/-]{0,60})=("(?:[^"\\]|\\.)*"|[^\s"]*)(?:\s+|$)')
HEAD = 200
"""Lines by which such a log is known."""
LEAST_PAIRS, LEAST_LINES = 2, 3


def parse_line(line: str) -> dict[str, str] | None:
    """The pairs of a line; None where it holds anything else.

    Examples
    --------
    >>> parse_line('level=info msg="all \\\\"done\\\\"" took=3ms')
    {'level': 'info', 'msg': 'all "done"', 'took': '3ms'}
    """
    pairs: dict[str, str] = {}
    place = 0
    while place < len(line):
        found = _PAIR.match(line, place)
        if found is None:
            return None
        value = found[2]
        pairs[found[1]] = re.sub(r"\\(.)", r"\1", value[1:-1]) if value[:1] == '"' else value
        place = found.end()
    return pairs


def is_log(text: bytes) -> bool:
    """Whether all of the first lines are pairs of keys and values, two or more in each, with keys that come again."""
    lines = [line.strip() for line in text[: 2**18].split(b"\n")]
    lines = [line for line in (lines[:-1] if len(text) > 2**18 else lines) if line][:HEAD]
    if len(lines) < LEAST_LINES or b"=" not in lines[0]:
        return False
    found = [parse_line(line.decode("utf-8", "replace")) for line in lines]
    if not all(pairs is not None and len(pairs) >= LEAST_PAIRS for pairs in found):
        return False
    keys = [set(pairs or ()) for pairs in found]
    return bool(keys[0] & keys[1]) and len(set.union(*keys)) <= max(10, len(lines))


def log_table(text: bytes, name: str) -> tuple[pa.Table, int]:
    """All lines as a table of strings, a column for each key, "" where a line lacks it; and how many lines are no pairs."""
    meter, columns, rows, others = Meter(name, len(text), 16 * len(text) + 2**24), dict[str, list[str]](), 0, 0
    for line in text.decode("utf-8", "replace").split("\n"):
        if not line.strip():
            continue
        pairs = parse_line(line.strip())
        if pairs is None:
            others += 1
            continue
        _add(columns, pairs, rows)
        rows += 1
        meter.add(8 * len(columns))
    for values in columns.values():
        values += [""] * (rows - len(values))
    return pa.table({key: pa.array(values, pa.string()) for key, values in columns.items()}), others


def _add(columns: dict[str, list[str]], pairs: Mapping[str, str], row: int) -> None:
    """Append a row; a key that was left out before gets blanks for the rows in between."""
    for key, value in pairs.items():
        if key not in columns and len(columns) >= WIDEST:
            continue
        values = columns.setdefault(key, [])
        values += [""] * (row - len(values))
        values.append(value)
