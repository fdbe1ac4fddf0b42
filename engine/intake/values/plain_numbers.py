"""Plain numbers, such as 12 and -3.5e-4, of many columns at once: what nearly all columns of a wide table are.

What is found is what `engine.intake.values.cells` finds column by column; a column with anything else in it is left to that.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from engine.intake.values.blanks import NOTED, QUIET, blank_note
from engine.intake.values.column_format import ColumnFormat
from engine.intake.values.conventions import SAMPLE, Evidence
from engine.intake.values.notes import Note
from engine.intake.values.row_statistics import row_ranges

LEAST_COLUMNS = 50
"""Columns from which on they are read together."""
AT_ONCE = 2**20
"""Cells that are read together."""
LONG_CELL = 40
"""Bytes of a cell, on average, from which on a column is not tried."""
_PLAIN = r"^-?(?:(?:0|[1-9]\d{0,14})|\d{1,15}\.\d{1,40})(?:[eE][+-]?\d{1,3})?$"
_TWO_READINGS = r"^-?[1-9]\d{0,2}\.\d{3}$"


@dataclass(eq=False)
class PlainColumns:
    """k columns of plain numbers: values float64 [k, n], NaN for blanks; of each whether all are whole, and the evidence on how
    the file is written, with an example that has two readings; and notes on blanks, by name."""

    names: list[str]
    values: np.ndarray
    whole: np.ndarray
    evidence: list[Evidence]
    examples: list[str]
    notes: dict[str, Note] = field(default_factory=dict)

    def formats(self) -> Iterator[ColumnFormat]:
        """How each column is written, read with a decimal point."""
        for integer, low, high in zip(self.integers.tolist(), *row_ranges(self.values), strict=True):
            yield ColumnFormat("number", decimal="" if integer else ".", low=low, high=high)

    def take(self, wanted: np.ndarray) -> PlainColumns:
        """The columns for which `wanted` bool [k] is true."""
        places = np.flatnonzero(wanted).tolist()
        return PlainColumns(
            [self.names[i] for i in places],
            self.values[wanted],
            self.whole[wanted],
            [self.evidence[i] for i in places],
            [self.examples[i] for i in places],
            self.notes,
        )

    def frames(self) -> Iterator[pd.DataFrame]:
        """The whole numbers as int64, then the others as float64."""
        for part, kind in ((self.integers, np.int64), (~self.integers, np.float64)):
            if part.any():
                names = [name for name, good in zip(self.names, part, strict=True) if good]
                yield pd.DataFrame(self.values[part].astype(kind, copy=False).T, columns=pd.Index(names, dtype="str"))

    @property
    def integers(self) -> np.ndarray:
        """Whether each column holds whole numbers and no blanks, bool [k]."""
        found: np.ndarray = self.whole & ~np.isnan(self.values).any(axis=1)
        return found


def plain_columns(columns: Mapping[str, pa.ChunkedArray]) -> Iterator[PlainColumns]:
    """Those of the columns of words that hold plain numbers and blanks alone, in groups of about `AT_ONCE` cells; none of a table
    with few columns or very many rows.

    Parameters
    ----------
    columns : mapping of str to pyarrow.ChunkedArray
        Strings [n] by name, all of one length; blanks are "" or null.
    """
    n = len(next(iter(columns.values()))) if columns else 0
    if len(columns) < LEAST_COLUMNS or not 0 < n <= SAMPLE:
        return
    names = [
        name for name, cells in columns.items() if cells.type == pa.string() and cells.nbytes <= (LONG_CELL + 8) * n
    ]
    step = max(1, AT_ONCE // n)
    for start in range(0, len(names), step):
        part = names[start : start + step]
        chunks = [chunk for name in part for chunk in columns[name].chunks]
        yield _plain(part, pa.concat_arrays(chunks), n)


def _plain(names: list[str], cells: pa.Array, n: int) -> PlainColumns:
    """The plain ones of columns whose cells [k * n] stand one behind the other."""
    cells = pc.utf8_trim_whitespace(cells)
    blank = pc.is_in(cells, value_set=pa.array((*QUIET, *NOTED), pa.string()))
    notes = _blank_notes(names, cells, n)
    cells = pc.if_else(blank, pa.scalar(None, pa.string()), cells)
    matches = pc.match_substring_regex(cells, _PLAIN)
    plain = pc.fill_null(matches, True).to_numpy(zero_copy_only=False).reshape(-1, n).all(axis=1)
    numbers = pc.cast(pc.if_else(matches, cells, pa.scalar(None, pa.string())), pa.float64())
    values = numbers.to_numpy(zero_copy_only=False).reshape(-1, n)
    plain &= ~np.isnan(values).all(axis=1) & ~np.isinf(values).any(axis=1)
    if not plain.all():
        cells = cells.filter(pa.array(np.repeat(plain, n)))
        names, values = [name for name, good in zip(names, plain, strict=True) if good], values[plain]
    return replace(_with_evidence(names, cells, values), notes=notes)


def _blank_notes(names: list[str], cells: pa.Array, n: int) -> dict[str, Note]:
    """For each of the columns in `cells` [k * n] with blanks that need one, a sentence on these."""
    found: dict[str, Counter[str]] = {}
    for word in NOTED:
        counts = pc.equal(cells, word).fill_null(False).to_numpy(zero_copy_only=False).reshape(-1, n).sum(axis=1)
        for place in np.flatnonzero(counts).tolist():
            found.setdefault(names[place], Counter())[word] = int(counts[place])
    return {name: blank_note(name, words) for name, words in found.items()}


def _with_evidence(names: list[str], cells: pa.Array, values: np.ndarray) -> PlainColumns:
    """What the cells [k * n] of plain numbers `values` [k, n] say about how the file is written."""

    def where(pattern: str) -> np.ndarray:
        found = pc.fill_null(pc.match_substring_regex(cells, pattern), False)
        mask: np.ndarray = found.to_numpy(zero_copy_only=False).reshape(values.shape)
        return mask

    dotted, exponent = where(r"\."), where("[eE]")
    ambiguous = where(_TWO_READINGS) if dotted.any() else dotted
    zeros = where("0$") & ambiguous if ambiguous.any() else ambiguous
    filled, whole = ~np.isnan(values), ~dotted & ~exponent
    short = np.abs(np.where(filled, values, 0)) < 1000
    counted = (
        dotted & ~exponent & ~ambiguous,
        ambiguous,
        zeros,
        filled & whole & short,
        filled & whole & ~short,
    )
    point, dots, zero, small, large = (mask.sum(axis=1).tolist() for mask in counted)
    found = [
        Evidence(point=a, dots=b, zeros=c, small=d, large=e)
        for a, b, c, d, e in zip(point, dots, zero, small, large, strict=True)
    ]
    integral = (whole | ~filled).all(axis=1)
    values = np.where(integral[:, None], values + 0.0, values)  # a whole -0 is 0
    return PlainColumns(names, values, integral, found, _examples(cells, ambiguous))


def _examples(cells: pa.Array, ambiguous: np.ndarray) -> list[str]:
    """Of each column the first cell with two readings, "" where there is none."""
    n = ambiguous.shape[1]
    first = np.where(ambiguous.any(axis=1), ambiguous.argmax(axis=1), -1).tolist()
    return ["" if place < 0 else cells[row * n + place].as_py().lstrip("-") for row, place in enumerate(first)]
