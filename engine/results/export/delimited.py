"""Columns added to files of text: CSV and the like, JSON, JSON lines. See `engine.results.export.annotated_copy`."""

import csv
import io
import json
import re
from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from engine.core.errors import InputError
from engine.intake.files.encoding import decode
from engine.intake.files.sniff import ending
from engine.intake.layout.cell_kinds import filled, is_comment
from engine.intake.layout.splitting import split_text, splits_evenly
from engine.intake.layout.table_rows import Parsed, parse, records
from engine.intake.options import ReadOptions
from engine.results.export.labels import disarmed, free

INSTEAD = "Take the groups as CSV instead."
_DECIMAL_COMMA = re.compile(r"^\s*-?\d+,\d+\s*$")


def delimited(data: bytes, name: str, added: pd.DataFrame, options: ReadOptions | None = None) -> bytes:
    """Content of a CSV, TSV or TXT file with the columns `added`; every other cell, and what stands around the table, as it was.

    Parameters
    ----------
    data
        The file as it was uploaded.
    name
        What it is called.
    added
        One row for each row that was read from it.
    options
        The options with which it was read.

    Raises
    ------
    InputError
        Where its rows are not those that were read, or it has no columns that another could stand beside.
    """
    options = options or ReadOptions()
    body, codec = decode(data, options.encoding)
    body = body.rstrip(b"\r\n")
    body = body.replace(b"\r", b"\n") if b"\n" not in body else body
    split = split_text(body, options)
    if ending(name) == "txt" and not options.delimiter and not splits_evenly(split):
        raise InputError(f"{name} has one text in each line and no columns. {INSTEAD}")
    if split.text is not body or options.transpose:
        raise InputError(f"The cells of {name} are parted in a way that columns cannot be added to. {INSTEAD}")
    parsed = parse(split, name, options)
    line_end = "\r\n" if b"\r\n" in body[: 2**16] else "\n"
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=split.delimiter or ",", lineterminator=line_end)
    for row in _with_columns(parsed, body, added, name):
        writer.writerow([disarmed(cell) for cell in row])
    return _encoded(out.getvalue(), codec)


def _with_columns(parsed: Parsed, body: bytes, added: pd.DataFrame, name: str) -> Iterator[list[str]]:
    """The rows of the file; the names of the columns and the members with what is added to them."""
    layout, head = parsed.layout, parsed.split.head
    comma = parsed.split.delimiter == ";" and any(_DECIMAL_COMMA.match(cell) for row in head for cell in row)
    cells, width = _cells(added, comma), len(layout.names)
    same_rows(parsed.table.num_rows, len(added), name)
    place, most = 0, parsed.table.num_rows + len(parsed.left_out)
    for number, row in enumerate(records(body, parsed.split.delimiter)):
        if number + 1 == layout.header:
            pad = 0 if layout.names[:1] == ("",) and len(row) == width - 1 else width - len(row)
            yield [*row, *[""] * pad, *(free(title, layout.names) for title in added.columns)]
        elif number < layout.first or place >= most or not (filled(row) or (row and width > 1) or width == 1):
            yield from [row] if row else []
        elif place in parsed.left_out or (len(row) < width and is_comment(row)):
            place += len(row) >= width
            yield row
        else:
            place += 1
            yield [*row[:width], *[""] * (width - len(row)), *next(cells)]


def _cells(added: pd.DataFrame, comma: bool = False) -> Any:
    """The added cells as text, row by row."""
    for row in added.itertuples(index=False):
        yield [
            "" if pd.isna(cell) else str(cell).replace(".", ",") if comma and isinstance(cell, float) else str(cell)
            for cell in row
        ]


def _encoded(text: str, codec: str) -> bytes:
    """In the encoding of the original; in UTF-8 where a group's name has letters that the original's does not know."""
    try:
        return text.encode(codec)
    except UnicodeEncodeError:
        return text.encode("utf-8-sig")


def same_rows(found: int, rows: int, name: str) -> None:
    """InputError where a file holds another number of rows than was read from it."""
    if found != rows:
        raise InputError(f"The rows of {name} are not those that were read, so nothing was written. {INSTEAD}")


def with_keys(data: bytes, name: str, added: pd.DataFrame) -> bytes:
    """Content of a JSON file or of JSON lines with the columns `added` as keys."""
    text = decode(data)[0].decode()
    rows = [{str(key): plain(value) for key, value in row.items()} for row in added.to_dict("records")]
    try:
        parsed = json.loads(text)
    except json.JSONDecodeError:
        lines = [json.loads(line) for line in text.split("\n") if line.strip()]
        return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in _joined(lines, rows, name)).encode()
    records = parsed
    if isinstance(parsed, dict):
        lists = [
            key for key, value in parsed.items() if isinstance(value, list) and value and isinstance(value[0], dict)
        ]
        if len(lists) != 1:
            return _columns(parsed, rows, name)
        records = parsed[lists[0]]
    _joined(records, rows, name)
    return json.dumps(parsed, ensure_ascii=False, indent=2 if "\n" in text.strip() else None).encode()


def _joined(records: Any, rows: list[dict[str, Any]], name: str) -> list[dict[str, Any]]:
    """The records, each with what is added to it."""
    if not isinstance(records, list) or not all(isinstance(record, dict) for record in records):
        raise InputError(f"{name} is no list of objects, so that nothing can be added to them. {INSTEAD}")
    same_rows(len(records), len(rows), name)
    taken = {key for record in records for key in record}
    for record, row in zip(records, rows, strict=True):
        record |= {free(key, taken): value for key, value in row.items()}
    return records


def _columns(columns: dict[str, Any], rows: list[dict[str, Any]], name: str) -> bytes:
    """An object of columns, each a list or an object by row."""
    first = next(iter(columns.values()), None)
    same_rows(len(first) if isinstance(first, list | dict) else -1, len(rows), name)
    for key in rows[0]:
        values = [row[key] for row in rows]
        columns[free(key, columns)] = dict(zip(first, values, strict=True)) if isinstance(first, dict) else values
    return json.dumps(columns, ensure_ascii=False).encode()


def plain(value: Any) -> Any:
    """A cell as JSON knows it."""
    return None if pd.isna(value) else value.item() if isinstance(value, np.generic) else value
