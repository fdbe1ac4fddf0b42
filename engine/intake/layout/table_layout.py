"""Where the table is in a grid of cells: the rows with the names of its columns, its first and its last row.

What a delimited file, a sheet of a workbook and a table of a web page have in common is judged here: lines of comment and
titles above the names, two lines of names, labels or units below them, totals and footnotes at the end.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from engine.core.errors import InputError
from engine.intake.layout.cell_kinds import Row, column_kinds, filled, filled_columns, is_comment, kind_of, usual_width
from engine.intake.layout.column_headers import (
    commented_names,
    has_group_row,
    holds_names,
    joined_names,
    lines_below,
    names_go_on,
    widened,
)
from engine.intake.options import ReadOptions
from engine.intake.wording import be, count, italic, quote

TOP = 60  # rows among which its names are looked for


@dataclass(frozen=True)
class Layout:
    """Where a table is in its grid; rows are counted from 0.

    Attributes
    ----------
    names
        Of its columns; "" where one has none.
    first
        Its first row.
    header
        The row with the names, counted from 1 as a spreadsheet does; 0: there is none.
    notes
        Sentences on what was assumed.
    choices
        Other rows that could hold the names, as `Content.alternatives` gives them.
    """

    names: tuple[str, ...]
    first: int
    header: int
    notes: tuple[str, ...] = ()
    choices: tuple[str, ...] = field(default=())


def find_layout(rows: Sequence[Row], name: str, options: ReadOptions) -> Layout:
    """The table at the top of a grid.

    Parameters
    ----------
    rows
        The first rows of the grid, `HEAD` of them or all there are, blank ones too.
    name
        Of the file, for the notes.
    options
        `header` and `rows`, where a user chose them.

    Raises
    ------
    InputError
        If there are no rows, or none below the names, or not the row that was chosen.
    """
    if not any(filled(row) for row in rows):
        raise InputError(f"{italic(name)} is empty: there is nothing to read in it.")
    if options.header is not None or options.rows is not None:
        return _chosen(rows, name, options)
    start = _start(rows)
    above, top = commented_names(rows, start)
    if top is not None:
        notes = _above(rows, [i for i in range(start) if i != above], name)
        names = widened([cell.strip().lstrip("#%/!- ") for cell in top], rows[start:])
        return _with_choices(Layout(names, start, above + 1, tuple(notes)), rows)
    return _with_choices(_from_start(rows, start, name), rows)


def _from_start(rows: Sequence[Row], start: int, name: str) -> Layout:
    """The table whose first row of names or values is row `start`."""
    top, below = rows[start], rows[start + 1 :]
    if not holds_names(top, below):
        notes = [
            *_above(rows, range(start), name),
            f"The first row of {italic(name)} holds values, so its columns were named by position.",
        ]
        width = max(len(top), usual_width(rows[start:]))
        return Layout(tuple(f"column {i}" for i in range(1, width + 1)), start, 0, tuple(notes))
    if not any(filled(row) for row in below):
        raise InputError(f"{italic(name)} has column names but no rows below them: add the rows and upload it again.")
    group = has_group_row(rows, start)
    joined_below = not group and names_go_on(top, below)
    lines = [start - 1, start] if group else [start, start + 1] if joined_below else [start]
    first = lines[-1] + 1
    names = joined_names([rows[i] for i in lines])
    skipped, said = lines_below(names, rows, first, name)
    if skipped == 1:
        more, further = lines_below(names, rows, first + 1, name)
        skipped, said = skipped + more, said + further
    notes = _above(rows, range(lines[0]), name)
    if len(lines) > 1:
        notes.append(
            f"The names of the columns of {italic(name)} stand in two rows, {lines[0] + 1} and {lines[1] + 1}; they were joined."
        )
    elif lines[0] and any(filled(row) for row in rows[: lines[0]]):
        notes.append(f"The names of the columns were read from row {lines[0] + 1}.")
    first = first + skipped
    return Layout(widened(names, rows[first:]), first, lines[-1] + 1, tuple(notes + said))


def _chosen(rows: Sequence[Row], name: str, options: ReadOptions) -> Layout:
    """The table at the rows that a user chose."""
    header = options.header
    if header is None:
        assert options.rows is not None
        above = options.rows[0] - 2
        header = above + 1 if 0 <= above < len(rows) and holds_names(rows[above], rows[above + 1 :]) else 0
    if header > len(rows) or (header and not filled(rows[header - 1])):
        raise InputError(
            f"Row {header:,} of {italic(name)} holds no names: choose the row in which the names of the columns stand."
        )
    if header:
        first = options.rows[0] - 1 if options.rows else header
        top = [cell.strip() for cell in rows[header - 1]]
        top = [cell.lstrip("#%/! ") if i == 0 else cell for i, cell in enumerate(top)]
        return _with_choices(Layout(widened(top, rows[first:]), first, header), rows)
    first = options.rows[0] - 1 if options.rows else _start(rows)
    width = usual_width(rows[first:])
    return _with_choices(Layout(tuple(f"column {i}" for i in range(1, width + 1)), first, 0), rows)


def _with_choices(layout: Layout, rows: Sequence[Row]) -> Layout:
    """The layout with other rows that could hold the names: those near the top, and none."""
    near = [i + 1 for i, row in enumerate(rows[: max(layout.header, layout.first) + 2]) if len(filled(row)) > 1]
    others = [str(row) for row in near[-8:] if row != layout.header] + ["0"] * (layout.header != 0)
    return Layout(layout.names, layout.first, layout.header, layout.notes, (str(layout.header), *others))


def _start(rows: Sequence[Row]) -> int:
    """The first row that belongs to the table: not blank, no comment, and filled like the rows below."""
    open_rows = [i for i, row in enumerate(rows) if filled(row) and not is_comment(row)]
    if not open_rows:
        open_rows = [i for i, row in enumerate(rows) if filled(row)]
    body = [rows[i] for i in open_rows[len(open_rows) // 4 :]]
    columns = filled_columns(body)
    least = max(0.6 * len(columns), min(2, len(columns)))
    near = [i for i in open_rows[:TOP] if len(filled(rows[i])) >= least]
    start = near[0] if near else open_rows[0]
    kinds = column_kinds(body)
    usual = usual_width(body)
    if len(filled(rows[start])) > usual > 1:
        # What a logger says of itself may stand in more cells than its table has columns.
        for i in near[1:4]:
            if len(rows[i]) == usual == len(filled(rows[i])) and all(kind_of(cell) == "w" for cell in rows[i]):
                return i
    if len(set(filled(rows[start])) & set(columns)) < len(columns):
        # Pairs of a key and a value may stand above a narrow table: its names are words over numbers.
        for i, after in pairwise(near):
            cells = rows[i]
            full = set(columns) <= set(filled(cells))
            words = full and all(kind_of(cells[j]) == "w" for j in columns)
            if words and "n" in [kinds.get(j) for j in columns] and _like_body(rows[after], columns, kinds):
                return i
    return start


def _like_body(row: Row, columns: Sequence[int], kinds: dict[int, str]) -> bool:
    """Whether a row holds what the columns hold further below."""
    return all(kinds.get(j) in (kind_of(row[j]), None) or not kind_of(row[j]) for j in columns if j < len(row))


def _above(rows: Sequence[Row], places: Sequence[int], name: str) -> list[str]:
    """Sentences on the rows above the table."""
    lines = [i for i in places if filled(rows[i])]
    comments = [i for i in lines if is_comment(rows[i])]
    titles = [i for i in lines if i not in comments]
    notes = []
    if comments:
        notes.append(
            f"{count(len(comments), 'line')} of comment at the top of {italic(name)} {be(len(comments), past=True)} left out."
        )
    if titles:
        said = quote(" ".join(rows[titles[0]][i].strip() for i in filled(rows[titles[0]])))
        more = "Row " + str(titles[0] + 1) if len(titles) == 1 else count(len(titles), "row")
        stands = (
            f"stands above the table and was left out: {said}"
            if len(titles) == 1
            else f"stand above the table and were left out, the first is {said}"
        )
        notes.append(f"{more} of {italic(name)} {stands}.")
    return notes
