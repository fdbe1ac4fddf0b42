"""One column of words turned into numbers, dates, times, truth values or tidy words. Vectorized over the column."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from engine.intake.mapped import elementwise
from engine.intake.values.blanks import blank_notes, cut_off, without_blanks, without_placeholders
from engine.intake.values.column_format import ColumnFormat
from engine.intake.values.conventions import SAMPLE, Evidence, evidence
from engine.intake.values.date_cells import read_date_cells, read_times, read_truth_values
from engine.intake.values.dates import Order, find_dates
from engine.intake.values.number_cells import are_codes, castable, plain_numbers_of_long_column, read_numbers
from engine.intake.values.numbers import ENOUGH, as_mask, numerals
from engine.intake.values.typed_column import Reading, Typed, tried_by_sample
from engine.intake.values.word_cells import read_words

SPREAD = 5_000
"""Cells of a sample of a long column."""


@dataclass(frozen=True)
class Survey:
    """What a sample of a column says about how its file is written."""

    evidence: Evidence = field(default_factory=Evidence)
    order: Order = field(default_factory=Order)
    example: str = ""
    factor: float = 1.0
    """What the example is multiplied by, to be in the unit of the column."""


def survey(column: pa.ChunkedArray, unit: str = "") -> Survey:
    """The evidence in the first `SAMPLE` filled cells of a column of words, which are turned into `unit` if they can be."""
    cells = cut_off(without_placeholders(without_blanks(column.slice(0, SAMPLE))))
    if cells.null_count == len(cells) and len(column) > SAMPLE:
        cells = cut_off(without_placeholders(without_blanks(column)).drop_null().slice(0, SAMPLE))
    if cells.null_count == len(cells) or are_codes(cells):
        return Survey()
    digits, parts = pc.utf8_ltrim(cells, "+-") if castable(cells) is not None else None, None
    if digits is None:
        parts = numerals(cells, unit=unit)
        digits = None if parts is None or parts.problem else parts.digits
    if digits is None:
        found = find_dates(cells, ENOUGH)
        return Survey() if found is None else Survey(order=found.order)
    found_digits = evidence(digits)
    if parts is not None and parts.quantity == "currency" and not found_digits.point and not found_digits.comma:
        found_digits = replace(found_digits, small=1, zeros=1, large=0)  # money has no three decimals
    if not found_digits.ambiguous:
        return Survey(found_digits)
    ambiguous = np.flatnonzero(as_mask(pc.match_substring_regex(digits, r"^[1-9]\d{0,2}[.,]\d{3}$")))
    if not len(ambiguous):
        return Survey(found_digits)
    first = int(ambiguous[0])
    return Survey(
        found_digits, example=digits[first].as_py(), factor=1.0 if parts is None else abs(parts.factor[first])
    )


def typed(name: str, column: pa.ChunkedArray, reading: Reading | None = None) -> Typed:
    """The column of words as numbers, dates, times or truth values if nearly all of its filled cells are such, else words.

    Parameters
    ----------
    name : str
        Of the column, for notes.
    column : pyarrow.ChunkedArray
        Strings [n]; blanks are "" or null.
    reading : Reading
        What the file, or the training data, decided.

    Returns
    -------
    Typed
        The values [n], how they were written, and what was assumed.
    """
    reading = reading or Reading()
    plain = plain_numbers_of_long_column(name, column, reading)
    if plain is not None:
        return plain
    trimmed = elementwise(pc.utf8_trim_whitespace, column)
    cells = elementwise(without_blanks, column)
    if cells.null_count == len(cells):
        stored = reading.stored or ColumnFormat("words")
        return Typed(pd.Series(np.full(len(cells), np.nan)), blank_notes(name, trimmed, None), stored)
    if reading.stored is None or reading.stored.kind not in ("words", "boolean"):
        core = elementwise(lambda part: cut_off(without_placeholders(part)), cells)
        found = _measured(name, core, reading)
        if found is not None:
            return replace(found, notes=[*blank_notes(name, trimmed, core), *found.notes])
    return read_words(name, trimmed, cells, reading.stored)


def _sample(cells: pa.ChunkedArray) -> pa.ChunkedArray:
    """Filled cells from everywhere in a long column."""
    step = max(1, len(cells) // (4 * SPREAD))
    some = cells.take(pa.array(np.arange(0, len(cells), step))).drop_null()
    return (
        some.slice(0, SPREAD)
        if len(some) <= SPREAD
        else some.take(pa.array(np.linspace(0, len(some) - 1, SPREAD, dtype=np.int64)))
    )


def _measured(name: str, core: pa.ChunkedArray, reading: Reading) -> Typed | None:
    """Numbers, truth values, dates, times of day or durations; blanks where all cells are placeholders."""
    stored = reading.stored
    if core.null_count == len(core):
        return Typed(pd.Series(np.full(len(core), np.nan)), [], stored or ColumnFormat("words"))
    readers = (read_numbers, read_truth_values, read_date_cells, read_times)
    wanted = {
        "number": (read_numbers,),
        "date": (read_date_cells, read_numbers),
        "time": (read_times,),
        "duration": (read_times, read_numbers),
    }
    chosen = readers if stored is None else wanted.get(stored.kind, readers)
    if tried_by_sample(core) and len(some := _sample(core)):  # what a sample is not, the column is not
        chosen = tuple(read for read in chosen if read(name, some, reading) is not None)
    for read in chosen:
        found = read(name, core, reading)
        if found is not None:
            return found
    return None
