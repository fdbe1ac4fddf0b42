"""Columns added to files of text: CSV and the like, JSON, JSON lines. See `engine.results.export.annotated_copy`."""

import csv
import io
import json
import re
from typing import Any

import numpy as np
import pandas as pd

from engine.core.errors import InputError
from engine.intake.delimited import find_delimiter, head_rows, header_of, splits_evenly
from engine.intake.encoding import decode
from engine.intake.sniff import ending
from engine.results.export.labels import disarmed, free

INSTEAD = "Take the groups as CSV instead."
_DECIMAL_COMMA = re.compile(r"^\s*-?\d+,\d+\s*$")


def delimited(data: bytes, name: str, added: pd.DataFrame) -> bytes:
    """Content of a CSV, TSV or TXT file with the columns `added`; InputError where its rows are not those that were read."""
    body, encoding = decode(data)
    body = body.strip(b"\r\n")
    delimiter = find_delimiter(body)
    if ending(name) == "txt" and not splits_evenly(body, delimiter):
        raise InputError(f"{name} has one text in each line and no columns. {INSTEAD}")
    delimiter, line_end = delimiter or ",", "\r\n" if b"\r\n" in body[: 2**16] else "\n"
    text = body.decode().replace("\r\n", "\n").replace("\r", "\n")
    head = head_rows(body, delimiter)
    names, skip, _ = header_of(head, name)
    comma = delimiter == ";" and any(_DECIMAL_COMMA.match(cell) for row in head for cell in row)
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=delimiter, lineterminator=line_end)
    lines = (row for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter) if row or len(names) == 1)
    cells = _cells(added, comma)
    n = -skip
    for n, row in enumerate(lines, -skip):
        more = [free(title, names) for title in added.columns] if n < 0 else next(cells, None)
        if more is None:
            break
        writer.writerow([disarmed(cell) for cell in [*row, *more]])
    same_rows(n + 1 if next(cells, None) is None else -1, len(added), name)
    return _encoded(out.getvalue(), data, encoding)


def _cells(added: pd.DataFrame, comma: bool = False) -> Any:
    """The added cells as text, row by row."""
    for row in added.itertuples(index=False):
        yield [
            "" if pd.isna(cell) else str(cell).replace(".", ",") if comma and isinstance(cell, float) else str(cell)
            for cell in row
        ]


def _encoded(text: str, data: bytes, encoding: str) -> bytes:
    """In the encoding of the original; in UTF-8 where a group's name has letters that the original's does not know."""
    if encoding == "UTF-16":
        return text.encode("utf-16")
    if encoding == "UTF-8":
        return text.encode("utf-8-sig" if data.startswith(b"\xef\xbb\xbf") else "utf-8")
    try:
        return text.encode("cp1252" if encoding == "Windows-1252" else "latin-1")
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
