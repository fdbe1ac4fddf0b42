"""A column in its own type, and what decides how it is read."""

from __future__ import annotations

from collections.abc import Sized
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd

from engine.intake.values.column_format import ColumnFormat, FormatKind, quantiles
from engine.intake.values.notes import Note
from engine.intake.values.numbers import ENOUGH
from engine.intake.wording import count, italic

LONG = 50_000
"""Cells from which on a column is first tried by a sample."""


@dataclass(eq=False)
class Typed:
    """A column in its own type, how it was written, and sentences on what was assumed."""

    values: pd.Series[Any]
    notes: list[Note] = field(default_factory=list)
    format: ColumnFormat = field(default_factory=lambda: ColumnFormat("words"))


@dataclass(frozen=True)
class Reading:
    """How a column is read: decided for the file, or stored from the training data (`stored`)."""

    decimal: str = "."
    day_first: bool = False
    stored: ColumnFormat | None = None


def tried_by_sample(cells: Sized) -> bool:
    """Whether a column has so many cells that it is first tried by a sample."""
    return len(cells) >= LONG


def least_share(reading: Reading) -> float:
    """The share of cells that must be of the type: in new data, whose type is known, a few are enough."""
    return ENOUGH if reading.stored is None else 0.2


def finite(name: str, values: np.ndarray, extra: list[Note] | None = None) -> Typed:
    """A column of numbers [n] with blanks for infinities, and a sentence on them."""
    infinite = np.isinf(values) if values.dtype.kind == "f" else np.zeros(0, bool)
    notes = list(extra or [])
    if infinite.any():
        first = int(np.argmax(infinite)) + 1
        text = (
            f"{italic(name)} holds infinity in {count(int(infinite.sum()), 'row')} (first in row {first:,}); "
            "these cells were read as blank."
        )
        notes.append(Note("infinite", name, text))
        values = np.where(infinite, np.nan, values)
    return Typed(pd.Series(values), notes, ColumnFormat("number"))


def with_format(found: Typed, reading: Reading, decimal: str, unit: str = "") -> Typed:
    """A column of numbers with how it was written: its decimal sign, its unit and its range."""
    low, high = quantiles(found.values)
    stored = reading.stored
    decimal = decimal or (stored.decimal if stored else "")
    return replace(found, format=ColumnFormat("number", decimal=decimal, unit=unit, low=low, high=high))


def as_kind(found: Typed, kind: FormatKind) -> Typed:
    """A column of numbers that were read from cells of another kind."""
    low, high = quantiles(found.values)
    return replace(found, format=ColumnFormat(kind, low=low, high=high))
