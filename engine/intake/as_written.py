"""The cells of a file as they are written in it (leading zeros, spellings, dates, blanks), before any was read as a value."""

from __future__ import annotations

import io
from pathlib import Path

import pandas as pd
import pyarrow as pa

from engine.core.errors import InputError
from engine.intake.files.archive import Archive, Tar
from engine.intake.files.encoding import lines_of
from engine.intake.files.sniff import format_of
from engine.intake.files.zstandard_frames import unpack_zstandard
from engine.intake.formats import DEEPEST, HEAD, WORKBOOK, without_packing
from engine.intake.layout.large_files import parse_large
from engine.intake.layout.splitting import split_text, splits_evenly
from engine.intake.layout.table_rows import parse
from engine.intake.limits import gunzip, unpack, upload_limit
from engine.intake.options import ReadOptions
from engine.intake.raw import Raw
from engine.intake.tables import named_columns

DELIMITED = ("csv", "tsv", "tab", "txt", "md", "text", "", "other")


def rows_as_written(raw: Raw, path: Path, folder: Path) -> pd.DataFrame:
    """The rows of a table, each cell as it is written in the file that it was read from.

    Parameters
    ----------
    raw
        What was read.
    path
        The file.
    folder
        Where a large table is laid out on disk; it has to stay while the rows are in use.

    Returns
    -------
    DataFrame
        One row for each of `raw.rows`. Of delimited text and workbooks, packed ones too, strings under the names of `raw.rows`; a
        column of lists that was spread over several is one here. Of other files, whose cells are values, `raw.rows` itself.
    """
    if raw.kind not in ("table", "text") or path.is_dir():
        return raw.rows
    try:
        table = _strings(path, raw.name, raw.options, folder)
    except InputError:
        return raw.rows
    if table is None or table.num_rows != len(raw):
        return raw.rows
    columns, _ = named_columns(table, raw.options)
    if not all(name in columns or name.rpartition(" ")[0] in columns for name in map(str, raw.rows)):
        return raw.rows
    written: pd.DataFrame = pa.table(columns).to_pandas(types_mapper=pd.ArrowDtype)
    return written


def _strings(path: Path, name: str, options: ReadOptions, folder: Path) -> pa.Table | None:
    """The table of a file as strings, under the names in its header; None where its cells are no text."""
    large = parse_large(path, name, options, folder / "columns.arrow")
    if large is not None:
        return large[0].table
    data, name = _unpacked(path.read_bytes(), name)
    found = format_of(data[:HEAD], name)
    if found in ("zip", "ole"):
        return _sheet(data, name, options)
    if found not in DELIMITED or data.lstrip()[:1] in (b"{", b"["):
        return None
    split = split_text(lines_of(data, name, options.encoding)[0], options)
    if options.kind == "text" or (
        found not in ("csv", "tsv", "tab") and not options.delimiter and not splits_evenly(split)
    ):
        return None
    return parse(split, name, options).table


def _sheet(data: bytes, name: str, options: ReadOptions) -> pa.Table:
    from engine.intake.layout.sheets import chosen_sheet, find_table
    from engine.intake.readers.workbook import grids

    sheets = grids(data, name)
    best, _ = chosen_sheet(sheets, name, options)
    return find_table(sheets[best], name, options).table


def _unpacked(data: bytes, name: str) -> tuple[bytes, str]:
    """The one file in all that is packed around it, and its name."""
    limit = upload_limit()
    for _ in range(DEEPEST):
        found = format_of(data[:HEAD], name)
        if found == "gz":
            data, name = gunzip(data, name, limit), without_packing(name, "gz")
        elif found in ("bz2", "xz"):
            data, name = unpack(data, name, limit), without_packing(name, found)
        elif found == "zst":
            data, name = unpack_zstandard(data, name, limit), without_packing(name, found)
        elif found in ("zip", "tar"):
            files = Archive(io.BytesIO(data), name, len(data), limit) if found == "zip" else Tar(data, name, limit)
            if len(files.names) != 1 or any(path in files.names for path in WORKBOOK):
                break
            path, content = next(iter(files.read()))
            data, name = content or b"", path.rsplit("/", 1)[-1]
        else:
            break
    return data, name
