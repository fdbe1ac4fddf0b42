"""A column of cells that are truth values, dates, times of day or durations."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from engine.intake.mapped import taken
from engine.intake.values.column_format import ColumnFormat
from engine.intake.values.dates import find_dates, order_note, read_dates
from engine.intake.values.durations import as_hours, as_seconds
from engine.intake.values.notes import Note
from engine.intake.values.numbers import folded
from engine.intake.values.typed_column import LONG, Reading, Typed, as_kind, finite, least_share, tried_by_sample
from engine.intake.wording import italic, number, quote


def read_truth_values(name: str, cells: pa.ChunkedArray, reading: Reading) -> Typed | None:
    """True and False in any case; other pairs such as Yes and No stay words."""
    if not pc.all(pc.match_substring_regex(cells.drop_null(), r"^(?i:true|false)$")).as_py():
        return None
    truth = pc.equal(pc.utf8_lower(cells), "true")
    values = truth.to_pandas().astype("boolean" if truth.null_count else "bool")
    return Typed(values, [], ColumnFormat("boolean"))


def read_date_cells(name: str, cells: pa.ChunkedArray, reading: Reading) -> Typed | None:
    """The cells [n] as dates; None where they are none."""
    distinct = _distinct(cells) if tried_by_sample(cells) else None
    if distinct is None:
        return _all_dates(name, cells, reading)
    words, codes = distinct
    found = _all_dates(name, words, reading)
    if found is None or found.values.isna().any():  # what is no date is counted by cells
        return _all_dates(name, cells, reading)
    dates = np.append(found.values.to_numpy(), np.datetime64("NaT"))
    return replace(found, values=pd.Series(taken(dates, codes), copy=False))


def _distinct(cells: pa.ChunkedArray) -> tuple[pa.ChunkedArray, np.ndarray] | None:
    """The different words of a column in the order in which they come, and the place of each cell's among them, -1 for blanks;
    None where most cells differ."""
    head = cells.slice(0, LONG)
    if pc.count_distinct(head).as_py() > 0.2 * len(head):
        return None
    encoded = pc.dictionary_encode(cells)
    words = encoded.chunk(0).dictionary
    if len(words) > 0.2 * len(cells):
        return None
    codes = np.concatenate([pc.fill_null(chunk.indices, -1).to_numpy() for chunk in encoded.chunks])
    return pa.chunked_array([words]), codes


def _all_dates(name: str, cells: pa.ChunkedArray, reading: Reading) -> Typed | None:
    found = find_dates(cells, least_share(reading))
    if found is None:
        return None
    order = found.order
    day_first = order.days >= order.months if order.days or order.months else reading.day_first
    values, notes = read_dates(name, cells, found, day_first)
    if values.notna().sum() < least_share(reading) * (len(cells) - cells.null_count):
        return None
    note = order_note(name, folded(cells), found, day_first)
    stored = reading.stored
    kept = day_first if order.numeric else (stored.day_first if stored else None)
    return Typed(values, [*([note] if note else []), *notes], ColumnFormat("date", day_first=kept))


def read_times(name: str, cells: pa.ChunkedArray, reading: Reading) -> Typed | None:
    """The cells [n] as hours since midnight, or as seconds that something took; None where they are neither."""
    stored = reading.stored
    if stored is None or stored.kind == "time":
        hours = as_hours(name, cells, least_share(reading))
        if hours is not None:
            text = f"Times of day in {italic(name)} were turned into hours since midnight: 8:30 is 8.5."
            return as_kind(finite(name, hours, [Note("time", name, text)]), "time")
    seconds = as_seconds(name, cells, least_share(reading))
    if seconds is None:
        return None
    first = int(np.argmax(~np.isnan(seconds)))
    example = f"{quote(cells[first].as_py(), 20)} is {number(float(seconds[first]))}"
    note = Note("duration", name, f"Durations in {italic(name)} were turned into seconds: {example}.")
    return as_kind(finite(name, seconds, [note]), "duration")
