"""Tables that already have types: data frames, Parquet, Arrow, JSON."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Container, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from engine.core.errors import InputError
from engine.intake.columns.numeric_groups import numeric_groups
from engine.intake.files.encoding import lines_of
from engine.intake.layout.widths import WIDEST, check_width
from engine.intake.limits import Meter
from engine.intake.media.picture_tables import from_picture_column, picture_column
from engine.intake.naming import unique_names
from engine.intake.options import ReadOptions
from engine.intake.raw import Content
from engine.intake.tables import matched_names, typed_columns
from engine.intake.values.column_format import ColumnFormat, quantiles
from engine.intake.values.notes import Note, sentences
from engine.intake.values.row_statistics import row_ranges
from engine.intake.values.typed_column import Typed, finite
from engine.intake.wording import be, count, italic, listed, quote

AT_ONCE = 2**26  # bytes of Parquet that are unpacked before they are counted
MOST_JSON_CELLS = 50_000_000
DAY, FIRST_DAY, LAST_DAY = 86_400, -719_162, 2_932_896  # seconds; days from 1970 to the years 1 and 9999


def from_frame(frame: pd.DataFrame, notes: list[str] | None = None, options: ReadOptions | None = None) -> Content:
    """A data frame's rows with every column a number, truth value, date or words; an index with names becomes columns."""
    if any(name is not None for name in frame.index.names):
        frame = frame.reset_index(allow_duplicates=True)
    options = options or ReadOptions()
    names, renamed = unique_names([_flat(name) for name in frame.columns])
    names, matched = matched_names(names, options)
    known = options.formats or {}
    frame = frame.set_axis(pd.Index(names, dtype="str"), axis=1).reset_index(drop=True)
    numbers, formats = _numbers(frame, {name for name in names if known.get(name, {}).get("kind") == "words"})
    done = {name for part in numbers for name in part.columns}
    plain, words = _others(frame, [place for place, name in enumerate(names) if name not in done], known)
    typed = typed_columns(words, options)
    typed.plain += numbers
    typed.values |= {name: found.values for name, found in plain.items()}
    formats |= typed.formats | {name: found.format.to_json() for name, found in plain.items()}
    said = sentences([note for found in plain.values() for note in found.notes])
    return Content(
        typed.frame(names),
        notes=[*(notes or []), *renamed, *matched, *said, *typed.notes],
        formats={name: formats[name] for name in names},
        alternatives=typed.alternatives,
    )


def _numbers(frame: pd.DataFrame, words: Container[str]) -> tuple[list[pd.DataFrame], dict[str, dict[str, Any]]]:
    """The columns of finite numbers as int64 and float64, but for `words`, and how each was written."""
    parts: list[pd.DataFrame] = []
    formats: dict[str, dict[str, Any]] = {}
    for names, matrix in numeric_groups(frame):
        good = np.array([name not in words for name in names]) & ~np.isinf(matrix).any(axis=1)
        part = matrix[good].astype(np.int64 if matrix.dtype.kind in "iu" else np.float64)
        chosen = [name for name, one in zip(names, good, strict=True) if one]
        for name, low, high in zip(chosen, *row_ranges(part), strict=True):
            formats[name] = ColumnFormat("number", low=low, high=high).to_json()
        parts.append(pd.DataFrame(part.T, columns=pd.Index(chosen, dtype="str")))
    return parts, formats


def _others(
    frame: pd.DataFrame, places: Sequence[int], known: Mapping[str, Any]
) -> tuple[dict[str, Typed], dict[str, pa.ChunkedArray]]:
    """Columns of other types, by name, and columns of words, which are read."""
    plain: dict[str, Typed] = {}
    words: dict[str, pa.ChunkedArray] = {}
    for place in places:
        name, column = str(frame.columns[place]), frame.iloc[:, place]
        found = _plain(name, column)
        if found is None or (known.get(name, {}).get("kind") == "words" and found.format.kind != "words"):
            words[name] = _written(column)
        else:
            plain[name] = found
    return plain, words


def _written(column: pd.Series[Any]) -> pa.ChunkedArray:
    """The cells as they would be typed; of words, which are so already, without a look at each."""
    if isinstance(column.dtype, pd.StringDtype):
        strings = pa.array(column, pa.string(), from_pandas=True)
        return pc.fill_null(strings if isinstance(strings, pa.ChunkedArray) else pa.chunked_array([strings]), "")
    return pa.chunked_array([pa.array([_word(value) for value in column], pa.string())])


def _flat(name: object) -> object:
    return " ".join(str(part) for part in name if str(part)) if isinstance(name, tuple) else name


def _plain(name: str, column: pd.Series[Any]) -> Typed | None:
    """A column that has a type as int64, float64, bool, boolean or datetime64[us]; None of words, which are read."""
    kind = column.dtype
    if isinstance(kind, pd.CategoricalDtype):
        column, kind = column.astype(kind.categories.dtype), kind.categories.dtype
    if pd.api.types.is_bool_dtype(kind):
        return Typed(column.astype("boolean" if column.hasnans else "bool"), [], ColumnFormat("boolean"))
    if pd.api.types.is_integer_dtype(kind) and not column.hasnans:
        return _number(Typed(column.astype("int64")))
    if pd.api.types.is_numeric_dtype(kind) and not pd.api.types.is_complex_dtype(kind):
        return _number(finite(name, column.to_numpy(np.float64, na_value=np.nan)))
    if pd.api.types.is_datetime64_any_dtype(kind):
        zone = getattr(column.dt, "tz", None)
        moments = (column.dt.tz_convert("UTC").dt.tz_localize(None) if zone else column).astype("datetime64[us]")
        return Typed(moments, [], ColumnFormat("date"))
    if pd.api.types.is_timedelta64_dtype(kind):
        note = Note("duration", name, f"{italic(name)} was turned into seconds.")
        found = finite(name, column.dt.total_seconds().to_numpy(np.float64), [note])
        return replace(found, format=ColumnFormat("duration"))
    return None


def _number(found: Typed) -> Typed:
    low, high = quantiles(found.values)
    return replace(found, format=ColumnFormat("number", low=low, high=high))


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
    if isinstance(value, dt.timedelta):
        return f"PT{value.total_seconds():.6f}S".replace("PT-", "-PT")
    if isinstance(value, np.ndarray):
        value = value.tolist()
    if isinstance(value, dict | list | tuple):
        return json.dumps(value, ensure_ascii=False, default=_word)
    if isinstance(value, bytes):
        return value.decode("utf-8", "ignore")
    return str(value)


def read_parquet(data: bytes, name: str, limit: int, options: ReadOptions | None = None) -> Content:
    """Content of a Parquet file, given as bytes; counted while it unpacks (columns that repeat pack very well).

    InputError where it is damaged, empty, has too many columns or unpacks to more than twice `limit`.
    """
    meter, batches = Meter(name, len(data), 2 * limit), []
    try:
        file = pq.ParquetFile(pa.BufferReader(data))
        check_width(len(file.schema_arrow), name)
        schema = file.schema_arrow
        coded = _coded_words(file)
        file = pq.ParquetFile(pa.BufferReader(data), read_dictionary=coded)
        for batch in file.iter_batches(_rows_at_once(file.metadata)):
            meter.add(sum(unpacked_bytes(column) for column in batch.columns))
            batches.append(batch)
        table = pa.Table.from_batches(batches, file.schema_arrow).cast(schema).replace_schema_metadata(None)
    except InputError:
        raise
    except (pa.ArrowException, OSError, ValueError, TypeError) as error:
        raise InputError(f"{italic(name)} is a damaged Parquet file: write or download it again.") from error
    return from_arrow(table, name, options)


def _coded_words(file: pq.ParquetFile) -> list[str]:
    """Columns of words that are stored once each, with a code in every row: few bytes of them can unpack to any number."""
    words = {
        field.name for field in file.schema_arrow if pa.types.is_string(field.type) or pa.types.is_binary(field.type)
    }
    groups = [file.metadata.row_group(i) for i in range(file.metadata.num_row_groups)]
    chunks = [group.column(i) for group in groups for i in range(group.num_columns)]
    return sorted({chunk.path_in_schema for chunk in chunks if chunk.has_dictionary_page} & words)


def _rows_at_once(about: Any) -> int:
    """Rows that are unpacked before they are counted, so that they have about `AT_ONCE` bytes."""
    groups = [about.row_group(i) for i in range(about.num_row_groups)]
    widest = max((group.total_byte_size / max(group.num_rows, 1) for group in groups), default=1.0)
    return int(min(max(AT_ONCE / max(widest, 1.0), 1), 2**16))


def unpacked_bytes(column: pa.Array) -> int:
    """Bytes of a column once words that are stored once stand in every row."""
    if not pa.types.is_dictionary(column.type):
        return int(column.nbytes)
    lengths = pc.binary_length(column.dictionary).take(column.indices)
    return int(pc.sum(pc.cast(lengths, pa.int64())).as_py() or 0) + 4 * len(column)


def from_arrow(table: pa.Table, name: str, options: ReadOptions | None = None) -> Content:
    """Content of an Arrow table; InputError where it is damaged or empty."""
    try:
        table.validate(full=True)
        check_width(table.num_columns, name)
        table, notes = _bounded_dates(table.replace_schema_metadata(None))
        pictures = picture_column(table)
        frame = (table.drop_columns([pictures]) if pictures else table).to_pandas()
    except (pa.ArrowException, ValueError, TypeError, OverflowError) as error:
        raise InputError(f"{italic(name)} is damaged: write or download it again.") from error
    if pictures is None:
        return from_frame(_filled(frame, name), notes, options)
    known = from_frame(frame, notes, options)
    content = from_picture_column(table, pictures, known.rows, name, (options or ReadOptions()).formats)
    content.notes += known.notes
    return content


def _bounded_dates(table: pa.Table) -> tuple[pa.Table, list[str]]:
    """The table without dates that no calendar has (before the year 1, after 9999), and sentences on them."""
    notes = []
    for i, field in enumerate(table.schema):
        if not (pa.types.is_date(field.type) or pa.types.is_timestamp(field.type)):
            continue
        unit = "s" if pa.types.is_date32(field.type) else "ms" if pa.types.is_date64(field.type) else field.type.unit
        whole = pc.cast(table.column(i), pa.int32() if pa.types.is_date32(field.type) else pa.int64())
        per = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}[unit]
        first, last = (
            (FIRST_DAY, LAST_DAY) if pa.types.is_date32(field.type) else (FIRST_DAY * DAY * per, LAST_DAY * DAY * per)
        )
        first, last = max(first, -(2**63)), min(last, 2**63 - 1)
        good = pc.and_(pc.greater_equal(whole, first), pc.less_equal(whole, last))
        lost = len(whole) - whole.null_count - (pc.sum(good).as_py() or 0)
        if lost:
            column = pc.if_else(good, table.column(i), pa.scalar(None, field.type))
            table = table.set_column(i, field.name, column)
            were = be(lost, past=True)
            notes.append(
                f"{count(lost, 'date')} of {italic(field.name)} beyond the years 1 to 9999 {were} read as blank."
            )
        if pa.types.is_date(field.type):
            table = table.set_column(i, field.name, pc.cast(table.column(i), pa.timestamp("s")))
    return table, notes


def read_json(data: bytes, name: str, options: ReadOptions | None = None) -> Content:
    """Content of a JSON file or of JSON lines, given as bytes: rows as objects or lists, columns by name, GeoJSON.

    InputError where it is no valid JSON, or no table.
    """
    options = options or ReadOptions()
    text, notes = lines_of(data, name, options.encoding)
    try:
        found = json.loads(text)
    except json.JSONDecodeError as error:
        found = _json_lines(text, name, error)
    except (ValueError, RecursionError) as error:
        raise InputError(f"{italic(name)} is nested too deeply or holds numbers too long to read.") from error
    try:
        content = _from_json(found, name, options)
    except InputError:
        raise
    except RecursionError as error:
        raise InputError(f"{italic(name)} is nested too deeply: bring a list of objects, one for each row.") from error
    except (ValueError, TypeError, AttributeError, NotImplementedError, OverflowError) as error:
        raise InputError(f"{italic(name)} is no table: bring a list of objects, one for each row.") from error
    content.notes[:0] = notes
    return content


def _from_json(found: Any, name: str, options: ReadOptions) -> Content:
    notes: list[str] = []
    others: tuple[str, ...] = ()
    if isinstance(found, dict):
        found, notes, others = _rows_of(found, name, options.sheet)
    if isinstance(found, list) and found and all(isinstance(row, list) for row in found):
        from engine.intake.layout.sheets import from_sheets

        return from_sheets({name: [[_word(cell) for cell in row] for row in found]}, name, options, "list")
    frame = _flattened(found, name) if isinstance(found, list) else pd.DataFrame(found)
    content = from_frame(_filled(frame, name), notes, options)
    if others:
        content.alternatives["sheet"] = others
    return content


def _rows_of(found: dict[str, Any], name: str, wanted: str | None) -> tuple[Any, list[str], tuple[str, ...]]:
    """The rows inside an object: features of GeoJSON, rows beside names of columns, a list of objects, or objects by key.

    Of several lists of objects, that named `wanted` or the longest, with a sentence, and the names of all, that first.
    """
    if found.get("type") == "FeatureCollection" and isinstance(found.get("features"), list):
        return [_feature(feature) for feature in found["features"] if isinstance(feature, dict)], [], ()
    if (table := _beside_names(found)) is not None:
        return table, [], ()
    lists = {
        str(key): value
        for key, value in found.items()
        if isinstance(value, list) and value and isinstance(value[0], dict)
    }
    if wanted in lists or len(lists) > 1:
        names = sorted(lists, key=lambda key: (key != wanted, -len(lists[key])))
        note = f"{italic(name)} holds the lists {listed(sorted(lists))}; {italic(names[0])} was read."
        return lists[names[0]], [note], tuple(names)
    if lists:
        return next(iter(lists.values())), [], ()
    inner = [value for value in found.values() if isinstance(value, dict)]
    if len(inner) == 1 and len(found) <= 5:
        deeper = _rows_of(inner[0], name, wanted)
        return deeper if isinstance(deeper[0], list) else (found, [], ())
    return _by_key(found) or found, [], ()


def _beside_names(found: dict[str, Any]) -> list[Any] | None:
    """Rows as lists, below the names of their columns; None where an object does not hold both."""
    lists = [value for value in found.values() if isinstance(value, list) and value]
    tables = [value for value in lists if all(isinstance(row, list) for row in value)]
    if len(tables) != 1:
        return None
    widths = {len(row) for row in tables[0]}
    for value in lists:
        names = [cell.get("name") if isinstance(cell, dict) else cell for cell in value]
        if value is not tables[0] and {len(names)} == widths and all(isinstance(title, str) for title in names):
            return [names, *tables[0]]
    return None


def _by_key(found: dict[str, Any]) -> list[dict[str, Any]]:
    """Objects that stand each under a key of its own, as rows; none where the keys rather name columns."""
    rows = list(found.values())
    if not all(isinstance(row, dict) and row for row in rows):
        return []
    names = {str(name) for row in rows for name in row}
    if len(rows) <= len(names) or all(title.isdigit() for title in names):
        return []
    return [{**({} if "key" in row else {"key": key}), **row} for key, row in found.items()]


def _feature(feature: dict[str, Any]) -> dict[str, Any]:
    """The properties of a place on a map, with longitude and latitude where it is a point."""
    properties = feature.get("properties")
    row = dict(properties) if isinstance(properties, dict) else {}
    geometry = feature.get("geometry")
    if isinstance(geometry, dict) and geometry.get("type") == "Point" and len(geometry.get("coordinates") or ()) > 1:
        row |= {"longitude": geometry["coordinates"][0], "latitude": geometry["coordinates"][1]}
    return row


def _flattened(rows: list[Any], name: str) -> pd.DataFrame:
    """Rows of objects, those inside others as columns `outer.inner`; what is no object is a column of its own."""
    names: dict[str, None] = {}
    flat = []
    for row in rows:
        cells = _flat_row(row) if isinstance(row, dict) else {"value": row}
        names.update(dict.fromkeys(cells))
        flat.append(cells)
        if len(names) * len(flat) > MOST_JSON_CELLS or len(names) > WIDEST:
            raise InputError(
                f"The objects of {italic(name)} have {len(names):,} different keys, such as {quote(next(reversed(names)))}: "
                "give each row the same keys."
            )
    return pd.DataFrame({key: pd.Series([row.get(key) for row in flat]) for key in names})


def _flat_row(row: dict[str, Any], before: str = "", level: int = 2) -> dict[str, Any]:
    cells: dict[str, Any] = {}
    for key, value in row.items():
        cells |= (
            _flat_row(value, f"{before}{key}.", level - 1)
            if isinstance(value, dict) and value and level
            else {before + key: value}
        )
    return cells


def _json_lines(text: bytes, name: str, whole: json.JSONDecodeError) -> list[Any]:
    rows = []
    for number, line in enumerate(text.split(b"\n"), 1):
        if line.strip():
            try:
                rows.append(json.loads(line))
            except RecursionError as error:
                raise InputError(f"{italic(name)} is nested too deeply in line {number:,}.") from error
            except ValueError as error:
                where = whole.lineno if number == 1 else number
                raise InputError(f"{italic(name)} is no valid JSON: something is wrong in line {where:,}.") from error
    return rows


def _filled(frame: pd.DataFrame, name: str) -> pd.DataFrame:
    if not len(frame) or not frame.shape[1]:
        raise InputError(f"{italic(name)} holds no rows: there is nothing to group.")
    return frame
