"""CSV, TSV and other delimited files: encoding, delimiter and header are detected; rows of another length are errors."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Callable
from itertools import islice, pairwise

import pandas as pd
import pyarrow as pa
import pyarrow.csv as pacsv

from engine.core.errors import InputError
from engine.intake.encoding import SAMPLE, lines_of
from engine.intake.options import ReadOptions
from engine.intake.raw import Content
from engine.intake.tables import typed_table
from engine.intake.wording import count, italic, quote

DELIMITERS = ("\t", ";", "|", ",")
MAX_COLUMNS = 20_000
MIN_SERIES_LENGTH = 10  # a TSV of numbers alone with at least this many columns is a series file of the UCR archive
NUMBER = re.compile(r"^\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*$|^\s*(nan|NaN|\?)\s*$")


def head_rows(text: bytes, delimiter: str, rows: int = 200) -> list[list[str]]:
    """The cells of up to `rows` rows at the top, without empty lines; none where they cannot be split."""
    # Where hardly a row fits into the usual sample, a larger one is taken.
    wide = text[:SAMPLE].count(b"\n") < 3
    sample = text[: 64 * SAMPLE] if wide else text[:SAMPLE]
    if len(text) > len(sample) and b"\n" in sample:
        sample = sample[: sample.rindex(b"\n")]
    reader = csv.reader(io.StringIO(sample.decode("utf-8", errors="ignore"), newline=""), delimiter=delimiter)
    try:
        return [row for row in islice(reader, rows) if row]
    except csv.Error:
        return []


def find_delimiter(text: bytes) -> str:
    """The delimiter with which most of the first rows have the same number of cells, two or more; "" for a single column."""
    best, best_share = "", 0.0
    for delimiter in DELIMITERS:
        rows = head_rows(text, delimiter)
        if not rows or len(rows[0]) < 2:
            continue
        widths = Counter(len(row) for row in rows)
        width, agreeing = widths.most_common(1)[0]
        share = agreeing / len(rows) if width > 1 else 0.0
        # The order of `DELIMITERS` decides between near ties: commas also occur within cells.
        if share > best_share + 0.05:
            best, best_share = delimiter, share
    return best


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
    options : ReadOptions
        How it is read where its content leaves that open.

    Returns
    -------
    Content
        Rows with typed columns, and notes on what was assumed.

    Raises
    ------
    InputError
        Where the file has no rows or too many columns, or a row has another number of cells than the first.
    """
    text, notes = lines_of(data, name)
    delimiter = find_delimiter(text)
    if ending == "txt" and not splits_evenly(text, delimiter):
        return _lines_as_texts(text, notes)
    head = head_rows(text, delimiter or ",")
    if not head:
        raise InputError(f"{italic(name)} cannot be split into rows: a quotation mark may be missing near its top.")
    header, skip, header_notes = header_of(head, name)
    if len(header) > MAX_COLUMNS:
        raise InputError(f"{italic(name)} has {len(header):,} columns; at most {MAX_COLUMNS:,} can be read.")
    if skip and len(head) == 1:
        raise InputError(f"{italic(name)} has column names but no rows below them: add the rows and upload it again.")
    if ending == "tsv" and not skip and len(header) >= MIN_SERIES_LENGTH:
        from engine.intake.series import from_matrix

        return from_matrix(_parse(text, delimiter, header, skip, name), name, notes)
    table = _parse(text, delimiter or ",", header, skip, name)
    return typed_table(table, notes + header_notes, options, delimiter)


def header_of(head: list[list[str]], name: str) -> tuple[list[str], int, list[str]]:
    """The column names, the number of rows they take (0 or 1), and a note where the file has none."""
    first = head[0]
    if _is_header(first):
        widths = Counter(len(row) for row in head[1:])
        if widths and widths.most_common(1)[0] == (len(first) + 1, len(head) - 1):
            first = ["", *first]  # R writes row names without a name in the header
        return first, 1, []
    names = [f"column {i}" for i in range(1, len(first) + 1)]
    return names, 0, [f"The first row of {italic(name)} holds numbers, so its columns were named by position."]


def _is_header(cells: list[str]) -> bool:
    """Whether the first row holds names: words, or the consecutive numbers by which programs name nameless columns."""
    if not all(NUMBER.match(cell) for cell in cells):
        return True
    try:
        numbers = [int(cell) for cell in cells]
    except ValueError:
        return False
    # Of two numbers, only 0 and 1 are unlikely to be a row of data.
    numbered = numbers[0] == 0 or len(numbers) > 2
    return len(numbers) > 1 and numbered and all(b - a == 1 for a, b in pairwise(numbers))


def splits_evenly(text: bytes, delimiter: str) -> bool:
    """Whether the delimiter splits the first rows into equally many cells."""
    if not delimiter:
        return False
    rows = head_rows(text, delimiter)
    return all(len(row) == len(rows[0]) for row in rows)


def _lines_as_texts(text: bytes, notes: list[str]) -> Content:
    lines = [line.strip() for line in text.decode().splitlines()]
    rows = pd.DataFrame({"text": pd.Series([line for line in lines if line], dtype="str")})
    return Content(rows, "text", notes=[*notes, "Each line was read as one text."], roles={"text": "feature"})


def _parse(text: bytes, delimiter: str, header: list[str], skip: int, name: str) -> pa.Table:
    """All rows as a table of strings under the names of `header`; InputError names the first row of another length."""
    ragged: list[pacsv.InvalidRow] = []

    def note_ragged(row: pacsv.InvalidRow) -> str:
        if row.text.strip():
            ragged.append(row)
        return "skip"

    table = _read_arrow(text, delimiter, header, skip, note_ragged, name)
    if ragged:
        # Arrow knows the number of a row only in a single thread, and counts every line only if it ignores none.
        ragged.clear()
        _read_arrow(text, delimiter, header, skip, note_ragged, name, threads=False)
        _raise_ragged(ragged, len(header), name)
    # An odd quotation mark makes the last cell swallow the rest of the file.
    if text.count(b'"') % 2 and table.num_rows and any("\n" in (c[-1].as_py() or "") for c in table.columns):
        row = table.num_rows + skip
        raise InputError(
            f"A quotation mark opens in row {row:,} of {italic(name)} and never closes: close or delete it."
        )
    return table.rename_columns(header)


def _read_arrow(
    text: bytes,
    delimiter: str,
    header: list[str],
    skip: int,
    on_ragged: Callable[[pacsv.InvalidRow], str],
    name: str,
    threads: bool = True,
) -> pa.Table:
    places = [str(i) for i in range(len(header))]  # names may repeat in the header
    quoted = b'"' in text
    try:
        return pacsv.read_csv(
            pa.BufferReader(text),
            read_options=pacsv.ReadOptions(
                column_names=places, skip_rows_after_names=skip, use_threads=threads, block_size=2**24
            ),
            parse_options=pacsv.ParseOptions(
                delimiter=delimiter,
                newlines_in_values=quoted,
                ignore_empty_lines=len(header) > 1 and threads,
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


def _raise_ragged(ragged: list[pacsv.InvalidRow], width: int, name: str) -> None:
    first = ragged[0]
    more = f" So do {count(len(ragged) - 1, 'more row')}." if len(ragged) > 1 else ""
    raise InputError(
        f"Row {first.number:,} of {italic(name)} has {count(first.actual_columns, 'cell')} where the first row has {width:,} "
        f"(it begins with {quote(first.text, 30)}; the column names are row 1).{more} Mend it and upload the file again."
    )
