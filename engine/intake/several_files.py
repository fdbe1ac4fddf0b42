"""Several files that are one data set: parts of one table, a table beside what explains it, cells and genes, recordings."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
import pyarrow as pa

from engine.core.errors import InputError
from engine.intake.files.encoding import decode, lines_of
from engine.intake.files.sniff import PICTURES, SOUNDS, ending
from engine.intake.layout.delimited import typed_content
from engine.intake.layout.splitting import split_text
from engine.intake.layout.table_rows import Parsed, parse
from engine.intake.limits import gunzip
from engine.intake.media.pictures import folder_rows
from engine.intake.media.sequences import is_time
from engine.intake.media.series import check_cells, series_content
from engine.intake.naming import unique_names
from engine.intake.options import ReadOptions
from engine.intake.raw import Content
from engine.intake.wording import be, count, italic, listed

DELIMITED = ("csv", "tsv", "tab")
TABLES = (*DELIMITED, "data", "dat", "parquet", "arrow", "feather", "workbook", "ole", "sav", "dta", "json", "jsonl")
PACKED = ("zip", "gz", "tar", "bz2", "xz")
FEWEST_RECORDINGS = 4
MOST_CHANNELS = 16
FEWEST_MOMENTS = 5
NUMERIC = b"0123456789+-.,;eE \t\r\n"
Read = Callable[[bytes, str, ReadOptions], Content]


def read_together(
    contents: Mapping[str, bytes], formats: Mapping[str, str], name: str, options: ReadOptions, read: Read
) -> Content | None:
    """Content of files, none of them a picture, that make up one data set; None where they do not.

    `formats` says in which each is, and `read` reads one of them alone.
    """
    cells = _cells_and_genes(contents, name, options, read)
    if cells is not None:
        return cells
    tables = [path for path, found in formats.items() if found in TABLES or ending(path) in TABLES]
    others = [path for path in contents if path not in tables]
    if not tables or any(formats[path] in (*PACKED, *PICTURES, *SOUNDS, "mtx", "npy", "ts", "idx") for path in others):
        return None
    content = _joined(contents, tables, name, options, read) or _one_of(contents, tables, name, options, read)
    if others:
        no = "is no table" if len(others) == 1 else "are no tables"
        content.notes.insert(0, f"{listed(others)} {no} and {be(len(others), past=True)} left out.")
    return content


def _cells_and_genes(contents: Mapping[str, bytes], name: str, options: ReadOptions, read: Read) -> Content | None:
    """A matrix of counts with the names of its rows and columns beside it, as programs for single cells write it."""
    stems = {path.rsplit("/", 1)[-1].lower().removesuffix(".gz"): path for path in contents}
    matrix = next((path for stem, path in stems.items() if stem.endswith("matrix.mtx")), None)
    genes = next((path for stem, path in stems.items() if stem.endswith(("features.tsv", "genes.tsv"))), None)
    cells = next((path for stem, path in stems.items() if stem.endswith("barcodes.tsv")), None)
    if matrix is None or genes is None or cells is None:
        return None
    columns, rows = (_lines(contents[path], path) for path in (genes, cells))
    data = contents[matrix]
    data = gunzip(data, matrix, 2**34) if data[:2] == b"\x1f\x8b" else data
    content = read(data, f"{name}/matrix.mtx", replace(options, transpose=not options.transpose, kind="table"))
    if content.rows.shape != (len(rows), len(columns)):
        raise InputError(
            f"The matrix of {italic(name)} has {content.rows.shape[1]:,} genes and {len(content.rows):,} cells, but "
            f"{len(columns):,} genes and {len(rows):,} cells are named: bring files that belong together."
        )
    content.rows.columns, renamed = _gene_names(columns)
    content.rows.insert(0, "cell", pd.Series([row[0] for row in rows], dtype="str"))
    content.roles = {"cell": "id"}
    content.notes = [f"{italic(name)} holds {len(rows):,} cells and {len(columns):,} genes.", *renamed]
    return content


def _lines(data: bytes, path: str) -> list[list[str]]:
    data = gunzip(data, path, 2**28) if data[:2] == b"\x1f\x8b" else data
    return [line.split("\t") for line in decode(data)[0].decode().splitlines() if line.strip()]


def _gene_names(rows: Sequence[Sequence[str]]) -> tuple[pd.Index, list[str]]:
    names, renamed = unique_names([row[1] if len(row) > 1 else row[0] for row in rows])
    return pd.Index(names), renamed


def _joined(
    contents: Mapping[str, bytes], tables: Sequence[str], name: str, options: ReadOptions, read: Read
) -> Content | None:
    """Tables with the same columns, one below the other, or as one series each; None where their columns differ."""
    if len(tables) < 2 or options.sheet is not None:
        return None
    if all(ending(path) in DELIMITED for path in tables):
        content, lengths = _joined_text(contents, tables, options)
    else:
        content, lengths = _joined_frames([read(contents[path], path, options) for path in tables])
    if content is None:
        return None
    files = np.repeat(np.array(tables, dtype=object), lengths)
    if options.kind in (None, "series") and (series := _as_recordings(content, files, tables, name)) is not None:
        return series
    if "file" not in content.rows:
        content.rows.insert(0, "file", pd.Series(files, dtype="str"))
        content.roles = {**content.roles, "file": "ignore"}
    content.notes.insert(
        0,
        f"The {len(tables):,} tables in {italic(name)} have the same columns and were put together, one below the other.",
    )
    return content


def _joined_text(
    contents: Mapping[str, bytes], tables: Sequence[str], options: ReadOptions
) -> tuple[Content | None, list[int]]:
    """The rows of delimited files, whose numbers and dates are judged from all of them."""
    parsed: list[Parsed] = []
    notes: list[str] = []
    for path in tables:
        text, said = lines_of(contents[path], path, options.encoding)
        one = parse(split_text(text, options), path, options)
        names = one.table.column_names
        if not one.layout.header or (parsed and sorted(names) != sorted(parsed[0].table.column_names)):
            return None, []
        parsed.append(one)
        notes += said
    if len(set(parsed[0].table.column_names)) < parsed[0].table.num_columns:
        return None, []
    names = parsed[0].table.column_names
    whole = pa.concat_tables([one.table.select(names) for one in parsed])
    said = [note for one in parsed for note in one.notes]
    first = replace(parsed[0], table=whole, notes=tuple(dict.fromkeys(said)))
    content = typed_content(first, list(dict.fromkeys(notes)), options)
    content.alternatives.pop("header", None)
    return content, [one.table.num_rows for one in parsed]


def _joined_frames(parts: Sequence[Content]) -> tuple[Content | None, list[int]]:
    """The rows of files that have types, one below the other; None where these differ."""
    first = parts[0]
    for part in parts:
        if part.values is not None or not part.rows.dtypes.sort_index().equals(first.rows.dtypes.sort_index()):
            return None, []
    rows = pd.concat([part.rows[first.rows.columns] for part in parts], ignore_index=True)
    notes = list(dict.fromkeys(note for part in parts for note in part.notes))
    return replace(first, rows=rows, notes=notes), [len(part.rows) for part in parts]


def _as_recordings(content: Content, files: np.ndarray, tables: Sequence[str], name: str) -> Content | None:
    """Tables of numbers whose moments begin anew in each file, as one series each; None for others."""
    rows = content.rows
    times = [column for column in rows.columns if is_time(str(column))]
    numeric = [column for column in rows.columns if pd.api.types.is_numeric_dtype(rows[column].dtype)]
    if len(tables) < FEWEST_RECORDINGS or len(times) != 1 or len(numeric) < len(rows.columns) - 1 or len(numeric) < 1:
        return None
    moments = rows[times[0]]
    channels = [column for column in numeric if column != times[0]]
    groups = [moments[files == path] for path in tables]
    starts, ends = [group.iloc[0] for group in groups], [group.iloc[-1] for group in groups]
    again = max(starts) <= min(ends)
    if not again or not channels or not all(len(g) >= FEWEST_MOMENTS and g.is_monotonic_increasing for g in groups):
        return None
    recorded = [rows.loc[files == path, channels].to_numpy(np.float64, na_value=np.nan).T for path in tables]
    series = _series(recorded, tables, name)
    series.notes.insert(
        0,
        f"Each of the {len(tables):,} files in {italic(name)} was read as one series, its moments ordered by "
        f"{italic(str(times[0]))}; read them as a table to group moments.",
    )
    return series


def _series(recorded: Sequence[np.ndarray], paths: Sequence[str], name: str) -> Content:
    """Recordings [channels, time], one of each file, as series; folders may be what is known of them."""
    longest = max(one.shape[1] for one in recorded)
    check_cells(len(recorded), recorded[0].shape[0], longest, name)
    values = np.full((len(recorded), recorded[0].shape[0], longest), np.nan)
    for place, one in enumerate(recorded):
        values[place, :, : one.shape[1]] = one
    content = series_content(values, name)
    rows, roles = folder_rows(list(paths))
    content.rows = pd.concat([rows, content.rows[["length"]]], axis=1)
    content.roles = {**roles, "length": "ignore"}
    return content


def _one_of(
    contents: Mapping[str, bytes], tables: Sequence[str], name: str, options: ReadOptions, read: Read
) -> Content:
    """The table that was chosen, or the largest."""
    by_size = sorted(tables, key=lambda path: -len(contents[path]))
    if options.sheet is not None and options.sheet not in tables:
        raise InputError(f"{italic(name)} has no table {italic(options.sheet)}; it has {listed(by_size, 12)}.")
    wanted = options.sheet or by_size[0]
    content = read(contents[wanted], wanted, replace(options, sheet=None))
    if len(tables) > 1:
        content.notes.insert(0, f"{italic(name)} holds {count(len(tables), 'table')}; {italic(wanted)} was read.")
        content.alternatives["sheet"] = (wanted, *(path for path in by_size if path != wanted))
    return content


def number_files(contents: Mapping[str, bytes], name: str) -> Content | None:
    """Text files of numbers alone as series: a channel in each, or a recording in each; None for others."""
    if not all(_of_numbers(data) for data in contents.values()):
        return None
    found = {path: _matrix(data) for path, data in contents.items()}
    matrices = {path: matrix for path, matrix in found.items() if matrix is not None}
    if len(matrices) < len(contents):
        return None
    shapes = {matrix.shape for matrix in matrices.values()}
    narrow = {matrix.shape[1] for matrix in matrices.values()}
    long = all(matrix.shape[0] >= max(FEWEST_MOMENTS, matrix.shape[1] + 1) for matrix in matrices.values())
    if len(matrices) >= FEWEST_RECORDINGS and len(narrow) == 1 and max(narrow) <= MOST_CHANNELS and long:
        content = _series([matrix.T for matrix in matrices.values()], list(matrices), name)
        content.notes.insert(0, f"Each file of {italic(name)} was read as one series, a moment in each line.")
        return content
    if len(shapes) != 1 or min(next(iter(shapes))) < 2 or next(iter(shapes))[1] < FEWEST_MOMENTS:
        return None
    content = series_content(np.stack(list(matrices.values()), axis=1), name)
    content.notes.insert(
        0, f"Each file of {italic(name)} was read as one channel, a series in each line: {listed(list(matrices))}."
    )
    return content


def _of_numbers(data: bytes) -> bool:
    """Whether a text begins with lines of numbers."""
    head = data[:4096]
    return not head.translate(None, NUMERIC) and any(digit in head for digit in b"0123456789")


def _matrix(data: bytes) -> np.ndarray | None:
    """Numbers parted by spaces, commas or semicolons, as float64 [lines, numbers in each]; None where lines differ."""
    if b"," in data and b"." not in data:
        data = data.replace(b",", b".")
    lines = [line for line in data.replace(b",", b" ").replace(b";", b" ").splitlines() if line.strip()]
    widths = {len(line.split()) for line in lines}
    if len(widths) != 1:
        return None
    try:
        return np.array([line.split() for line in lines], dtype=np.bytes_).astype(np.float64)
    except ValueError:
        return None
