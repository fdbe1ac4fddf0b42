"""Groups in a copy of the file that was uploaded: same format, same rows in their order, the user's columns untouched.

CSV keeps delimiter, encoding and line ends; a text cell that a spreadsheet would run as a formula gets a leading apostrophe
there, as in `engine.results.export`. A workbook keeps its other sheets and the formulas of the user (not charts and pictures in
it). What cannot carry columns, or was read in other rows than it is written in, raises an InputError that says what to take.
"""

import csv
import gzip
import io
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from engine.errors import InputError
from engine.intake.delimited import decode, find_delimiter, head_rows, header_of, is_even
from engine.intake.sniff import ending, format_of
from engine.results.export import disarmed, free, group_columns
from engine.results.record import Result

_DECIMAL_COMMA = re.compile(r"^\s*-?\d+,\d+\s*$")
_INSTEAD = "Take the groups as CSV instead."
ENDINGS = ("csv", "tsv", "tab", "txt", "json", "jsonl", "ndjson", "parquet", "xlsx", "xlsm")
"""Endings of files that columns can be added to."""


def ending_of(name: str) -> str:
    """The ending that the copy of a file gets, with that of a packed one."""
    return f"{ending(name)}.gz" if name.lower().endswith(".gz") else ending(name)


def takes_columns(name: str) -> bool:
    """Whether columns can be added to a file of this name."""
    return ending(name) in ENDINGS


def copied(path: Path, result: Result, rows: int) -> bytes:
    """The file with columns "group", "group name" and "sure" added; `rows` is how many rows were read from it."""
    added = group_columns(result, rows)
    return _copied(path.read_bytes(), path.name, added)


def _copied(data: bytes, name: str, added: pd.DataFrame) -> bytes:
    found = format_of(data[:4096], name)
    if found == "gz":
        inner = name[:-3] if name.lower().endswith(".gz") else name
        return gzip.compress(_copied(gzip.decompress(data), inner, added), mtime=0)
    makers: dict[str, Callable[[], bytes]] = {
        "parquet": lambda: _parquet(data, added),
        "json": lambda: _json(data, name, added),
        "jsonl": lambda: _json(data, name, added),
        "ndjson": lambda: _json(data, name, added),
        "zip": lambda: _workbook(data, name, added),
    }
    if found in makers:
        return makers[found]()
    if found in ("csv", "tsv", "tab", "txt"):
        return _delimited(data, name, added)
    raise InputError(f"Columns cannot be added to {name}. {_INSTEAD}")


def _delimited(data: bytes, name: str, added: pd.DataFrame) -> bytes:
    body, encoding = decode(data)
    body = body.strip(b"\r\n")
    delimiter = find_delimiter(body)
    if ending(name) == "txt" and not is_even(body, delimiter):
        raise InputError(f"{name} has one text in each line and no columns. {_INSTEAD}")
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
    _check(n + 1 if next(cells, None) is None else -1, len(added), name)
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


def _check(found: int, rows: int, name: str) -> None:
    if found != rows:
        raise InputError(f"The rows of {name} are not those that were read, so nothing was written. {_INSTEAD}")


def _json(data: bytes, name: str, added: pd.DataFrame) -> bytes:
    text = decode(data)[0].decode()
    rows = [{str(key): _plain(value) for key, value in row.items()} for row in added.to_dict("records")]
    try:
        found = json.loads(text)
    except json.JSONDecodeError:
        lines = [json.loads(line) for line in text.split("\n") if line.strip()]
        return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in _joined(lines, rows, name)).encode()
    records = found
    if isinstance(found, dict):
        lists = [
            key for key, value in found.items() if isinstance(value, list) and value and isinstance(value[0], dict)
        ]
        if len(lists) != 1:
            return _columns(found, rows, name)
        records = found[lists[0]]
    _joined(records, rows, name)
    return json.dumps(found, ensure_ascii=False, indent=2 if "\n" in text.strip() else None).encode()


def _joined(records: Any, rows: list[dict[str, Any]], name: str) -> list[dict[str, Any]]:
    """The records, each with what is added to it."""
    if not isinstance(records, list) or not all(isinstance(record, dict) for record in records):
        raise InputError(f"{name} is no list of objects, so that nothing can be added to them. {_INSTEAD}")
    _check(len(records), len(rows), name)
    taken = {key for record in records for key in record}
    for record, row in zip(records, rows, strict=True):
        record |= {free(key, taken): value for key, value in row.items()}
    return records


def _columns(found: dict[str, Any], rows: list[dict[str, Any]], name: str) -> bytes:
    """An object of columns, each a list or an object by row."""
    first = next(iter(found.values()), None)
    _check(len(first) if isinstance(first, list | dict) else -1, len(rows), name)
    for key in rows[0]:
        values = [row[key] for row in rows]
        found[free(key, found)] = dict(zip(first, values, strict=True)) if isinstance(first, dict) else values
    return json.dumps(found, ensure_ascii=False).encode()


def _plain(value: Any) -> Any:
    """A cell as JSON knows it."""
    return None if pd.isna(value) else value.item() if isinstance(value, np.generic) else value


def _parquet(data: bytes, added: pd.DataFrame) -> bytes:
    table = pq.read_table(pa.BufferReader(data))
    for name in added.columns:
        table = table.append_column(free(name, table.schema.names), pa.Array.from_pandas(added[name]))
    out = io.BytesIO()
    pq.write_table(table, out, compression="zstd")
    return out.getvalue()


def _workbook(data: bytes, name: str, added: pd.DataFrame) -> bytes:
    """The first sheet that has a filled cell; its first filled row holds the names of the columns."""
    import openpyxl

    if ending(name) == "zip":
        raise InputError(f"Columns cannot be added to the files in {name}. {_INSTEAD}")
    book = openpyxl.load_workbook(io.BytesIO(data), keep_vba=ending(name) == "xlsm")
    filled = ((sheet, _filled(sheet)) for sheet in book.worksheets)
    sheet, lines = next((found for found in filled if found[1]), (book.worksheets[0], {}))
    _check(len(lines) - 1, len(added), name)
    width = max(lines.values())
    taken = {str(cell.value) for cell in sheet[min(lines)]}
    titles = [free(title, taken) for title in added.columns]
    rows = [titles, *([_plain(cell) for cell in row] for row in added.itertuples(index=False))]
    for line, cells in zip(lines, rows, strict=True):
        for i, value in enumerate(cells, 1):
            cell = sheet.cell(line, width + i, value)
            if isinstance(value, str):
                cell.data_type = "s"  # never a formula
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _filled(sheet: Any) -> dict[int, int]:
    """Rows of a sheet that hold a value, and the last column of each that does."""
    return {
        number: max(i for i, value in enumerate(row, 1) if value not in (None, ""))
        for number, row in enumerate(sheet.iter_rows(values_only=True), 1)
        if any(value not in (None, "") for value in row)
    }
