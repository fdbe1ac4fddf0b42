"""Large delimited files: laid out on disk as columns while they are read, so that memory holds one block and the typed columns.

Where a file has to be seen whole (another encoding than UTF-8, columns parted by spaces, rows of unequal length), it is left to
`engine.intake.layout.delimited`.
"""

from __future__ import annotations

import csv
import io
import os
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import pyarrow as pa
import pyarrow.csv as pacsv

from engine.intake.files.encoding import encodings, is_utf8
from engine.intake.files.sniff import ending, format_of
from engine.intake.layout.delimited import is_series, typed_content
from engine.intake.layout.splitting import Split, split_text, splits_evenly, text_of
from engine.intake.layout.table_end import end_of
from engine.intake.layout.table_layout import Layout, find_layout
from engine.intake.layout.table_rows import Parsed, below_table, members
from engine.intake.layout.widths import WIDEST
from engine.intake.options import ReadOptions
from engine.intake.raw import Content

LARGE = 2**26
"""Bytes of a file from which on it is laid out on disk."""
HEAD = 2**22
TAIL = 2**14
BLOCK = 2**22
DELIMITED = ("csv", "tsv", "tab", "txt")
BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True)
class _Plan:
    """How a file is read, by its head and its end: where its rows begin and end, in bytes."""

    split: Split
    layout: Layout
    start: int
    end: int
    notes: list[str]
    encodings: tuple[str, ...]


class _Part(io.RawIOBase):
    """The bytes of a file from `start` to `end`; `report` is called with the share that was read."""

    def __init__(self, stream: BinaryIO, start: int, end: int, report: Callable[[float], None]) -> None:
        self._stream, self._left, self._whole, self._report = stream, end - start, max(1, end - start), report
        self.quotes = 0
        self.nul = False
        stream.seek(start)

    def readable(self) -> bool:
        """It can be read."""
        return True

    def read(self, size: int = -1) -> bytes:
        """The next bytes."""
        data = self._stream.read(self._left if size < 0 else min(size, self._left))
        self._left -= len(data)
        self.quotes += data.count(b'"')
        self.nul = self.nul or b"\0" in data
        self._report(1 - self._left / self._whole)
        return data


def read_large(
    path: Path, name: str, options: ReadOptions, report: Callable[[float], None] = lambda share: None
) -> Content | None:
    """Content of a large CSV, TSV or TXT file with bounded memory.

    Parameters
    ----------
    path
        The file.
    name
        What the user calls it.
    options
        How it is read, where a user chose that.
    report
        Called now and then with the share, 0 to 1, that was read.

    Returns
    -------
    Content or None
        None where the file is small, of another format, or has to be seen whole.

    Raises
    ------
    InputError
        Where no table is found at its top.
    """
    with tempfile.TemporaryDirectory(prefix="constella-") as folder:
        found = parse_large(path, name, options, Path(folder) / "columns.arrow", report)
        if found is None:
            return None
        parsed, offered = found
        content = typed_content(parsed, [], options)
        content.alternatives |= {"encoding": offered} if offered else {}
        return content


def parse_large(
    path: Path,
    name: str,
    options: ReadOptions,
    columns: Path,
    report: Callable[[float], None] = lambda share: None,
) -> tuple[Parsed, tuple[str, ...]] | None:
    """The table of a large file as strings, laid out in the file `columns`, and the encodings that it could have.

    None as in `read_large`; InputError where no table is found at its top.
    """
    size = path.stat().st_size
    if size < LARGE or options.transpose or options.rows or options.kind in ("text", "image", "series"):
        return None
    with path.open("rb") as stream:
        plan = _plan(stream, size, name, options)
        if plan is None or not _laid_out(_Part(stream, plan.start, plan.end, report), plan, columns):
            return None
    table = pa.ipc.open_file(pa.memory_map(os.fspath(columns))).read_all()
    return members(plan.split, plan.layout, table, name, plan.notes), plan.encodings


def _plan(stream: BinaryIO, size: int, name: str, options: ReadOptions) -> _Plan | None:
    first = head = stream.read(HEAD)
    mark = len(BOM) if head.startswith(BOM) else 0
    head = head[mark : head.rfind(b"\n") + 1]
    found = format_of(head[:4096], name) if head else ""
    if (
        found not in DELIMITED
        or b"\0" in head
        or not is_utf8(head)
        or options.encoding not in (None, "utf-8", "utf-8-sig")
    ):
        return None
    split = split_text(head, options)
    if split.text is not head or not splits_evenly(split) or b"\r" in head.replace(b"\r\n", b""):
        return None
    layout = find_layout(split.head, name, options)
    if len(layout.names) > WIDEST or is_series(split, layout, ending(name), options):
        return None
    start = split.ends[layout.first - 1] if layout.first else 0
    below, notes = _below(stream, size, split, layout)
    offered = encodings(first, "utf-8-sig" if mark else "utf-8")
    return _Plan(split, layout, mark + start, size - below, notes, offered)


def _below(stream: BinaryIO, size: int, split: Split, layout: Layout) -> tuple[int, list[str]]:
    """Bytes of what stands below the table, and a sentence on it."""
    stream.seek(size - TAIL)
    lines = stream.read(TAIL).split(b"\n")[1:]
    if any(line.count(b'"') % 2 for line in lines):
        return 0, []
    rows = list(csv.reader((text_of(line) for line in lines), delimiter=split.delimiter))
    dropped = end_of(rows, layout.names) if len(rows) == len(lines) else 0
    below = len(lines) - dropped
    return sum(len(line) + 1 for line in lines[below:]), below_table(rows[below:])


def _laid_out(part: _Part, plan: _Plan, target: Path) -> bool:
    """Write the rows as columns of strings; False where they have to be seen whole."""
    places = [str(i) for i in range(len(plan.layout.names))]
    ragged = False

    def note(row: pacsv.InvalidRow) -> str:
        nonlocal ragged
        ragged = ragged or bool(row.text.strip())
        return "skip"

    try:
        reader = pacsv.open_csv(
            pa.PythonFile(part, mode="r"),
            read_options=pacsv.ReadOptions(column_names=places, block_size=BLOCK),
            parse_options=pacsv.ParseOptions(
                delimiter=plan.split.delimiter, newlines_in_values=b'"' in plan.split.text, invalid_row_handler=note
            ),
            convert_options=pacsv.ConvertOptions(
                column_types=dict.fromkeys(places, pa.string()), strings_can_be_null=False
            ),
        )
        with pa.OSFile(os.fspath(target), "wb") as file, pa.ipc.new_file(file, reader.schema) as writer:
            for batch in reader:
                if ragged:
                    return False
                writer.write_batch(batch)
    except pa.ArrowInvalid:
        return False
    return not ragged and part.quotes % 2 == 0 and not part.nul
