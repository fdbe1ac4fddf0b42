"""Groups in a copy of the file that was uploaded: same format, same rows in their order, the user's columns untouched.

CSV keeps delimiter, encoding and line ends; a text cell that a spreadsheet would run as a formula gets a leading apostrophe
there, as in `engine.results.export.labels`. A workbook keeps its other sheets and the formulas of the
user (not charts and pictures in it). What cannot
carry columns, or was read in other rows than it is written in, raises an InputError that says what to take.
"""

import gzip
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from engine.core.errors import InputError
from engine.intake.files.sniff import ending, format_of
from engine.intake.layout.sheets import chosen_sheet, find_table
from engine.intake.options import ReadOptions
from engine.intake.readers.workbook import grids
from engine.results.export.delimited import INSTEAD, delimited, plain, same_rows, with_keys
from engine.results.export.labels import free, group_columns
from engine.results.record.record import Result

ENDINGS = ("csv", "tsv", "tab", "txt", "json", "jsonl", "ndjson", "parquet", "xlsx", "xlsm")
"""Endings of files that columns can be added to."""


def ending_of(name: str) -> str:
    """The ending that the copy of a file gets, with that of a packed one."""
    return f"{ending(name)}.gz" if name.lower().endswith(".gz") else ending(name)


def takes_columns(name: str) -> bool:
    """Whether columns can be added to a file of this name."""
    return ending(name) in ENDINGS


def copied(path: Path, result: Result, rows: int, options: ReadOptions | None = None) -> bytes:
    """The file with columns "group", "group name" and "sure" added; `rows` were read from it, with `options`."""
    added = group_columns(result, rows)
    return _copied(path.read_bytes(), path.name, added, options or ReadOptions())


def _copied(data: bytes, name: str, added: pd.DataFrame, options: ReadOptions) -> bytes:
    format = format_of(data[:4096], name)
    if format == "gz":
        inner = name[:-3] if name.lower().endswith(".gz") else name
        return gzip.compress(_copied(gzip.decompress(data), inner, added, options), mtime=0)
    makers: dict[str, Callable[[], bytes]] = {
        "parquet": lambda: _parquet(data, added),
        "json": lambda: with_keys(data, name, added),
        "jsonl": lambda: with_keys(data, name, added),
        "ndjson": lambda: with_keys(data, name, added),
        "zip": lambda: _workbook(data, name, added, options),
    }
    if format in makers:
        return makers[format]()
    if format in ("csv", "tsv", "tab", "txt"):
        return delimited(data, name, added, options)
    raise InputError(f"Columns cannot be added to {name}. {INSTEAD}")


def _parquet(data: bytes, added: pd.DataFrame) -> bytes:
    table = pq.read_table(pa.BufferReader(data))
    for name in added.columns:
        table = table.append_column(free(name, table.schema.names), pa.Array.from_pandas(added[name]))
    out = io.BytesIO()
    pq.write_table(table, out, compression="zstd")
    return out.getvalue()


def _workbook(data: bytes, name: str, added: pd.DataFrame, options: ReadOptions) -> bytes:
    """The sheet that was read, with columns to the right of what is in it, in the rows that are members."""
    import openpyxl

    if ending(name) not in ("xlsx", "xlsm"):
        raise InputError(f"Columns cannot be added to {name}. {INSTEAD}")
    if options.transpose:
        raise InputError(f"Rows and columns of {name} changed places, so that no columns can be added to it. {INSTEAD}")
    cells = grids(data, name)
    title, _ = chosen_sheet(cells, name, options)
    found = find_table(cells[title], name, options)
    same_rows(len(found.places), len(added), name)
    book = openpyxl.load_workbook(io.BytesIO(data), keep_vba=ending(name) == "xlsm")
    sheet = book[title]
    width = max(max(_filled(sheet).values()), 1)
    top = [str(cell.value) for cell in sheet[found.header]] if found.header else []
    rows = {found.header: [free(column, top) for column in added.columns]} if found.header else {}
    rows |= {
        place + 1: [plain(cell) for cell in row]
        for place, row in zip(found.places, added.itertuples(index=False), strict=True)
    }
    for line, values in rows.items():
        for i, value in enumerate(values, 1):
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
