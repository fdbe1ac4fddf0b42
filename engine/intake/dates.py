"""Cells of words as dates with their times: ISO and other year-first orders, day first, and month first with AM and PM."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from engine.intake.wording import be, count, italic, quote

SAMPLE = 2000  # filled cells that decide in which order a column is written
_TIME = (
    r"(?:(?:T| |, ) *(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,](?P<fraction>\d+))?)?"
    r"(?: ?(?P<half>[AaPp])\.?[Mm]\.?)?(?: ?(?P<zone>Z|UTC|[+-]\d{2}:?\d{2}))?)?$"
)
YEAR_FIRST = r"^(?P<year>\d{4})[-/.](?P<month>\d{1,2})[-/.](?P<day>\d{1,2})" + _TIME
YEAR_LAST = r"^(?P<day>\d{1,2})[./-](?P<month>\d{1,2})[./-](?P<year>\d{4})" + _TIME


def as_dates(name: str, cells: pa.ChunkedArray, least: float) -> tuple[pd.Series[Any], list[str]] | None:
    """The column of words `cells` as datetime64[us], and sentences on what was assumed; None if it holds no dates.

    Dates are what reads as such in a share of at least `least` of the filled cells; other cells become blank. Day or month
    first is decided once for the whole column. Times with a zone are turned into UTC.
    """
    for pattern in (YEAR_FIRST, YEAR_LAST):
        sample = cells.drop_null().slice(0, SAMPLE)
        if pc.mean(pc.cast(pc.match_substring_regex(sample, pattern), pa.float64())).as_py() >= least:
            break
    else:
        return None
    parts = _parts(cells, pattern)
    notes = _zones(name, parts["zone"])
    if pattern == YEAR_LAST:
        month_first, note = _month_first(name, parts["day"], parts["month"], cells)
        notes.append(note)
        if month_first:
            parts["day"], parts["month"] = parts["month"], parts["day"]
    dates = _assembled(parts)
    filled, good = len(cells) - cells.null_count, int(dates.notna().sum())
    if good < least * filled:
        return None
    if good < filled:
        lost = filled - good
        notes.append(f"{count(lost, 'cell')} of {italic(name)} held no date and {be(lost, past=True)} read as blank.")
    return dates, notes


def _parts(cells: pa.ChunkedArray, pattern: str) -> dict[str, pd.Series[Any]]:
    """Every part of the dates: numbers as float64 with NaN where there are none, half and zone as words."""
    found = pc.extract_regex(cells, pattern)
    parts = {field.name: pc.fill_null(pc.struct_field(found, field.name), "") for field in found.type}
    parts["fraction"] = pc.binary_join_element_wise("0.", pc.utf8_slice_codeunits(parts["fraction"], 0, 6), "")
    words = {key: parts.pop(key).to_pandas() for key in ("half", "zone")}
    return {**{key: _floats(part) for key, part in parts.items()}, **words}


def _floats(part: pa.ChunkedArray) -> pd.Series[Any]:
    numbers = pc.cast(pc.if_else(pc.equal(part, ""), pa.scalar(None, pa.string()), part), pa.float64())
    return pd.Series(numbers.to_numpy())


def _month_first(name: str, first: pd.Series[Any], second: pd.Series[Any], cells: pa.ChunkedArray) -> tuple[bool, str]:
    """Decided by the numbers above 12 of the whole column; where none is, dots mean the day first, other signs the month."""
    days, months = int((first > 12).sum()), int((second > 12).sum())
    if not days and not months:
        dots = bool(pc.any(pc.match_substring_regex(cells, r"^\d{1,2}\.")).as_py())
        order = "day" if dots else "month"
        return (
            not dots,
            f"Dates in {italic(name)} do not say whether day or month comes first; they were read {order} first.",
        )
    month_first = months > days
    deciding = int(((second if month_first else first) > 12).to_numpy().argmax())
    order = "month" if month_first else "day"
    return month_first, f"Dates in {italic(name)} were read {order} first, as in {quote(cells[deciding].as_py())}."


def _zones(name: str, zones: pd.Series[Any]) -> list[str]:
    if not (zones.str.startswith(("+", "-")) & ~zones.str.contains("00:?00$")).any():
        return []
    return [f"Times in {italic(name)} have a time zone; they were turned into UTC."]


def _assembled(parts: dict[str, pd.Series[Any]]) -> pd.Series[Any]:
    """datetime64[us] of the parts; blank where there is no such day or time."""
    days = pd.to_datetime(pd.DataFrame({key: parts[key] for key in ("year", "month", "day")}), errors="coerce")
    hour, half = parts["hour"].fillna(0), parts["half"].str.lower()
    minute, second = parts["minute"].fillna(0), parts["second"].fillna(0)
    twelve = half != ""
    possible = (minute < 60) & (second < 60) & np.where(twelve, (hour >= 1) & (hour <= 12), hour < 24)
    hour = hour.where(~twelve, hour % 12 + 12 * (half == "p"))
    seconds = 3600 * hour + 60 * minute + second - _offset(parts["zone"])
    moments = pd.to_timedelta(1e6 * seconds + (1e6 * parts["fraction"].fillna(0)).round(), unit="us")
    return (days.astype("datetime64[us]") + moments.astype("timedelta64[us]")).where(possible)


def _offset(zones: pd.Series[Any]) -> pd.Series[Any]:
    """Seconds that a zone such as +02:00 is ahead of UTC."""
    if (zones == "").all():
        return pd.Series(0.0, zones.index)
    found = zones.str.extract(r"^([+-])(\d{2}):?(\d{2})$")
    seconds = 3600 * pd.to_numeric(found[1]) + 60 * pd.to_numeric(found[2])
    return seconds.where(found[0] != "-", -seconds).fillna(0)
