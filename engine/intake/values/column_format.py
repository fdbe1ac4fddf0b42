"""ColumnFormat: how the cells of a column were written, so that new data are read in the same way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Literal

import numpy as np
import pandas as pd

from engine.intake.mapped import some_rows

FormatKind = Literal["number", "date", "time", "duration", "boolean", "words"]
MOST_LEVELS = 1000


@dataclass(frozen=True)
class ColumnFormat:
    """How the cells of a column were written.

    Parameters
    ----------
    kind
        "number", "date", "time" (of day, in hours), "duration" (in seconds), "boolean" or "words".
    decimal
        The decimal sign, "." or ","; "" where no cell shows it.
    unit
        The unit, currency or percent sign in which the numbers are.
    encoded
        Of dates that were written as numbers: "serial" (days of a spreadsheet), "seconds" or "milliseconds" since 1970, "compact"
        (20240131).
    day_first
        Whether 01/02/2024 is the first of February; None where no cell says.
    low, high
        Quantiles 0.01 and 0.99 of the numbers.
    levels
        The different words, at most 1,000; none where there are more.
    width
        The length of codes with leading zeros; 0 where there are none.

    Examples
    --------
    >>> from engine.intake.values.column_format import ColumnFormat
    >>> ColumnFormat("number", decimal=",", unit="EUR").to_json()
    {'kind': 'number', 'decimal': ',', 'unit': 'EUR'}
    """

    kind: FormatKind
    decimal: str = ""
    unit: str = ""
    encoded: str = ""
    day_first: bool | None = None
    low: float | None = None
    high: float | None = None
    levels: tuple[str, ...] = ()
    width: int = 0

    def to_json(self) -> dict[str, Any]:
        """What differs from the default, as plain JSON values."""
        values = {name: getattr(self, name) for name in _FIELDS} | {"levels": list(self.levels)}
        return {name: value for name, value in values.items() if value is False or value not in ("", None, [], 0)}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> ColumnFormat:
        """The format back from `to_json`; what later versions add is ignored."""
        known = {name: values[name] for name in _FIELDS if name in values}
        return cls(**{**known, "levels": tuple(known.get("levels", ()))})


_FIELDS = tuple(f.name for f in fields(ColumnFormat))


def quantiles(values: pd.Series[Any]) -> tuple[float | None, float | None]:
    """The 1st and 99th percentile of numbers, of some from everywhere where there are very many; None, None of none."""
    filled = some_rows(values).dropna().to_numpy(np.float64)
    filled = filled[np.isfinite(filled)]
    return (float(np.quantile(filled, 0.01)), float(np.quantile(filled, 0.99))) if len(filled) else (None, None)
