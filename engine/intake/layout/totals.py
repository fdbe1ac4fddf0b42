"""Rows of a table that are no members: blank ones, its names once more, totals and averages at its end."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from engine.intake.layout.cell_kinds import filled, kind_of
from engine.intake.layout.table_end import is_total
from engine.intake.wording import be, count, italic, listed

LAST = 6  # rows at the end among which totals are looked for
SUBTOTAL = r"(?i)^(\S.{0,60}) (?:sub-?total|total|totals|result|sum|average|summe|gesamt|ergebnis|mittelwert)$"
NEAR = 0.005  # share by which a total may differ from the sum


def left_out_rows(table: pa.Table, header: Sequence[str], name: str) -> tuple[frozenset[int], list[str]]:
    """Places of the rows of a table of strings that are no members, and sentences on them."""
    if table.num_columns < 2 or not table.num_rows:
        return frozenset(), []
    blank, again = _blank(table), _repeated(table, header)
    subtotals = _subtotals(table)
    totals = _totals(table, blank | again | subtotals)
    notes = []
    if again:
        rows, were = count(len(again), "row"), be(len(again), past=True)
        notes.append(f"The names of the columns came again in {rows} of {italic(name)}, which {were} left out.")
    if subtotals:
        some = listed([row[filled(row)[0]].strip() for row in (_row(table, i) for i in sorted(subtotals)[:3])])
        rows, were = count(len(subtotals), "row"), be(len(subtotals), past=True)
        notes.append(f"{rows} of {italic(name)} with totals of the rows above {were} left out, such as {some}.")
    if totals:
        words = [row[filled(row)[0]].strip() for row in (_row(table, i) for i in sorted(totals))]
        rows, were = count(len(totals), "row"), be(len(totals), past=True)
        notes.append(
            f"{rows} at the end of {italic(name)} with totals or averages of the others {were} left out: {listed(words)}."
        )
    return frozenset(blank | again | subtotals | totals), notes


def without_rows(table: pa.Table, places: Sequence[int]) -> pa.Table:
    """The table without the rows at some places, in order; nothing is copied."""
    starts, ends = [0, *(place + 1 for place in places)], [*places, table.num_rows]
    return pa.concat_tables([table.slice(a, b - a) for a, b in zip(starts, ends, strict=True) if b > a] or [table[:0]])


def _row(table: pa.Table, place: int) -> list[str]:
    return [column[place].as_py() or "" for column in table.columns]


def _blank(table: pa.Table) -> set[int]:
    candidates = np.arange(table.num_rows)
    for column in table.columns:
        part = column.take(pa.array(candidates)) if len(candidates) < table.num_rows else column
        empty = pc.equal(pc.utf8_trim_whitespace(part), "").to_numpy()
        candidates = candidates[empty]
        if not len(candidates):
            break
    return {int(i) for i in candidates}


def _repeated(table: pa.Table, header: Sequence[str]) -> set[int]:
    if not header or len(header) > table.num_columns or not filled(header):
        return set()
    first = filled(header)[0]
    same = np.flatnonzero(pc.equal(pc.utf8_trim_whitespace(table.column(first)), header[first].strip()).to_numpy())
    if len(same) > 0.2 * table.num_rows:
        return set()
    wanted = [cell.strip() for cell in header]
    return {int(i) for i in same if [cell.strip() for cell in _row(table, int(i))][: len(wanted)] == wanted}


def _subtotals(table: pa.Table) -> set[int]:
    """Rows that begin with the name of a group above them and a word for total, as in "North Total"."""
    for column in table.columns[:2]:
        cells = pc.utf8_trim_whitespace(column)
        named = np.flatnonzero(pc.fill_null(pc.match_substring_regex(cells, SUBTOTAL), False).to_numpy())
        if not 0 < len(named) < 0.5 * table.num_rows:
            continue
        groups = pc.utf8_trim_whitespace(
            pc.replace_substring_regex(cells.take(pa.array(named)), SUBTOTAL, r"\1")
        ).to_pylist()
        known = {word: place for place, word in reversed(list(enumerate(cells.to_pylist())))}
        found = {int(i) for i, group in zip(named, groups, strict=True) if known.get(group, table.num_rows) < i}
        if found and all(int(i) in found or is_total(_row(table, int(i))) for i in named):
            return found
    return set()


def _totals(table: pa.Table, out: set[int]) -> set[int]:
    """The last rows that call themselves totals, where their numbers are the sums or averages of those above."""
    places = [i for i in range(table.num_rows - 1, max(-1, table.num_rows - 1 - LAST - len(out)), -1) if i not in out]
    named = []
    for i in places:
        if not is_total(_row(table, i)):
            break
        named.append(i)
    if not named:
        return set()
    above = without_rows(table.slice(0, min(named)), sorted(i for i in out if i < min(named)))
    if above.num_rows < 3:
        return set()
    return {i for i in named if _sums_up(_row(table, i), above)}


def _sums_up(row: list[str], above: pa.Table) -> bool:
    first = filled(row)[0]
    places = [i for i in filled(row) if i != first and kind_of(row[i]) == "n"]
    found = []
    for i in places:
        for comma in (False, True):
            values, total = _floats(above.column(i).to_pandas(), comma), _floats(pd.Series([row[i]]), comma)[0]
            good = values[np.isfinite(values)]
            if len(good) >= 0.5 * len(values) and np.isfinite(total):
                near = [
                    abs(total - target) <= NEAR * abs(target) + 1e-9
                    for target in (good.sum(), good.mean(), np.median(good))
                ]
                found.append((any(near), total >= good.max() > good.min() >= 0))
    return any(exact for exact, _ in found) or (bool(found) and all(larger for _, larger in found))


def _floats(cells: pd.Series, comma: bool) -> np.ndarray:
    """Numbers of cells as people write them, with a decimal comma or point; NaN for what is none."""
    bare = cells.str.replace(r"[^\d.,eE+-]", "", regex=True)
    bare = (
        bare.str.replace(".", "", regex=False).str.replace(",", ".", regex=False)
        if comma
        else bare.str.replace(",", "", regex=False)
    )
    return pd.to_numeric(bare, errors="coerce").to_numpy(np.float64)
