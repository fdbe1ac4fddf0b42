"""Columns whose value stands in the first row of its group alone, as in merged cells and pivot tables."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from engine.intake.layout.cell_kinds import kind_of
from engine.intake.wording import count, italic

LEAST_ROWS = 6
MOST = 0.5  # of the cells of such a column that are filled


def filled_down(columns: Mapping[str, pa.ChunkedArray]) -> tuple[dict[str, pa.ChunkedArray], list[str]]:
    """The columns with each value of the leading ones repeated down to the next, and sentences on that.

    Parameters
    ----------
    columns : mapping of str to pyarrow.ChunkedArray
        Strings [n] by name, in the order of the table; blanks are "".

    Returns
    -------
    columns, notes
        Only leading columns of words change whose first cell is filled, whose other cells mostly are blank, and whose values
        each come once within that of the column to the left; and only where some other column is filled in every row.

    Examples
    --------
    >>> import pyarrow as pa
    >>> region = pa.chunked_array([["North", "", "", "South", "", ""]])
    >>> city = pa.chunked_array([["a", "b", "c", "d", "e", "f"]])
    >>> filled_down({"region": region, "city": city})[0]["region"].to_pylist()
    ['North', 'North', 'North', 'South', 'South', 'South']
    """
    result, notes = dict(columns), list[str]()
    names = list(columns)
    outer: np.ndarray | None = None
    for name in names[:-1]:
        starts = _group_starts(columns[name], outer)
        if starts is None:
            break
        result[name] = columns[name].take(
            pa.array(starts[np.cumsum(np.isin(np.arange(len(columns[name])), starts)) - 1])
        )
        blank = len(columns[name]) - len(starts)
        notes.append(
            f"{italic(name)} names each of its groups in the first row alone, as merged cells do: "
            f"the {count(blank, 'blank cell')} below were filled with it."
        )
        outer = starts
    unchanged = names[len(notes) :]
    if not notes or not any(len(_filled(columns[name])) == len(columns[name]) for name in unchanged):
        return dict(columns), []
    return result, notes


def _filled(column: pa.ChunkedArray) -> np.ndarray:
    """Places of the cells that hold something."""
    return np.flatnonzero(pc.fill_null(pc.not_equal(pc.utf8_trim_whitespace(column), ""), False).to_numpy())


def _group_starts(column: pa.ChunkedArray, outer: np.ndarray | None) -> np.ndarray | None:
    """Places where groups begin; None where the filled cells of a column are no names of groups."""
    starts, n = _filled(column), len(column)
    if n < LEAST_ROWS or not 2 <= len(starts) <= MOST * n or starts[0] != 0:
        return None
    words = [word.strip() for word in column.take(pa.array(starts)).to_pylist()]
    if sum(kind_of(word) == "w" for word in words) <= MOST * len(words):
        return None
    if outer is None:
        return starts if len(set(words)) == len(words) else None
    if not np.isin(outer, starts).all():
        return None
    pairs = set(zip(np.searchsorted(outer, starts, side="right").tolist(), words, strict=True))
    return starts if len(pairs) == len(words) else None
