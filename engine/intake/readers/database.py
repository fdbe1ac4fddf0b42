"""SQLite databases: one of their tables."""

from __future__ import annotations

import sqlite3

import pandas as pd

from engine.core.errors import InputError
from engine.intake.frames import from_frame
from engine.intake.limits import Meter
from engine.intake.options import ReadOptions
from engine.intake.raw import Content
from engine.intake.wording import count, italic, listed, quote, size

LONGEST = 2**26  # bytes of a cell
CELL = 32  # bytes that a cell takes at least


def read(data: bytes, name: str, options: ReadOptions, limit: int) -> Content:
    """The largest table of a database, or the one that was chosen; nothing is written. InputError where it is damaged."""
    connection = sqlite3.connect(":memory:")
    try:
        connection.deserialize(data)
        connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, LONGEST)
        connection.execute("PRAGMA query_only = ON")
        connection.execute("PRAGMA trusted_schema = OFF")
        found = [
            row[0]
            for row in connection.execute(
                "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
            )
        ]
        sizes = {title: _rows(connection, title) for title in found}
        full = [title for title in sorted(found, key=lambda title: -sizes[title]) if sizes[title]]
        if not full:
            raise InputError(f"{italic(name)} is a database without rows: there is nothing to group.")
        if options.sheet is not None and options.sheet not in full:
            raise InputError(
                f"{italic(name)} has no table {quote(options.sheet)} with rows; there are {listed(full, 12)}."
            )
        best = options.sheet or full[0]
        frame = _frame(connection, best, Meter(name, len(data), 2 * limit))
    except sqlite3.DataError as error:
        raise InputError(
            f"A cell of {italic(name)} has more than {size(LONGEST)}: save its table as CSV without that column."
        ) from error
    except sqlite3.Error as error:
        raise InputError(f"{italic(name)} is a damaged database: copy it again, or save its table as CSV.") from error
    finally:
        connection.close()
    others = [title for title in full if title != best]
    notes = [f"{italic(name)} has {count(len(full), 'table')}; {italic(best)} was read."] if others else []
    content = from_frame(frame, notes)
    content.alternatives |= {"sheet": (best, *others)} if others else {}
    return content


def _quoted(title: str) -> str:
    return '"' + title.replace('"', '""') + '"'


def _rows(connection: sqlite3.Connection, title: str) -> int:
    return int(connection.execute(f"SELECT COUNT(*) FROM {_quoted(title)}").fetchone()[0])


def _frame(connection: sqlite3.Connection, title: str, meter: Meter) -> pd.DataFrame:
    """A table, counted while it is read: columns that are calculated can hold much more than the file."""
    cursor = connection.execute(f"SELECT * FROM {_quoted(title)}")
    columns = [column[0] for column in cursor.description]
    rows = []
    for row in cursor:
        meter.add(CELL * len(row) + sum(len(cell) for cell in row if isinstance(cell, str)))
        rows.append([None if isinstance(cell, bytes) else cell for cell in row])
    frame = pd.DataFrame(rows, columns=range(len(columns))).infer_objects()
    frame.columns = pd.Index(columns)
    return frame
