"""Grids of cells (sheets of a workbook, tables of a web page) as one table: the best grid, and the largest table in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import pyarrow as pa

from engine.core.errors import InputError
from engine.intake.layout.cell_kinds import HEAD, filled
from engine.intake.layout.column_headers import holds_names
from engine.intake.layout.table_end import end_of
from engine.intake.layout.table_layout import Layout, find_layout
from engine.intake.layout.totals import left_out_rows
from engine.intake.layout.widths import check_width
from engine.intake.options import ReadOptions
from engine.intake.raw import Content
from engine.intake.tables import typed_table
from engine.intake.wording import be, count, italic, joined, listed, quote

Grid = list[list[str]]
FEWEST = 2  # rows that a table must have beside others


@dataclass(frozen=True)
class Block:
    """A part of a grid without a blank row or column through it; places from 0, ends excluded."""

    top: int
    bottom: int
    left: int
    right: int
    cells: int


def from_sheets(sheets: Mapping[str, Grid], name: str, options: ReadOptions, what: str = "sheet") -> Content:
    """The content of the grid with the largest table, or of the one that was chosen.

    Parameters
    ----------
    sheets
        Grids of strings by their names; blank cells are "".
    name
        Of the file.
    options
        `sheet`, `header`, `rows` and `transpose` where a user chose them, and all that `typed_table` takes.
    what
        What a grid is called in sentences.

    Raises
    ------
    InputError
        If no grid has a filled cell, or there is none of the name that was chosen.
    """
    best, others = chosen_sheet(sheets, name, options, what)
    found = find_table(sheets[best], name, options)
    check_width(found.table.num_columns, name)
    content = typed_table(found.table, list(found.notes), options)
    content.alternatives["header"] = found.choices
    if others:
        title = f"{italic(name)} has {count(len(others) + 1, f'filled {what}')}; {italic(best)} was read."
        content.notes.insert(0, title)
        content.alternatives["sheet"] = (best, *others)
    return content


def chosen_sheet(
    sheets: Mapping[str, Grid], name: str, options: ReadOptions, what: str = "sheet"
) -> tuple[str, list[str]]:
    """The name of the grid that is read and those of the others with a filled cell; InputError as in `from_sheets`."""
    sizes = {title: max((block.cells for block in blocks(grid)), default=0) for title, grid in sheets.items()}
    full = [title for title in sheets if sizes[title]]
    if not full:
        raise InputError(f"{italic(name)} is empty: no {what} has a filled cell.")
    if options.sheet is not None and options.sheet not in full:
        there = f"there {be(len(full))} {listed(full, 12)}"
        raise InputError(f"{italic(name)} has no filled {what} {quote(options.sheet)}; {there}.")
    best = options.sheet or max(full, key=lambda title: sizes[title])
    return best, [title for title in full if title != best]


@dataclass(frozen=True)
class Found:
    """A table in a grid: its strings, `header` (from 1; 0: none), and the place (from 0) of each of its rows in the grid."""

    table: pa.Table
    header: int
    places: tuple[int, ...]
    notes: tuple[str, ...]
    choices: tuple[str, ...]


def find_table(grid: Grid, name: str, options: ReadOptions) -> Found:
    """The largest table of a grid, or that at the rows that were chosen. InputError where it has no rows."""
    notes: list[str] = []
    if options.transpose:
        width = max(len(row) for row in grid)
        grid = [list(row) for row in zip(*([*row, *[""] * (width - len(row))] for row in grid), strict=True)]
        notes.append("Its rows and columns changed places.")
    starts: list[str] = []
    if options.header is None and options.rows is None:
        grid, starts, said = _largest(grid, name)
        notes += said
    near = max(HEAD, (options.header or 0) + HEAD, (options.rows or (0, 0))[0] + HEAD)
    first_row = next((i for i, row in enumerate(grid) if filled(row)), 0)
    layout = find_layout(grid[: near + first_row], name, options)
    last = options.rows[1] if options.rows else _end(grid, layout.first, options)
    last, said = _without_footnotes(grid[: min(last, len(grid))], layout, options)
    notes += said
    places = [i for i in range(layout.first, last) if filled(grid[i])]
    table = _arrow([grid[i] for i in places], layout.names, name)
    out, said = left_out_rows(table, grid[layout.header - 1] if layout.header else [], name)
    keep = [i not in out for i in range(len(places))]
    table = table.filter(pa.array(keep)) if out else table
    choices = tuple(dict.fromkeys([layout.choices[0], *starts, *layout.choices[1:]]))
    kept = tuple(place for place, stays in zip(places, keep, strict=True) if stays)
    return Found(table.rename_columns(list(layout.names)), layout.header, kept, (*notes, *layout.notes, *said), choices)


def _without_footnotes(grid: Grid, layout: Layout, options: ReadOptions) -> tuple[int, list[str]]:
    """Where the rows end before what stands below them, and a sentence on that."""
    rows = grid[max(layout.first, len(grid) - 12) :]
    below = 0 if options.rows else end_of(rows, layout.names)
    texts = [" ".join(cell.strip() for cell in row if cell.strip()) for row in rows[len(rows) - below :] if filled(row)]
    if not texts:
        return len(grid) - below, []
    lines, were = count(len(texts), "row"), be(len(texts), past=True)
    return len(grid) - below, [f"{lines} below the table {were} left out: {quote(texts[0])}."]


def _end(grid: Grid, first: int, options: ReadOptions) -> int:
    """Where the rows end: with the block of a row of names that was chosen, else with the grid."""
    if options.header is None:
        return len(grid)
    block = next((block for block in blocks(grid) if block.top <= first < block.bottom), None)
    return len(grid) if block is None else block.bottom


def _arrow(rows: Sequence[Sequence[str]], names: Sequence[str], name: str) -> pa.Table:
    if not rows:
        raise InputError(f"{italic(name)} has column names but no rows below them: add the rows and upload it again.")
    width = len(names)
    columns = [[row[i] if i < len(row) else "" for row in rows] for i in range(width)]
    return pa.table({str(i): pa.chunked_array([pa.array(cells, pa.string())]) for i, cells in enumerate(columns)})


def blocks(grid: Grid) -> list[Block]:
    """The parts of a grid that blank rows part, and within each those that blank columns part."""
    found: list[Block] = []
    top = None
    for i, row in enumerate([*grid, []]):
        if filled(row):
            top = i if top is None else top
        elif top is not None:
            found += _side_by_side(grid, top, i)
            top = None
    return _joined_blocks(grid, found)


def _side_by_side(grid: Grid, top: int, bottom: int) -> list[Block]:
    """One block, or several of at least two columns each that differ in height or begin with the same names."""
    places = [filled(row) for row in grid[top:bottom]]
    used = sorted({i for row in places for i in row})
    parts: list[list[int]] = []
    for i in used:
        if parts and i == parts[-1][-1] + 1:
            parts[-1].append(i)
        else:
            parts.append([i])
    cells = sum(map(len, places))
    whole = Block(top, bottom, used[0], used[-1] + 1, cells)
    heights = [max(j for j, row in enumerate(places) if set(row) & set(part)) for part in parts]
    heads = [[grid[top][i] if i < len(grid[top]) else "" for i in part] for part in parts]
    again = len(heads) > 1 and any(head == heads[0] and any(head) for head in heads[1:])
    if len(parts) < 2 or any(len(part) < 2 for part in parts) or (len(set(heights)) == 1 and not again):
        return [whole]
    return [
        Block(top, top + height + 1, part[0], part[-1] + 1, sum(len(set(row) & set(part)) for row in places))
        for part, height in zip(parts, heights, strict=True)
    ]


def _joined_blocks(grid: Grid, found: list[Block]) -> list[Block]:
    """Blocks that a blank row parts, but whose second goes on like the first, as one."""
    result: list[Block] = []
    for block in found:
        last = result[-1] if result else None
        if last is not None and _goes_on(grid, last, block):
            result[-1] = replace(
                last, bottom=block.bottom, right=max(last.right, block.right), cells=last.cells + block.cells
            )
        else:
            result.append(block)
    return result


def _goes_on(grid: Grid, last: Block, block: Block) -> bool:
    """Whether a block holds more rows of the one above: as wide, and its first row is no row of names of its own."""
    if last.bottom - last.top < FEWEST or (last.left, last.right) != (block.left, block.right):
        return False
    first = [cell.strip() for cell in grid[block.top]]
    if first == [cell.strip() for cell in grid[last.top]]:
        return True
    values = grid[last.bottom - 1]
    return not holds_names(first, [values, *grid[block.top + 1 : block.bottom]][:HEAD])


def _largest(grid: Grid, name: str) -> tuple[Grid, list[str], list[str]]:
    """The grid with the largest of its tables alone, the rows where the others begin, and a sentence on them."""
    found = [block for block in blocks(grid) if block.bottom - block.top > FEWEST and block.right - block.left > 1]
    if len(found) < 2:
        return grid, [], []
    best = max(found, key=lambda block: block.cells)
    others = [block for block in found if block is not best]
    before = max((block.bottom for block in others if block.bottom <= best.top), default=0)
    alone = [
        [cell if best.left <= j < best.right else "" for j, cell in enumerate(row[: best.right])]
        if before <= i < best.bottom
        else []
        for i, row in enumerate(grid)
    ]
    places = joined([f"row {block.top + 1:,}" for block in others], 4)
    begin = "others begin" if len(others) > 1 else "other begins"
    said = f"{italic(name)} holds {count(len(found), 'table')}; the largest was read. The {begin} in {places}."
    return alone, [str(block.top + 1) for block in others if block.left == best.left], [said]
