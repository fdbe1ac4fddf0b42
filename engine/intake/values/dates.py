"""Cells of words as dates with their times, each cell by its own pattern; day or month first is one decision for a file.

Year first, day or month first, month names in seven languages, two-digit years, AM and PM, time zones, quarters, weeks, months.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from engine.intake.values.notes import Note
from engine.intake.values.numbers import as_floats, as_mask, count_true, folded
from engine.intake.wording import be, count, italic, quote

SAMPLE = 2000  # filled cells that decide whether a column holds dates
PIVOT = 68  # two-digit years up to this one are 20.., the others 19..
BIRTH = re.compile(r"birth|geb|dob|naiss|nacim|nascim|nascita", re.IGNORECASE)
_ZONE = r"Z|UTC ?[+-]\d{1,2}(?::?\d{2})?|GMT ?[+-]\d{1,2}(?::?\d{2})?|[A-Z]{3,4}|[+-]\d{2}(?::?\d{2})?"
_CLOCK = (
    r"(?P<hour>\d{1,2})[:h.](?P<minute>\d{2})(?:[:.](?P<second>\d{2})(?:[.,](?P<fraction>\d+))?)?"
    r"(?: ?(?P<half>[AaPp])\.? ?[Mm]\.?)?"
)
_TIME = rf"(?:(?:T|t|:|,? +(?:at |um )?){_CLOCK}(?: ?Uhr)?(?: ?(?P<zone>{_ZONE}))?)?$"
_DIGITS = r"(?:[T ]?(?P<hour>\d{2}):?(?P<minute>\d{2}):?(?P<second>\d{2})?Z?)?$"
_LETTER = r"[A-Za-z\x{80}-\x{10FFFF}]"  # a class of all letters takes thirty times as long to compile, for every column
_DAYNAME = rf"^(?:{_LETTER}{{2,10}}\.?,? +)?"
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th|\.|º|er|ª)?"
_NAME = rf"(?P<name>{_LETTER}{{3,12}})\.?"
_YEAR = r"(?P<year>\d{4}|'?\d{2})"
PATTERNS: Mapping[str, str] = {
    "year first": r"^(?P<year>\d{4}) ?[-/.年 ] ?(?P<month>\d{1,2}) ?[-/.月 ] ?(?P<day>\d{1,2})[.日]?" + _TIME,
    "numbers": r"^(?P<first>\d{1,2}) ?[-/. ] ?(?P<last>\d{1,2}) ?[-/. ] ?(?P<year>\d{4}|'?\d{2})\.?" + _TIME,
    "day name": _DAYNAME + _DAY + r"[-/. ]*(?:de |of )?" + _NAME + r"[-/., ]*(?:de |del )?" + _YEAR + _TIME,
    "name day": _DAYNAME + _NAME + r"[-/ ]*(?P<day>\d{1,2})(?:st|nd|rd|th)?(?:,|[-/ ])+" + _YEAR + _TIME,
    "year name": r"^(?P<year>\d{4})[-/ ]" + _NAME + r"[-/ ](?P<day>\d{1,2})" + _TIME,
    "year last": rf"^{_LETTER}{{3}} "
    + _NAME
    + r" +(?P<day>\d{1,2}) "
    + _CLOCK
    + rf" (?:(?P<zone>{_ZONE}) )?(?P<year>\d{{4}})$",
    "compact": r"^(?P<year>(?:19|20)\d{2})(?P<month>\d{2})(?P<day>\d{2})" + _DIGITS,
    "month": r"^(?P<year>(?:19|20)\d{2})[-/](?P<month>\d{1,2})$",
    "month last": r"^(?P<month>\d{1,2})[-/](?P<year>(?:19|20)\d{2})$",
    "month name": r"^" + _NAME + r"[-/., ]*(?:de )?(?P<year>(?:19|20)\d{2}|'?\d{2})$",
    "quarter": r"^(?P<year>(?:19|20)\d{2})[-/ ]?[QqTK](?P<quarter>[1-4])$",
    "quarter first": r"^[QqTK](?P<quarter>[1-4])[-/ ]*(?P<year>(?:19|20)\d{2}|'\d{2})$",
    "week": r"^(?P<year>(?:19|20)\d{2})-?[Ww](?P<week>\d{2})(?:-?(?P<day>[1-7]))?$",
}
_MONTHS = (
    "jan january januar janvier enero ene gennaio gen janeiro januari janv jaenner janner; "
    "feb february februar fevrier fev febrero febbraio fevereiro februari fevr; "
    "mar march marz mrz maerz mars marzo marco maart mrt; apr april avril avr abril abr aprile; "
    "may mai mayo maggio mag maio mei; jun june juni juin junio giugno giu junho; "
    "jul july juli juillet juil julio luglio lug julho; aug august aout agosto ago augustus; "
    "sep sept september septembre septiembre setiembre settembre set setembro; "
    "oct october oktober okt octobre octubre ottobre ott outubro out; "
    "nov november novembre noviembre novembro; dec december dezember dez decembre diciembre dic dicembre dezembro"
)
MONTHS = {name: month for month, names in enumerate(_MONTHS.split(";"), 1) for name in names.split()}
_HOURS = [
    "Z",
    "0",
    "UTC",
    "0",
    "GMT",
    "0",
    "WET",
    "0",
    "CET",
    "1",
    "BST",
    "1",
    "WEST",
    "1",
    "MEZ",
    "1",
    "CEST",
    "2",
    "MESZ",
    "2",
    "EET",
    "2",
    "EEST",
    "3",
    "MSK",
    "3",
    "IST",
    "5.5",
    "JST",
    "9",
    "KST",
    "9",
    "AEST",
    "10",
    "AEDT",
    "11",
    "EST",
    "-5",
    "EDT",
    "-4",
    "CST",
    "-6",
    "CDT",
    "-5",
    "MST",
    "-7",
    "MDT",
    "-6",
    "PST",
    "-8",
    "PDT",
    "-7",
]
ZONES = {name: 3600 * float(hours) for name, hours in zip(_HOURS[::2], _HOURS[1::2], strict=True)}


@dataclass(frozen=True)
class Order:
    """What speaks for day or month first: cells where a number above 12 decides, and which dates are sorted or regular."""

    days: int = 0
    months: int = 0
    hint: str = ""
    dots: bool = False
    numeric: int = 0

    def day_first(self) -> bool | None:
        """Whether the day comes first, as the column itself says; None where it does not."""
        if self.days or self.months:
            return self.days >= self.months
        return None if not self.hint else self.hint == "day"


@dataclass(eq=False)
class Dates:
    """The parts of a column of dates, float64 [n] each with NaN where there are none; `zone` in seconds ahead of UTC."""

    parts: dict[str, np.ndarray]
    patterns: list[str]
    zoned: bool = False
    short: bool = False
    _order: Order = field(default_factory=Order)

    @property
    def matched(self) -> int:
        """How many cells are written like a date."""
        return int((~np.isnan(self.parts["year"])).sum())

    @property
    def order(self) -> Order:
        """What the numbers say about day and month."""
        return self._order


def find_dates(cells: pa.ChunkedArray, least: float) -> Dates | None:
    """The parts of the dates in `cells`, nulls where blank; None if fewer than the share `least` are dates."""
    filled = len(cells) - cells.null_count
    sample = folded(cells.drop_null().slice(0, SAMPLE))
    rates = {name: count_true(pc.match_substring_regex(sample, pattern)) for name, pattern in PATTERNS.items()}
    if sum(rates.values()) < least * len(sample):
        return None
    found = _read(folded(cells), sorted(PATTERNS, key=lambda name: -rates[name]))
    return found if filled and found.matched >= least * filled else None


_PARTS = (
    "year",
    "month",
    "day",
    "first",
    "last",
    "hour",
    "minute",
    "second",
    "fraction",
    "half",
    "zone",
    "quarter",
    "week",
)


def _read(cells: pa.ChunkedArray, patterns: list[str]) -> Dates:
    n = len(cells)
    parts = {part: np.full(n, np.nan) for part in _PARTS}
    rest, used, dots, short = np.arange(n), list[str](), False, False
    for name in patterns:
        chunk = cells.take(pa.array(rest)) if len(rest) < n else cells
        hit = as_mask(pc.match_substring_regex(chunk, PATTERNS[name]))
        if not hit.any():
            continue
        found = _extracted(chunk.filter(pa.array(hit)), PATTERNS[name])
        short |= bool((found.pop("length") == 2).any())
        right = ~np.isnan(found.get("month", found["year"]))
        where = rest[hit]
        for part, values in found.items():
            parts[part][where[right]] = values[right]
        if right.any():
            used.append(name)
            dots |= name == "numbers" and count_true(pc.match_substring_regex(chunk, r"^\d{1,2} ?\.")) > 0
        rest = np.setdiff1d(rest, where[right], assume_unique=True)
        if not len(rest):
            break
    zoned = bool((np.nan_to_num(parts["zone"]) != 0).any())
    return Dates(parts, used, zoned, short, _order(parts, dots))


def _extracted(cells: pa.ChunkedArray, pattern: str) -> dict[str, np.ndarray]:
    """The parts of cells that all match `pattern`, as numbers."""
    fields = pc.extract_regex(cells, pattern)
    texts = {part.name: pc.fill_null(pc.struct_field(fields, part.name), "") for part in fields.type}
    found: dict[str, np.ndarray] = {}
    for part, text in texts.items():
        if part in ("name", "zone", "half"):
            read = {"name": _month, "zone": _zone, "half": _half}[part]
            encoded = pc.dictionary_encode(text).combine_chunks()
            encoded = encoded.chunk(0) if isinstance(encoded, pa.ChunkedArray) else encoded
            values = np.array([read(word) for word in encoded.dictionary.to_pylist()], np.float64)
            found["month" if part == "name" else part] = values[encoded.indices.to_numpy()]
        else:
            found[part] = _floats(text, part)
    found["length"] = pc.utf8_length(pc.utf8_ltrim(texts["year"], "'")).to_numpy()
    found["year"] = np.where(
        found["length"] == 2, -1 - found["year"], found["year"]
    )  # -1 - 24: a year without a century
    return found


def _floats(text: pa.ChunkedArray, part: str) -> np.ndarray:
    text = pc.utf8_ltrim(text, "'")
    text = pc.if_else(pc.equal(text, ""), pa.scalar(None, pa.string()), text)
    if part == "fraction":
        text = pc.binary_join_element_wise("0.", pc.utf8_slice_codeunits(text, 0, 6), "")
    return as_floats(text)


def _month(word: str) -> float:
    bare = unicodedata.normalize("NFD", word.casefold())
    return MONTHS.get("".join(c for c in bare if not unicodedata.combining(c)), np.nan)


def _half(word: str) -> float:
    return {"a": 0.0, "p": 1.0}.get(word.lower(), np.nan)


def _zone(word: str) -> float:
    """Seconds that a zone such as +02:00 or CET is ahead of UTC."""
    if not word:
        return np.nan
    found = re.search(r"([+-])(\d{1,2}):?(\d{2})?$", word)
    if found is None:
        return ZONES.get(word, 0.0)
    seconds = 3600 * int(found[2]) + 60 * int(found[3] or 0)
    return float(-seconds if found[1] == "-" else seconds)


def _order(parts: dict[str, np.ndarray], dots: bool) -> Order:
    first, last = parts["first"], parts["last"]
    both = ~np.isnan(first)
    a, b = first[both], last[both]
    if not len(a):
        return Order()
    days, months = int((a > 12).sum()), int((b > 12).sum())
    return Order(days, months, "" if days or months else _hint(a, b, parts["year"][both]), dots, len(a))


def _hint(a: np.ndarray, b: np.ndarray, year: np.ndarray) -> str:
    """Monthly data have always the first; a log is sorted."""
    if len(a) < 8:
        return ""
    if (a == 1).all() != (b == 1).all():
        return "day" if (a == 1).all() else "month"
    year = np.where(year < 0, -1 - year, year)
    rising = [_monotone(year * 10_000 + month * 100 + day) for day, month in ((a, b), (b, a))]
    return "" if rising[0] == rising[1] else "day" if rising[0] else "month"


def _monotone(values: np.ndarray) -> bool:
    steps = np.diff(values)
    return bool((steps >= 0).all() or (steps <= 0).all())


def as_moments(found: Dates, day_first: bool, pivot: int = PIVOT) -> pd.Series[Any]:
    """datetime64[us] [n] of the parts; blank where there is no such day or time."""
    part = dict(found.parts)
    numeric = ~np.isnan(part["first"])
    day, month = (part["first"], part["last"]) if day_first else (part["last"], part["first"])
    # A number above 12 is the day, whatever the others do.
    swapped = numeric & (month > 12) & (day <= 12)
    day, month = np.where(swapped, month, day), np.where(swapped, day, month)
    day, month = np.where(numeric, day, part["day"]), np.where(numeric, month, part["month"])
    year = part["year"]
    year = np.where(year < 0, np.where(-1 - year <= pivot, 2000, 1900) + (-1 - year), year)
    month = np.where(np.isnan(part["quarter"]), month, 3 * part["quarter"] - 2)
    dates = _dates(year, month, day, part["week"])
    return pd.Series(dates + _clock(part)).astype("datetime64[us]")


def _dates(year: np.ndarray, month: np.ndarray, day: np.ndarray, week: np.ndarray) -> np.ndarray:
    weekly = ~np.isnan(week)
    month, day_of_month = np.where(weekly, 1, month), np.where(weekly, 4, np.where(np.isnan(day), 1, day))
    good = ~np.isnan(year) & (month >= 1) & (month <= 12) & (day_of_month >= 1) & (year >= 1)
    months = np.where(good, (year - 1970) * 12 + month - 1, 0).astype("int64").astype("datetime64[M]")
    dates = months.astype("datetime64[D]") + np.where(good, day_of_month - 1, 0).astype("int64")
    good &= dates.astype("datetime64[M]") == months
    if weekly.any():
        monday = dates - (dates.astype("int64") + 3) % 7
        steps = 7 * (np.nan_to_num(week) - 1) + np.where(np.isnan(day), 0, day - 1)
        dates = np.where(weekly, monday + steps.astype("int64"), dates)
    return np.where(good, dates, np.datetime64("NaT")).astype("datetime64[us]")


def _clock(part: dict[str, np.ndarray]) -> np.ndarray:
    """timedelta64[us] since midnight in UTC; NaT where there is no such time."""
    hour, minute, second = (np.nan_to_num(part[name]) for name in ("hour", "minute", "second"))
    twelve = ~np.isnan(part["half"])
    midnight = (hour == 24) & (minute == 0) & (second == 0) & ~twelve
    possible = (minute < 60) & (second < 60) & (np.where(twelve, (hour >= 1) & (hour <= 12), hour < 24) | midnight)
    hour = np.where(twelve, hour % 12 + 12 * np.nan_to_num(part["half"]), hour)
    seconds = 3600 * hour + 60 * minute + second - np.nan_to_num(part["zone"])
    micros = 1e6 * seconds + np.rint(1e6 * np.nan_to_num(part["fraction"]))
    return np.where(possible, micros.astype("int64"), np.iinfo("int64").min).astype("timedelta64[us]")


def read_dates(
    name: str, cells: pa.ChunkedArray, found: Dates, day_first: bool, pivot: int | None = None
) -> tuple[pd.Series[Any], list[Note]]:
    """The dates of the column `name`, and sentences on zones, years without a century, and cells that hold none."""
    year = dt.date.today().year % 100
    dates = as_moments(found, day_first, (year if BIRTH.search(name) else PIVOT) if pivot is None else pivot)
    notes = []
    if found.zoned:
        notes.append(Note("zone", name, f"Times in {italic(name)} have a time zone; they were turned into UTC."))
    if found.short:
        years = dates.dropna().dt.year
        first, last = (years.min(), years.max()) if len(years) else ("", "")
        span = "" if not len(years) else f" ({first})" if first == last else f" ({first} to {last})"
        notes.append(Note("century", name, f"Years of {italic(name)} have two digits; the century was added{span}."))
    lost = len(cells) - cells.null_count - int(dates.notna().sum())
    if lost > 0:
        text = f"{count(lost, 'cell')} of {italic(name)} held no date and {be(lost, past=True)} read as blank."
        notes.append(Note("lost dates", name, text))
    return dates, notes


def order_note(name: str, cells: pa.ChunkedArray, found: Dates, day_first: bool) -> Note | None:
    """In which order day and month were read, as in which cell; None where no cell has both as numbers."""
    order, word = found.order, "day" if day_first else "month"
    if not order.numeric:
        return None
    deciding = np.flatnonzero((found.parts["first"] if day_first else found.parts["last"]) > 12)
    if len(deciding):
        example = quote(cells[int(deciding[0])].as_py())
        return Note("order", name, f"Dates in {italic(name)} were read {word} first, as in {example}.")
    if order.hint:
        return Note("order", name, f"Dates in {italic(name)} were read {word} first: so they are in order.")
    return None
