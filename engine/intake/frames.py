"""Tables that already have types: data frames, Parquet, Excel, JSON."""

from __future__ import annotations

import datetime as dt
import io
import json
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from engine.core.errors import InputError
from engine.intake.cells import Typed, finite, typed
from engine.intake.encoding import lines_of
from engine.intake.limits import Meter
from engine.intake.naming import unique_names
from engine.intake.raw import Content
from engine.intake.wording import count, italic


def from_frame(frame: pd.DataFrame, notes: list[str] | None = None) -> Content:
    """A data frame's rows with every column a number, truth value, date or words; an index with names becomes columns."""
    if any(name is not None for name in frame.index.names):
        frame = frame.reset_index(allow_duplicates=True)
    names, renamed = unique_names([_flat(name) for name in frame.columns])
    columns: dict[str, pd.Series[Any]] = {}
    found_notes = [*(notes or []), *renamed]
    for position, name in enumerate(names):
        found = _plain(name, frame.iloc[:, position].reset_index(drop=True))
        columns[name] = found.values
        found_notes += found.notes
    return Content(pd.DataFrame(columns, index=pd.RangeIndex(len(frame))), notes=found_notes)


def _flat(name: object) -> object:
    return " ".join(str(part) for part in name if str(part)) if isinstance(name, tuple) else name


def _plain(name: str, column: pd.Series[Any]) -> Typed:
    """One column in the few types rows may have: int64, float64, bool, boolean, datetime64[us], str."""
    kind = column.dtype
    if isinstance(kind, pd.CategoricalDtype):
        column, kind = column.astype(kind.categories.dtype), kind.categories.dtype
    if pd.api.types.is_bool_dtype(kind):
        return Typed(column.astype("boolean" if column.hasnans else "bool"), [])
    if pd.api.types.is_integer_dtype(kind) and not column.hasnans:
        return Typed(column.astype("int64"), [])
    if pd.api.types.is_numeric_dtype(kind) and not pd.api.types.is_complex_dtype(kind):
        return finite(name, column.to_numpy(np.float64, na_value=np.nan))
    if pd.api.types.is_datetime64_any_dtype(kind):
        zone = getattr(column.dt, "tz", None)
        return Typed(
            (column.dt.tz_convert("UTC").dt.tz_localize(None) if zone else column).astype("datetime64[us]"), []
        )
    if pd.api.types.is_timedelta64_dtype(kind):
        return finite(
            name, column.dt.total_seconds().to_numpy(np.float64), [f"{italic(name)} was turned into seconds."]
        )
    words = pa.chunked_array([pa.array([_word(value) for value in column], pa.string())])
    return typed(name, words)


def _word(value: object) -> str:
    """A cell as it would be typed: 3 for 3.0, an ISO date, nothing for a blank."""
    if value is None or value is pd.NA or value is pd.NaT:
        return ""
    if isinstance(value, float):
        return "" if value != value else repr(int(value)) if value.is_integer() and abs(value) < 2**53 else repr(value)
    if isinstance(value, dt.datetime):
        return value.isoformat(sep=" ", timespec="microseconds" if value.microsecond else "seconds")
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    if isinstance(value, np.ndarray):
        value = value.tolist()
    if isinstance(value, dict | list | tuple):
        return json.dumps(value, ensure_ascii=False)
    return str(value)


def read_parquet(data: bytes, name: str, limit: int) -> Content:
    """Content of a Parquet file, given as bytes; counted while it unpacks (columns that repeat pack very well).

    InputError where it is damaged, empty or unpacks to more than four times `limit`.
    """
    meter, batches = Meter(name, len(data), 4 * limit), []
    try:
        file = pq.ParquetFile(pa.BufferReader(data))
        for batch in file.iter_batches():
            meter.add(batch.nbytes)
            batches.append(batch)
        table = pa.Table.from_batches(batches, file.schema_arrow).replace_schema_metadata(None)
        table.validate(full=True)
        frame = table.to_pandas()
    except InputError:
        raise
    except (pa.ArrowException, OSError, ValueError) as error:
        raise InputError(f"{italic(name)} is a damaged Parquet file: write or download it again.") from error
    return from_frame(_filled(frame, name))


def read_excel(data: bytes, name: str) -> Content:
    """Content of an XLSX workbook, given as bytes: its first sheet that has rows.

    InputError where it is damaged or has no rows.
    """
    from python_calamine import CalamineError, CalamineWorkbook

    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(data))
        sheets = [(sheet, book.get_sheet_by_name(sheet).to_python(skip_empty_area=True)) for sheet in book.sheet_names]
    except CalamineError as error:
        raise InputError(f"{italic(name)} is a damaged Excel workbook: open it in Excel and save it again.") from error
    full = [(sheet, rows) for sheet, rows in sheets if rows]
    if not full:
        raise InputError(f"{italic(name)} is empty: no sheet has a filled cell.")
    sheet, rows = full[0]
    notes = (
        [f"{italic(name)} has {count(len(full), 'filled sheet')}; {italic(sheet)} was read."] if len(full) > 1 else []
    )
    below = [row for row in rows[1:] if any(value != "" for value in row)]
    if not below:
        raise InputError(f"{italic(name)} has column names but no rows below them: add the rows and upload it again.")
    frame = pd.DataFrame(below, columns=[_word(value) for value in rows[0]], dtype=object)
    nameless = [
        not str(title).strip() and bool((frame.iloc[:, i] == "").all()) for i, title in enumerate(frame.columns)
    ]
    return from_frame(frame.loc[:, [not gone for gone in nameless]], notes)


def read_json(data: bytes, name: str) -> Content:
    """Content of a JSON file (a list of objects, or columns by name) or of JSON lines, given as bytes.

    InputError where it is no valid JSON, or no table.
    """
    text, notes = lines_of(data, name)
    try:
        found = json.loads(text)
    except json.JSONDecodeError as error:
        found = _json_lines(text, name, error)
    except (ValueError, RecursionError) as error:
        raise InputError(f"{italic(name)} is nested too deeply or holds numbers too long to read.") from error
    if isinstance(found, dict):
        lists = [value for value in found.values() if isinstance(value, list) and value and isinstance(value[0], dict)]
        found = lists[0] if len(lists) == 1 else found
    try:
        frame = pd.json_normalize(found, max_level=2) if isinstance(found, list) else pd.DataFrame(found)
    except (ValueError, TypeError, AttributeError, NotImplementedError) as error:
        raise InputError(f"{italic(name)} is no table: bring a list of objects, one for each row.") from error
    return from_frame(_filled(frame, name), notes)


def _json_lines(text: bytes, name: str, whole: json.JSONDecodeError) -> list[Any]:
    rows = []
    for number, line in enumerate(text.split(b"\n"), 1):
        if line.strip():
            try:
                rows.append(json.loads(line))
            except (json.JSONDecodeError, UnicodeDecodeError) as error:
                where = whole.lineno if number == 1 else number
                raise InputError(f"{italic(name)} is no valid JSON: something is wrong in line {where:,}.") from error
    return rows


def _filled(frame: pd.DataFrame, name: str) -> pd.DataFrame:
    if not len(frame) or not frame.shape[1]:
        raise InputError(f"{italic(name)} holds no rows: there is nothing to group.")
    return frame
