"""CSV, TSV and other delimited files: delimiter and layout are detected; rows of another length are errors."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.csv as pacsv

from engine.core.errors import InputError
from engine.intake.files.encoding import SAMPLE, decode, encodings, lines_of
from engine.intake.files.sniff import READABLE
from engine.intake.layout.spaced import as_tabs, parted_by_spaces
from engine.intake.layout.table_layout import HEAD, Layout, end_of, filled, find_layout, is_comment, kind_of
from engine.intake.layout.totals import left_out_rows, without_rows
from engine.intake.layout.widths import WIDEST, most_varying
from engine.intake.options import ReadOptions
from engine.intake.raw import Content
from engine.intake.tables import typed_table
from engine.intake.wording import be, count, italic, quote

TEXTS = ("txt", "md", "text", "")  # endings of files that may hold one text in each line
TABLES = ("csv", "tsv", "tab")
DELIMITERS = ("\t", ";", "|", ",")
MIN_SERIES_LENGTH = 10  # a TSV of numbers alone with at least this many columns is a series file of the UCR archive
FIRST = 0.06  # what it counts for a delimiter that it parts the first row too
EVEN = 0.95  # share of the rows that must have one width for a .txt to be a table
WORDY = 2.2  # words in a cell, on average, from which on commas stand in sentences
MOST_RAGGED = 2**28  # bytes of text whose rows are evened out one by one

csv.field_size_limit(2**30)


@dataclass(frozen=True)
class Split:
    """A text split into rows of cells.

    Attributes
    ----------
    text
        UTF-8, in which `delimiter` parts the cells; "" for a single column.
    head
        The cells of its first rows, blank ones too.
    ends
        Where each of these ends, in bytes.
    notes
        Sentences on what was assumed.
    """

    text: bytes
    delimiter: str
    head: tuple[list[str], ...]
    ends: tuple[int, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Parsed:
    """The table of a split text; `left_out` are places among its rows (blank lines do not count) that are no members."""

    split: Split
    layout: Layout
    table: pa.Table
    left_out: frozenset[int] = frozenset()
    notes: tuple[str, ...] = field(default=())


def head_grid(text: bytes, delimiter: str, rows: int = HEAD) -> tuple[list[list[str]], list[int]]:
    """The cells of the first rows, blank ones too, and where each row ends in bytes; fewer where they cannot be split."""
    # Where hardly a row fits into the usual sample, a larger one is taken.
    wide = text[:SAMPLE].count(b"\n") < 3 or rows > HEAD
    sample = text[: 64 * SAMPLE] if wide else text[:SAMPLE]
    if len(text) > len(sample) and b"\n" in sample:
        sample = sample[: sample.rindex(b"\n")]
    lines = sample.split(b"\n")
    reader = csv.reader((line.decode("utf-8", "ignore") + "\n" for line in lines), delimiter=delimiter)
    found: list[list[str]] = []
    ends, offset, line = [], 0, 0
    try:
        for row in reader:
            offset += sum(len(part) + 1 for part in lines[line : reader.line_num])
            line = reader.line_num
            found.append(row)
            ends.append(min(offset, len(text)))
            if len(found) == rows:
                break
    except csv.Error:
        return [], []
    return found, ends


def find_delimiter(text: bytes) -> str:
    """The delimiter with which most of the first rows have the same number of cells, two or more; "" for a single column."""
    best, best_share = "", 0.0
    for delimiter in DELIMITERS:
        rows = head_grid(text, delimiter)[0]
        share = _agreement(rows) + (FIRST if _agreement(rows) and len(next(filter(filled, rows))) > 1 else 0.0)
        # The order of `DELIMITERS` decides between near ties: commas also occur within cells.
        if share > best_share + 0.05:
            best, best_share = delimiter, share
    return best


def _agreement(rows: Sequence[list[str]]) -> float:
    """The share of the rows that have the most frequent width; 0 where that is 1."""
    widths = Counter(len(row) for row in rows if filled(row) and not is_comment(row))
    width, agreeing = max(widths.items(), key=lambda item: (item[1], item[0]), default=(0, 0))
    return agreeing / widths.total() if width > 1 else 0.0


def split_text(text: bytes, options: ReadOptions) -> Split:
    """How a text is split into rows and cells: by a line `sep=`, the chosen delimiter, or the one that fits."""
    notes: list[str] = []
    given, named = options.delimiter, re.match(rb"(?i)(\xef\xbb\xbf)?\"?sep=(.)\"?[;,\t]*\r?\n", text[:64])
    if named:
        given = given or named[2].decode("utf-8", "replace")
    unwrapped = _unwrapped(text) if not given else None
    if unwrapped is not None:
        text = unwrapped
        notes.append("Each line was one quoted cell; the quotation marks around it were taken away.")
    delimiter = given or find_delimiter(text)
    if (escaped := _with_doubled_quotes(text, delimiter)) is not None:
        text, delimiter = escaped, given or find_delimiter(escaped)
        notes.append("Quotation marks within cells are marked by a backslash in the file, which was taken away.")
    if delimiter == " " or (
        not given and parted_by_spaces(text, delimiter, _agreement(head_grid(text, delimiter or ",")[0]))
    ):
        text, delimiter = as_tabs(text), "\t"
        notes.append("Its columns are parted by spaces.")
    rows = max(HEAD, (options.header or 0) + HEAD, (options.rows or (0, 0))[0] + HEAD)
    head, ends = head_grid(text, delimiter or ",", rows if rows > 2 * HEAD or options.header or options.rows else HEAD)
    if named and head:
        head[0] = []
    return Split(text, delimiter, tuple(head), tuple(ends), tuple(notes))


def _with_doubled_quotes(text: bytes, delimiter: str) -> bytes | None:
    """The text with quotation marks doubled that a backslash escapes; None where its rows are no more even so."""
    if b'\\"' not in text[:SAMPLE]:
        return None
    doubled = text.replace(b'\\"', b'""')
    before, after = (_agreement(head_grid(one, delimiter or ",")[0]) for one in (text, doubled))
    return doubled if after > before else None


def _unwrapped(text: bytes) -> bytes | None:
    """The text without the quotation marks around each whole line; None where lines are not so."""
    lines = [line.strip() for line in text[:SAMPLE].split(b"\n")[:HEAD]]
    lines = [line for line in (lines[:-1] if len(text) > SAMPLE else lines) if line]
    if len(lines) < 2 or not all(len(line) > 2 and line[:1] == line[-1:] == b'"' for line in lines):
        return None
    bare = b"\n".join(line[1:-1].replace(b'""', b'"') for line in lines)
    if any(_agreement(head_grid(text, delimiter)[0]) > 0 for delimiter in DELIMITERS) or not find_delimiter(bare):
        return None
    return b"\n".join(line.strip()[1:-1].replace(b'""', b'"') for line in text.split(b"\n"))


def read_delimited(data: bytes, name: str, ending: str, options: ReadOptions | None = None) -> Content:
    """Read a CSV, TSV or TXT file.

    A TSV of numbers alone, without a header, is a set of series; a TXT that no delimiter splits evenly is a text per line.

    Parameters
    ----------
    data : bytes
        The whole file, in any encoding that `lines_of` detects.
    name : str
        Name of the file, for messages.
    ending : str
        "csv", "tsv" or "txt".
    options : ReadOptions, optional
        Encoding, delimiter, header, rows and whether rows and columns change places, where a user chose them.

    Returns
    -------
    Content
        Rows with typed columns, and notes on what was assumed.

    Raises
    ------
    InputError
        Where the file has no rows or too many columns, or a row has another number of cells than the first.
    """
    options = options or ReadOptions()
    text, notes = lines_of(data, name, options.encoding)
    split = split_text(text, options)
    if options.kind == "text" or (ending in TEXTS and not options.delimiter and not splits_evenly(split)):
        return _lines_as_texts(text, notes)
    if ending not in (*TEXTS, *TABLES) and not options.delimiter and not splits_evenly(split):
        raise InputError(
            f"{italic(name)} is text of a kind that is not known: it is no table whose rows have equally many cells. Give it the "
            f"ending .txt if each line is a text of its own, or bring {READABLE}."
        )
    parsed = parse(split, name, options)
    if is_series(parsed.split, parsed.layout, ending, options):
        from engine.intake.media.series import from_matrix

        return from_matrix(parsed.table, name, notes)
    content = typed_content(parsed, notes, options)
    if offered := encodings(data, decode(data, options.encoding)[1]):
        content.alternatives["encoding"] = offered
    return content


def typed_content(parsed: Parsed, notes: list[str], options: ReadOptions) -> Content:
    """The table of strings with its columns in their own types, and what else could be chosen."""
    content = typed_table(parsed.table, [*notes, *parsed.notes], options, parsed.split.delimiter)
    content.alternatives |= {"header": parsed.layout.choices, "delimiter": _delimiters(parsed.split)}
    return content


def _delimiters(split: Split) -> tuple[str, ...]:
    used = " " if "Its columns are parted by spaces." in split.notes else split.delimiter or ","
    return (used, *(other for other in (*DELIMITERS[:3], ",", " ") if other != used))


def is_series(split: Split, layout: Layout, ending: str, options: ReadOptions) -> bool:
    """Whether the rows are a class number and the values of a series, as in the UCR archive."""
    if ending != "tsv" or layout.header or len(layout.names) < MIN_SERIES_LENGTH:
        return False
    if options.kind is not None:
        return options.kind == "series"
    labels = [row[0].strip() for row in split.head[layout.first :] if filled(row)]
    whole = [label for label in labels if label.lstrip("+-").split(".")[0].isdigit() and float(label).is_integer()]
    return len(whole) == len(labels) and len(set(labels)) <= max(2, len(labels) / 2)


def splits_evenly(split: Split) -> bool:
    """Whether nearly all rows have equally many cells, two or more, and these do not read like sentences."""
    rows = [row for row in split.head if filled(row) and not is_comment(row)]
    if not split.delimiter and rows:
        return len(rows) > 2 and all(kind_of(row[0]) == "n" for row in rows[1:])
    if not rows:
        return False
    width = Counter(len(row) for row in rows).most_common(1)[0][0]
    start = next(i for i, row in enumerate(rows) if len(row) == width)
    rows = rows[start : len(rows) - end_of(rows, [""] * width)]
    even = sum(len(row) == width for row in rows)
    return width > 1 and even >= EVEN * len(rows) and not _is_prose(rows, split.delimiter)


def _is_prose(rows: Sequence[list[str]], delimiter: str) -> bool:
    """Whether commas stand in sentences: many words in every column, no number in any."""
    if delimiter not in ",;":
        return False
    words = [len(cell.split()) for row in rows for cell in row]
    numbers = any(kind_of(cell) in ("n", "d") for row in rows for cell in row)
    return not numbers and sum(words) > WORDY * len(words)


def _lines_as_texts(text: bytes, notes: list[str]) -> Content:
    lines = [line.strip() for line in text.decode().splitlines()]
    rows = pd.DataFrame({"text": pd.Series([line for line in lines if line], dtype="str")})
    return Content(rows, "text", notes=[*notes, "Each line was read as one text."], roles={"text": "feature"})


def parse(split: Split, name: str, options: ReadOptions) -> Parsed:
    """The table of a text, as strings; InputError names the first row of another length, or says what else is wrong."""
    if not split.head:
        raise InputError(f"{italic(name)} cannot be split into rows: a quotation mark may be missing near its top.")
    if options.transpose:
        split = _transposed(split, name)
    layout = find_layout(split.head, name, options)
    if len(layout.names) > WIDEST:
        raise InputError(
            f"{italic(name)} has {len(layout.names):,} columns; at most {WIDEST:,} can be read. Keep those that vary most "
            "from row to row, or transpose the table if its rows are what should be columns."
        )
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
    table, fewer = most_varying(table, name)
    return Parsed(split, layout, table, left_out, (*split.notes, *layout.notes, *notes, *said, *fewer))


def _body(split: Split, layout: Layout, name: str, options: ReadOptions) -> tuple[memoryview, list[str]]:
    """The lines of the table's rows, without what stands below them, and a sentence on that."""
    start = split.ends[layout.first - 1] if layout.first else 0
    if options.rows:
        length = _record_end(split, layout.first, options.rows[1], name)
        return memoryview(split.text)[start : start + length], []
    lines = split.text[start:][-(2**14) :].split(b"\n")[-12:]
    tail = [
        next(iter(csv.reader([line.decode("utf-8", "ignore")], delimiter=split.delimiter or ",")), []) for line in lines
    ]
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
    reader = csv.reader((line.decode("utf-8", "ignore") + "\n" for line in lines), delimiter=split.delimiter or ",")
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
    comments = 0
    for number, row in enumerate(records(body, split.delimiter), layout.first + 1):
        if len(row) != width:
            if not filled(row):
                continue
            if is_comment(row) and len(row) < width:
                comments += 1
                continue
            if len(row) < width or any(cell.strip() for cell in row[width:]):
                ragged.append((number, row))
                continue
        rows.append(row[:width])
    if ragged:
        _raise_ragged(ragged, layout, name, split.delimiter)
    columns = {str(i): pa.chunked_array([pa.array([row[i] for row in rows], pa.string())]) for i in range(width)}
    said = [
        f"{count(comments, 'line')} of comment between the rows of {italic(name)} {be(comments, past=True)} left out."
    ]
    return pa.table(columns), said if comments else []


def _raise_ragged(ragged: list[tuple[int, list[str]]], layout: Layout, name: str, delimiter: str) -> None:
    number, row = ragged[0]
    width = len(layout.names)
    more = f" So do {count(len(ragged) - 1, 'more row')}." if len(ragged) > 1 else ""
    names = f"; the column names are row {layout.header:,}" if layout.header else ""
    raise InputError(
        f"Row {number:,} of {italic(name)} has {count(len(row), 'cell')} where the table has {count(width, 'column')} "
        f"(it begins with {quote(delimiter.join(row), 30)}{names}).{more} Mend it and upload the file again."
    )
