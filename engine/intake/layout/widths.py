"""Tables with more columns than can be described one by one: of their numbers, those that vary most are kept."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from engine.intake.values.cells import BLANKS
from engine.intake.wording import italic

WIDEST = 200_000  # columns that a file may have
MAX_COLUMNS = 20_000  # columns that are kept of it
SKEWED = (
    50.0  # where the largest number is so many times the mean, columns are compared by the logarithm of their values
)


def most_varying(table: pa.Table, name: str) -> tuple[pa.Table, list[str]]:
    """The table with its `MAX_COLUMNS` columns that vary most, in their order, and a sentence on that.

    Columns that hold no numbers alone are kept first. Numbers that are never negative and skewed are compared as log(1 + x).
    """
    width = table.num_columns
    if width <= MAX_COLUMNS:
        return table, []
    columns = [_numbers(table.column(i)) for i in range(width)]
    filled = [values[np.isfinite(values)] for values in columns if values is not None]
    low = min((float(values.min()) for values in filled if len(values)), default=0.0)
    high = max((float(values.max()) for values in filled if len(values)), default=0.0)
    mean = float(np.mean([values.mean() for values in filled if len(values)] or [0.0]))
    logged = low >= 0 and high > SKEWED * mean
    spread = np.array([np.inf if values is None else _spread(values, logged) for values in columns])
    kept = sorted(np.argsort(-spread, kind="stable")[:MAX_COLUMNS].tolist())
    said = f"{italic(name)} has {width:,} columns; the {MAX_COLUMNS:,} that vary most from row to row were kept."
    return table.select(kept), [said]


def _numbers(column: pa.ChunkedArray) -> np.ndarray | None:
    """float64 with NaN for blanks; None where a cell is no plain number."""
    if not pa.types.is_string(column.type):
        numeric = pa.types.is_integer(column.type) or pa.types.is_floating(column.type)
        return pc.cast(column, pa.float64(), safe=False).to_numpy().astype(np.float64) if numeric else None
    blank = pc.is_in(column, value_set=pa.array(BLANKS, pa.string()))
    try:
        numbers = pc.cast(pc.if_else(blank, pa.scalar(None, pa.string()), column), pa.float64())
    except pa.ArrowInvalid:
        return None
    values: np.ndarray = numbers.to_numpy()
    return values


def _spread(values: np.ndarray, logged: bool) -> float:
    good = values[np.isfinite(values)]
    return float(np.var(np.log1p(good) if logged else good)) if len(good) else 0.0
