"""A text split into rows and cells: by which delimiter, and whether it is a table at all."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from engine.intake.files.encoding import SAMPLE
from engine.intake.layout.cell_kinds import HEAD, filled, is_comment, kind_of
from engine.intake.layout.spaced import as_tabs, parted_by_spaces
from engine.intake.layout.table_end import end_of
from engine.intake.options import ReadOptions

DELIMITERS = ("\t", ";", "|", ",")
RARE = ("~", "^")  # delimiters where none of the others splits a file, and these split every row
FIRST = 0.06  # what it counts for a delimiter that it parts the first row too
EVEN = 0.95  # share of the rows that must have one width for a .txt to be a table
WORDY = 2.2  # words in a cell, on average, from which on commas stand in sentences

FRAME = re.compile(rb"\+[-=+]+\+")  # a line of the frame that databases draw around a table

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


def text_of(line: bytes) -> str:
    """A line as a reader of cells takes it: a carriage return inside of it, which would end it, is a space."""
    return line.decode("utf-8", "ignore").rstrip("\r").replace("\r", " ")


def head_grid(text: bytes, delimiter: str, rows: int = HEAD) -> tuple[list[list[str]], list[int]]:
    """The cells of the first rows, blank ones too, and where each row ends in bytes; fewer where they cannot be split."""
    # Where hardly a row fits into the usual sample, a larger one is taken.
    wide = text[:SAMPLE].count(b"\n") < 3 or rows > HEAD
    sample = text[: 64 * SAMPLE] if wide else text[:SAMPLE]
    if len(text) > len(sample) and b"\n" in sample:
        sample = sample[: sample.rindex(b"\n")]
    lines = sample.split(b"\n")
    reader = csv.reader((text_of(line) + "\n" for line in lines), delimiter=delimiter)
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
        if _lists_in_one_column(rows):
            continue
        share = _agreement(rows) + (FIRST if _agreement(rows) and len(next(filter(filled, rows))) > 1 else 0.0)
        # The order of `DELIMITERS` decides between near ties: commas also occur within cells.
        if share > best_share + 0.05:
            best, best_share = delimiter, share
    return best or next((rare for rare in RARE if _agreement(head_grid(text, rare)[0]) == 1), "")


def _lists_in_one_column(rows: Sequence[list[str]]) -> bool:
    """Whether a single name stands above lists of words, each but the first behind a space: "goal; match; league"."""
    lines = [row for row in rows if filled(row)]
    if len(lines) < 3 or len(lines[0]) != 1 or is_comment(lines[0]):
        return False
    later = [cell for row in lines[1:] for cell in row[1:]]
    return bool(later) and all(cell.startswith(" ") and kind_of(cell) == "w" for cell in later)


def _agreement(rows: Sequence[list[str]]) -> float:
    """The share of the rows that have the most frequent width; 0 where that is 1, or would be without a delimiter at each end."""
    widths = Counter(len(row) for row in rows if filled(row) and not is_comment(row))
    if len(widths) == 1 and all(filled(row) in ([], [0]) for row in rows):
        return 0.0
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
    text, mended = _bare_lines(text, delimiter)
    notes += mended
    rows = max(HEAD, (options.header or 0) + HEAD, (options.rows or (0, 0))[0] + HEAD)
    head, ends = head_grid(text, delimiter or ",", rows if rows > 2 * HEAD or options.header or options.rows else HEAD)
    if named and head:
        head[0] = []
    return Split(text, delimiter, tuple(head), tuple(ends), tuple(notes))


def _bare_lines(text: bytes, delimiter: str) -> tuple[bytes, list[str]]:
    """The text without semicolons that end every line between commas, and without the frame that a database draws."""
    head = [line.strip() for line in text[:SAMPLE].split(b"\n")[:HEAD]]
    head = [line for line in (head[:-1] if len(text) > SAMPLE else head) if line]
    if delimiter == "|" and head and FRAME.fullmatch(head[0]) and b"-+" in head[0]:
        return b"\n".join(line for line in text.split(b"\n") if not FRAME.fullmatch(line.strip())), []
    if delimiter == "," and len(head) > 1 and all(line.endswith(b";") for line in head):
        lines = (line.rstrip() for line in text.split(b"\n"))
        bare = b"\n".join(line.rstrip(b";") for line in lines)
        return bare, ["The semicolon at the end of each line was taken away."]
    return text, []


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
