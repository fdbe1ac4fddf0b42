"""CSV, TSV and other delimited files: delimiter and layout are detected; rows of another length are errors."""

from __future__ import annotations

import pandas as pd

from engine.core.errors import InputError
from engine.intake.files.encoding import decode, encodings, lines_of
from engine.intake.files.sniff import READABLE
from engine.intake.layout.cell_kinds import filled
from engine.intake.layout.log_lines import is_log, log_table
from engine.intake.layout.splitting import DELIMITERS, Split, split_text, splits_evenly
from engine.intake.layout.table_layout import Layout
from engine.intake.layout.table_rows import Parsed, parse
from engine.intake.options import ReadOptions
from engine.intake.raw import Content
from engine.intake.tables import typed_table
from engine.intake.wording import be, count, italic

TEXTS = ("txt", "md", "text", "")  # endings of files that may hold one text in each line
TABLES = ("csv", "tsv", "tab")
MIN_SERIES_LENGTH = 10  # a TSV of numbers alone with at least this many columns is a series file of the UCR archive


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
    if ending not in TABLES and options.kind != "text" and not options.delimiter and is_log(text):
        return _log(text, name, notes, options)
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


def _log(text: bytes, name: str, notes: list[str], options: ReadOptions) -> Content:
    table, others = log_table(text, name)
    said = [f"Each line of {italic(name)} holds keys with their values, which became columns."]
    if others:
        said.append(f"{count(others, 'line')} that {be(others)} written otherwise {be(others, past=True)} left out.")
    return typed_table(table, [*notes, *said], options)


def _lines_as_texts(text: bytes, notes: list[str]) -> Content:
    lines = [line.strip() for line in text.decode().splitlines()]
    rows = pd.DataFrame({"text": pd.Series([line for line in lines if line], dtype="str")})
    return Content(rows, "text", notes=[*notes, "Each line was read as one text."], roles={"text": "feature"})
