"""A table of strings, from whichever reader, with every column in its own type."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from engine.intake.cells import typed
from engine.intake.naming import unique_names
from engine.intake.options import ReadOptions
from engine.intake.raw import Content


def typed_table(table: pa.Table, notes: list[str], options: ReadOptions | None = None, delimiter: str = "") -> Content:
    """The content of a table of strings, each column in its own type; columns without a name and without a value are dropped.

    Parameters
    ----------
    table : pyarrow.Table
        One column of strings for each column of the file, under the names that the file gives; blanks are "".
    notes : list of str
        Sentences that the reader has so far; they come first.
    options : ReadOptions
        What the user, or the file that a model was trained on, says about decimals, dates and columns.
    delimiter : str
        The character between cells, weak evidence for how numbers are written; "" where there is none.

    Returns
    -------
    Content
        Rows with typed columns, how each was written, and notes on what was assumed.
    """
    header = table.schema.names
    positions = [i for i, field in enumerate(header) if field.strip() or _has_value(table.column(i))]
    names, renamed = unique_names([header[i] for i in positions])
    columns: dict[str, pd.Series[Any]] = {}
    notes = notes + renamed
    for name, position in zip(names, positions, strict=True):
        column = typed(name, table.column(position), delimiter == ";")
        columns[name] = column.values
        notes += column.notes
    return Content(pd.DataFrame(columns), notes=notes)


def _has_value(column: pa.ChunkedArray) -> bool:
    return bool(pc.any(pc.not_equal(pc.utf8_trim_whitespace(column), "")).as_py())
