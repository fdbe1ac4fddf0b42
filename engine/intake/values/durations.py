"""Times of day as hours since midnight, and durations as seconds."""

from __future__ import annotations

import re

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from engine.intake.values.numbers import as_floats, count_true, folded

_FRACTION = r"(?:[.,](?P<fraction>\d{1,9}))?"
_OF_DAY = (
    rf"^(?P<hour>\d{{1,2}})(?:[:h.](?P<minute>[0-5]\d)(?::(?P<second>[0-5]\d){_FRACTION})?)?"
    r"(?: ?(?P<half>[AaPp])\.? ?[Mm]\.?)?(?: ?Uhr)?$"
)
_CLOCK = (
    r"^(?P<minus>-)?(?:(?P<day>\d{1,6}) ?(?:d|days?),? )?(?P<hour>\d{1,6}):(?P<minute>\d{2})"
    rf"(?::(?P<second>\d{{2}}){_FRACTION})?$"
)
_AMOUNT = r"\d{1,9}(?:\.\d{1,9})?"
_ISO = (
    rf"^(?P<minus>-)?P(?:(?P<day>{_AMOUNT})D)?"
    rf"(?:T(?:(?P<hour>{_AMOUNT})H)?(?:(?P<minute>{_AMOUNT})M)?(?:(?P<second>{_AMOUNT})S)?)?$"
)
_WORDS = (
    r"^(?:(?P<day>\d{1,6}) ?(?:d|days?|Tage?),? ?)?(?:(?P<hour>\d{1,6}) ?(?:h|hrs?|hours?|Std\.?|Stunden?),? ?)?"
    r"(?:(?P<minute>\d{1,6}) ?(?:m|mins?|minutes?|Min\.?|Minuten?),? ?)?"
    r"(?:(?P<second>\d{1,6}) ?(?:s|secs?|seconds?|Sek\.?|Sekunden?))?$"
)
_LASTING = re.compile(
    r"dur|dauer|elapsed|lap|length|lauf|runtime|länge|pace|split|waiting|zeitraum|average|avg|time.?(?:on|spent|to)|engagement",
    re.IGNORECASE,
)
ENOUGH = 0.8


def as_seconds(name: str, cells: pa.ChunkedArray, least: float = ENOUGH) -> np.ndarray | None:
    """Durations such as 1:02:03, 2h 15m or PT5M as seconds, float64 [n]; None if the cells are none."""
    plain, filled = folded(cells), len(cells) - cells.null_count
    for pattern in (_ISO, _WORDS, _CLOCK):
        if count_true(pc.match_substring_regex(plain, pattern)) < max(1, least * filled):
            continue
        found = pc.extract_regex(plain, pattern)
        parts = [part.name for part in found.type]
        values = {part: as_floats(pc.struct_field(found, part)) for part in parts if part not in ("minus", "fraction")}
        if "fraction" in parts:
            values["fraction"] = _fraction(pc.struct_field(found, "fraction"))
        short = pattern == _CLOCK and bool(np.isnan(values["second"]).all())
        seconds = _total(values, minutes_first=short and not _hours_first(name, values))
        seconds[np.array(pc.is_null(found))] = np.nan
        if "minus" in parts:
            minus = pc.fill_null(pc.equal(pc.struct_field(found, "minus"), "-"), False).to_numpy()
            seconds = np.where(minus, -seconds, seconds)
        return seconds
    return None


def _hours_first(name: str, values: dict[str, np.ndarray]) -> bool:
    """Whether 45:10 is hours and minutes: only where no part would be an odd number of hours."""
    return bool(np.nanmax(values["hour"]) < 24) and not re.search(r"lap|pace|track|song|split", name, re.IGNORECASE)


def _total(values: dict[str, np.ndarray], minutes_first: bool) -> np.ndarray:
    day, hour, minute, second = (np.nan_to_num(values[part]) for part in ("day", "hour", "minute", "second"))
    if minutes_first:
        hour, minute, second = np.zeros_like(hour), hour, minute
    fraction = np.nan_to_num(values["fraction"]) if "fraction" in values else 0.0
    seconds: np.ndarray = 86_400 * day + 3600 * hour + 60 * minute + second + fraction
    return seconds


def as_hours(name: str, cells: pa.ChunkedArray, least: float = ENOUGH) -> np.ndarray | None:
    """Times of day such as 8:30, 08:30:15 or 8:30 PM as hours since midnight, float64 [n]; None if the cells are none."""
    plain, filled = folded(cells), len(cells) - cells.null_count
    if _LASTING.search(name) or count_true(pc.match_substring_regex(plain, _OF_DAY)) < max(1, least * filled):
        return None
    if count_true(pc.match_substring_regex(plain, r"[:hmMU]")) < least * filled:
        return None  # bare numbers
    found = pc.extract_regex(plain, _OF_DAY)
    half = pc.struct_field(found, "half")
    hour, minute, second = (as_floats(pc.struct_field(found, part)) for part in ("hour", "minute", "second"))
    fraction = _fraction(pc.struct_field(found, "fraction"))
    twelve = pc.fill_null(pc.not_equal(half, ""), False).to_numpy()
    after = pc.fill_null(pc.equal(pc.utf8_lower(half), "p"), False).to_numpy()
    known = hour[~np.isnan(hour)]
    if (known >= 24).any() or (not known.any() and not np.isnan(second).all() and not twelve.any()):
        return None  # beyond a day, or all within the first hour: minutes and seconds
    hour = np.where(twelve, hour % 12 + 12 * after, hour)
    hours: np.ndarray = hour + np.nan_to_num(minute) / 60 + (np.nan_to_num(second) + np.nan_to_num(fraction)) / 3600
    return hours


def _fraction(part: pa.ChunkedArray) -> np.ndarray:
    return as_floats(pc.binary_join_element_wise("0.", part, "0", ""))


def format_time(hours: float, seconds: bool = False) -> str:
    """Hours since midnight as people write them: 23:50, or 23:50:15."""
    total = int(np.rint(3600 * hours)) % 86_400 if seconds else 60 * (int(np.rint(60 * hours)) % 1440)
    clock = f"{total // 3600:02}:{total // 60 % 60:02}"
    return f"{clock}:{total % 60:02}" if seconds else clock
