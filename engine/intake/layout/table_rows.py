"""The rows of a split text as a table of strings: where they begin and end, which are no members, which have another length."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pyarrow as pa
import pyarrow.csv as pacsv

from engine.core.errors import InputError
from engine.intake.files.encoding import SAMPLE
from engine.intake.layout.cell_kinds import filled, is_comment
from engine.intake.layout.splitting import Split, head_grid, text_of
from engine.intake.layout.table_end import TOTAL, end_of
from engine.intake.layout.table_layout import Layout, find_layout
from engine.intake.layout.totals import left_out_rows, without_rows
from engine.intake.layout.widths import check_width
from engine.intake.options import ReadOptions
from engine.intake.wording import be, count, italic, quote

MOST_RAGGED = 2**28  # bytes of text whose rows are evened out one by one


@dataclass(frozen=True)
class Parsed:
    """The table of a split text; `left_out` are places among its rows (blank lines do not count) that are no members."""

    split: Split
    layout: Layout
    table: pa.Table
    left_out: frozenset[int] = frozenset()
    notes: tuple[str, ...] = field(default=())


def parse(split: Split, name: str, options: ReadOptions) -> Parsed:
    """The table of a text, as strings; InputError names the first row of another length, or says what else is wrong."""
    if not split.head:
        raise InputError(f"{italic(name)} cannot be split into rows: a quotation mark may be missing near its top.")
    if options.transpose:
        split = _transposed(split, name)
    layout = find_layout(split.head, name, options)
    check_width(len(layout.names), name)
    body, notes = _body(split, layout, name, options)
    table, fixed = _table(body, split, layout, name)
    return members(split, layout, table, name, [*notes, *fixed])


def members(split: Split, layout: Layout, table: pa.Table, name: str, notes: list[str]) -> Parsed:
    """The rows of a table of strings that are members, under the names of its columns; InputError if there are none."""
    header = split.head[layout.header - 1] if layout.header else ()
    left_out, said = left_out_rows(table, header, name)
    if left_out:
        table = without_rows(table, sorted(left_out))
    if not table.num_rows:
        raise InputError(f"{italic(name)} has column names but no rows below them: add the rows and upload it again.")
    table = table.rename_columns([str(title) for title in layout.names])
    return Parsed(split, layout, table, left_out, (*split.notes, *layout.notes, *notes, *said))


def _body(split: Split, layout: Layout, name: str, options: ReadOptions) -> tuple[memoryview, list[str]]:
    """The lines of the table's rows, without what stands below them, and a sentence on that."""
    start = split.ends[layout.first - 1] if layout.first else 0
    if options.rows:
        length = _record_end(split, layout.first, options.rows[1], name)
        return memoryview(split.text)[start : start + length], []
    lines = split.text[start:][-(2**14) :].split(b"\n")[-12:]
    tail = [next(iter(csv.reader([text_of(line)], delimiter=split.delimiter or ",")), []) for line in lines]
    dropped = end_of(tail, layout.names) if not any(line.count(b'"') % 2 for line in lines) else 0
    dropped = 0 if dropped == len(lines) else dropped
    if not dropped:
        return memoryview(split.text)[start:], []
    length = sum(len(line) + 1 for line in lines[-dropped:])
    body = memoryview(split.text)[start : max(start, len(split.text) - length)]
    return body, below_table(tail[len(tail) - dropped :])


def below_table(rows: Sequence[list[str]]) -> list[str]:
    """A sentence on the rows that stand below a table, if any says something."""
    texts = [" ".join(row[i].strip() for i in filled(row)) for row in rows if filled(row)]
    if not texts:
        return []
    return [f"{count(len(texts), 'row')} below the table {be(len(texts), past=True)} left out: {quote(texts[0])}."]


def _record_end(split: Split, first: int, last: int, name: str) -> int:
    """Bytes from row `first`, counted from 0, to the end of row `last`, counted from 1."""
    start = split.ends[first - 1] if first else 0
    lines = split.text[start:].split(b"\n")
    reader = csv.reader((text_of(line) + "\n" for line in lines), delimiter=split.delimiter or ",")
    for number, _ in enumerate(reader, first + 1):
        if number == last:
            break
    return sum(len(line) + 1 for line in lines[: reader.line_num])


def _transposed(split: Split, name: str) -> Split:
    """The same with rows and columns changed."""
    if len(split.text) > MOST_RAGGED:
        raise InputError(
            f"{italic(name)} is too large for its rows and columns to change places here: transpose it before."
        )
    rows = [row for row in records(split.text, split.delimiter) if filled(row) and not is_comment(row)]
    width = max(len(row) for row in rows)
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerows(zip(*([*row, *[""] * (width - len(row))] for row in rows), strict=True))
    text = out.getvalue().encode()
    head, ends = head_grid(text, ",")
    return replace(
        split,
        text=text,
        delimiter=",",
        head=tuple(head),
        ends=tuple(ends),
        notes=(*split.notes, "Its rows and columns changed places."),
    )


def records(text: bytes | memoryview, delimiter: str) -> Iterator[list[str]]:
    """All rows of a text, blank ones too."""
    stream = io.TextIOWrapper(io.BytesIO(text), "utf-8", "replace", newline="")
    return csv.reader((line.replace("\r\n", "\n") for line in stream), delimiter=delimiter or ",")


def _table(body: memoryview, split: Split, layout: Layout, name: str) -> tuple[pa.Table, list[str]]:
    """All rows as a table of strings, and sentences on rows that were mended."""
    ragged: list[pacsv.InvalidRow] = []

    def note_ragged(row: pacsv.InvalidRow) -> str:
        if row.text.strip():
            ragged.append(row)
        return "skip"

    if not bytes(body[:SAMPLE]).strip() and not bytes(body).strip():
        raise InputError(f"{italic(name)} has column names but no rows below them: add the rows and upload it again.")
    width = len(layout.names)
    notes: list[str] = []
    table = _read_arrow(body, split.delimiter or ",", width, note_ragged, name)
    if ragged:
        table, notes = _evened(body, split, layout, name)
    # An odd quotation mark makes the last cell swallow the rest of the file.
    if split.text.count(b'"') % 2 and table.num_rows and any("\n" in (c[-1].as_py() or "") for c in table.columns):
        row = table.num_rows + layout.first
        raise InputError(
            f"A quotation mark opens in row {row:,} of {italic(name)} and never closes: close or delete it."
        )
    return table, notes


def _read_arrow(body: memoryview, delimiter: str, width: int, on_ragged: Any, name: str) -> pa.Table:
    places = [str(i) for i in range(width)]
    try:
        return pacsv.read_csv(
            pa.BufferReader(pa.py_buffer(body)),
            read_options=pacsv.ReadOptions(column_names=places, block_size=2**24),
            parse_options=pacsv.ParseOptions(
                delimiter=delimiter,
                newlines_in_values=b'"' in bytes(body),
                ignore_empty_lines=width > 1,
                invalid_row_handler=on_ragged,
            ),
            convert_options=pacsv.ConvertOptions(
                column_types=dict.fromkeys(places, pa.string()), strings_can_be_null=False
            ),
        )
    except pa.ArrowInvalid as error:
        raise InputError(
            f"{italic(name)} cannot be split into rows ({error}): look for a quotation mark left open."
        ) from error


def _evened(body: memoryview, split: Split, layout: Layout, name: str) -> tuple[pa.Table, list[str]]:
    """The rows where some have blank cells beyond the last column, or are comments; InputError for others of another length."""
    if len(body) > MOST_RAGGED:
        raise InputError(
            f"Rows of {italic(name)} differ in the number of their cells: mend it and upload the file again."
        )
    width, rows = len(layout.names), []
    ragged: list[tuple[int, list[str]]] = []
    comments = totals = 0
    for number, row in enumerate(records(body, split.delimiter), layout.first + 1):
        if len(row) != width:
            if not filled(row):
                continue
            if is_comment(row) and len(row) < width:
                comments += 1
                continue
            if len(row) == width + 1 and TOTAL.fullmatch(row[-1].strip()):
                totals += 1
                continue
            if len(row) < width or any(cell.strip() for cell in row[width:]):
                ragged.append((number, row))
                continue
        rows.append(row[:width])
    if ragged:
        _raise_ragged(ragged, layout, name, split.delimiter)
    columns = {str(i): pa.chunked_array([pa.array([row[i] for row in rows], pa.string())]) for i in range(width)}
    said = []
    if comments:
        lines = f"{count(comments, 'line')} of comment between the rows"
        said.append(f"{lines} of {italic(name)} {be(comments, past=True)} left out.")
    if totals:
        said.append(
            f"{count(totals, 'row')} of {italic(name)} with totals of the others {be(totals, past=True)} left out."
        )
    return pa.table(columns), said


def _raise_ragged(ragged: list[tuple[int, list[str]]], layout: Layout, name: str, delimiter: str) -> None:
    number, row = ragged[0]
    width = len(layout.names)
    more = f" So do {count(len(ragged) - 1, 'more row')}." if len(ragged) > 1 else ""
    names = f"; the column names are row {layout.header:,}" if layout.header else ""
    raise InputError(
        f"Row {number:,} of {italic(name)} has {count(len(row), 'cell')} where the table has {count(width, 'column')} "
        f"(it begins with {quote(delimiter.join(row), 30)}{names}).{more} Mend it and upload the file again."
    )
