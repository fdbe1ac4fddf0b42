"""One column of words turned into numbers, dates, times, truth values or tidy words. Vectorized over the column."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from engine.intake.mapped import elementwise, is_long, mapped_array, pieces, words_of
from engine.intake.values.column_format import MOST_LEVELS, ColumnFormat, quantiles
from engine.intake.values.conventions import SAMPLE, Evidence, evidence
from engine.intake.values.dates import Order, find_dates, order_note, read_dates
from engine.intake.values.durations import as_hours, as_seconds
from engine.intake.values.notes import Note
from engine.intake.values.numbers import (
    ENOUGH,
    INFINITE,
    Numerals,
    as_mask,
    count_true,
    folded,
    heights,
    numerals,
    out_of,
    ranges,
    values_of,
)
from engine.intake.wording import be, count, italic, joined, number, quote, unseen_note

_ERRORS = ("#DIV/0!", "#REF!", "#VALUE!", "#NAME?", "#NUM!", "#NULL!", "#N/A", "#NV", "#WERT!", "#BEZUG!", "#ZAHL!")
BLANKS = ("", "?", "NA", "N/A", "n/a", "NaN", "nan", "NAN", "NULL", "null", "<NA>", "NaT", "<null>", "\\N", *_ERRORS)
_WORDS = (
    "- -- --- — – . .. ... * / none unknown missing n.a. na nd n.d. n.v. k.a. k.a nil null nan not_available unbekannt "
    "keine fehlt nv bdl lod <lod <loq <dl <mdl nn n.n. n.b. trace #na ?? ??? tbd s.o. void undefined inconnu desconocido "
    "brak"
)
_PHRASES = (
    "not available",
    "nicht verfügbar",
    "k.A.",
    "k. A.",
    "keine Angabe",
    "no data",
    "not applicable",
    "n. a.",
    "sin datos",
    "non disponible",
)
PLACEHOLDERS = tuple(
    sorted(
        {
            form
            for word in (*_WORDS.split(), *_PHRASES)
            for form in (word, word.lower(), word.upper(), word.title(), word.capitalize())
        }
    )
)
_PLACES = (
    "EMEA APAC LATAM NAM AMER AMERICAS MENA SSA CEE DACH NORDICS ANZ ASEAN BENELUX GCC EU AF AS OC SA AN US UK CA MX BR DE "
    "FR IT ES PT NL BE AT CH SE NO DK FI PL CZ HU RO BG GR TR RU UA CN JP KR IN ID TH VN MY SG PH AU NZ ZA NG EG KE MA AE "
    "IL IE AD AL AM AO AR AZ BA BD BW BY CL CO CR CU CY DO DZ EC EE ET GB GE GH GT HK HN HR IQ IR IS JM JO KH KW KZ LA LB "
    "LK LT LU LV LY MD ME MK ML MM MN MO MT MU MW MZ NE NI NP OM PA PE PK PR PS PY QA RS RW SD SI SK SN SO SV SY TN TW TZ "
    "UG UY UZ VE YE ZM ZW"
)
_REGIONS = frozenset(_PLACES.split())
_PLACE = re.compile(r"region|country|land|market|territory|continent|area|geo|pays|pais", re.IGNORECASE)
_LETTERS = frozenset("ynmfwjt")
MOST_SPELLINGS = 500
MOST_DIGITS = 19
MOST_BOUNDS = 0.95  # of the cells of a column of numbers that may be bounds; where all are, they are classes
MOST_COUNTED = 50_000  # different words, beyond which they are not counted
LONG = 50_000
"""Cells from which on a column is first tried by a sample."""
SPREAD = 5_000
"""Cells of such a sample."""
LONGEST_VALUE = 400  # bytes that a number, a date or a duration has at most


@dataclass(eq=False)
class Typed:
    """A column in its own type, how it was written, and sentences on what was assumed."""

    values: pd.Series[Any]
    notes: list[Note] = field(default_factory=list)
    format: ColumnFormat = field(default_factory=lambda: ColumnFormat("words"))


@dataclass(frozen=True)
class Survey:
    """What a sample of a column says about how its file is written."""

    evidence: Evidence = field(default_factory=Evidence)
    order: Order = field(default_factory=Order)
    example: str = ""
    factor: float = 1.0
    """What the example is multiplied by, to be in the unit of the column."""


@dataclass(frozen=True)
class Reading:
    """How a column is read: decided for the file, or stored from the training data (`stored`)."""

    decimal: str = "."
    day_first: bool = False
    stored: ColumnFormat | None = None


def survey(column: pa.ChunkedArray, unit: str = "") -> Survey:
    """The evidence in the first `SAMPLE` filled cells of a column of words, which are turned into `unit` if they can be."""
    cells = _cut(_without_placeholders(_cells(column.slice(0, SAMPLE))))
    if cells.null_count == len(cells) and len(column) > SAMPLE:
        cells = _cut(_without_placeholders(_cells(column)).drop_null().slice(0, SAMPLE))
    if cells.null_count == len(cells) or _is_code(cells):
        return Survey()
    digits, parts = pc.utf8_ltrim(cells, "+-") if _castable(cells) is not None else None, None
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


def _cut(cells: pa.ChunkedArray) -> pa.ChunkedArray:
    """The cells, of which those too long to be a value are cut off and marked, so that no pattern reads on in them."""
    long = pc.greater(pc.binary_length(cells), LONGEST_VALUE)
    if not pc.any(long).as_py():
        return cells
    mark, nothing = pa.scalar("…", pa.string()), pa.scalar("", pa.string())
    return pc.if_else(long, pc.binary_join_element_wise(pc.utf8_slice_codeunits(cells, 0, 50), mark, nothing), cells)


def _cells(column: pa.ChunkedArray) -> pa.ChunkedArray:
    trimmed = pc.utf8_trim_whitespace(column)
    blank = pc.is_in(trimmed, value_set=pa.array(BLANKS, pa.string()))
    return pc.if_else(blank, pa.scalar(None, pa.string()), trimmed)


def _without_placeholders(cells: pa.ChunkedArray) -> pa.ChunkedArray:
    doubtful = pc.is_in(cells, value_set=pa.array(PLACEHOLDERS, pa.string()))
    return pc.if_else(doubtful, pa.scalar(None, pa.string()), cells)


def _castable(cells: pa.ChunkedArray) -> np.ndarray | None:
    """The numbers of plain cells; None where there is any other."""
    for kind in (pa.int64(), pa.float64()):
        try:
            pc.cast(cells.slice(0, 100), kind)  # a failing cast of a long column is slow
            return _as_numbers(cells, kind)
        except pa.ArrowInvalid:
            continue
    return None


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
    plain = _plain_numbers(name, column, reading)
    if plain is not None:
        return plain
    trimmed = elementwise(pc.utf8_trim_whitespace, column)
    cells = elementwise(_cells, column)
    if cells.null_count == len(cells):
        stored = reading.stored or ColumnFormat("words")
        return Typed(pd.Series(np.full(len(cells), np.nan)), _marked(name, trimmed, None), stored)
    if reading.stored is None or reading.stored.kind not in ("words", "boolean"):
        core = elementwise(lambda part: _cut(_without_placeholders(part)), cells)
        found = _measured(name, core, reading)
        if found is not None:
            return replace(found, notes=[*_marked(name, trimmed, core), *found.notes])
    return _words(name, trimmed, cells, reading.stored)


def _plain_numbers(name: str, column: pa.ChunkedArray, reading: Reading) -> Typed | None:
    """A long column of plain numbers without a blank, which most columns of large files are: the way that copies nothing."""
    stored = reading.stored
    if len(column) < LONG or reading.decimal != "." or (stored is not None and stored.kind != "number"):
        return None
    values = _castable(column)
    if values is None or (values.dtype.kind == "i" and _has_leading_zero(column)) or _too_long(column):
        return None
    return _finished(finite(name, values), reading, "." if values.dtype.kind == "f" else "")


def _has_leading_zero(column: pa.ChunkedArray) -> bool:
    return bool(pc.any(pc.and_(pc.starts_with(column, "0"), pc.greater(pc.binary_length(column), 1))).as_py())


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
    readers = (_numbers, _truth, _dates, _times)
    wanted = {"number": (_numbers,), "date": (_dates, _numbers), "time": (_times,), "duration": (_times, _numbers)}
    chosen = readers if stored is None else wanted.get(stored.kind, readers)
    if len(core) >= LONG and len(some := _sample(core)):  # what a sample is not, the column is not
        chosen = tuple(read for read in chosen if read(name, some, reading) is not None)
    for read in chosen:
        found = read(name, core, reading)
        if found is not None:
            return found
    return None


def _least(reading: Reading) -> float:
    """The share of cells that must be of the type: in new data, whose type is known, a few are enough."""
    return ENOUGH if reading.stored is None else 0.2


def _marked(name: str, trimmed: pa.ChunkedArray, core: pa.ChunkedArray | None) -> list[Note]:
    """A note on placeholders that were read as blank; cells without anything need none."""
    said = pa.array(
        [word for word in BLANKS if word not in ("", "NA", "N/A", "n/a", "NaN", "nan", "NAN", "<NA>", "NaT")]
    )
    marked = pc.is_in(trimmed, value_set=pa.concat_arrays([said, pa.array(PLACEHOLDERS)]))
    words = trimmed.filter(marked if core is None else pc.and_(marked, pc.is_null(core)))
    return _read_as_blank(name, words)


def _read_as_blank(name: str, words: pa.ChunkedArray) -> list[Note]:
    if not len(words):
        return []
    values = Counter({one["values"]: one["counts"] for one in pc.value_counts(words).to_pylist()})
    some = joined([quote(value, 20) for value, _ in values.most_common(3)], 3)
    verb = be(min(len(values), 3), past=True)
    return [Note("blank", name, f"{some} in {italic(name)} {verb} read as blank ({count(len(words), 'cell')}).")]


def _numbers(name: str, cells: pa.ChunkedArray, reading: Reading) -> Typed | None:
    if _is_code(cells) and reading.stored is None:
        return None
    plain = _castable(cells)
    if plain is not None and plain.dtype.kind == "f" and _too_long(cells):
        return None
    if plain is not None and (reading.decimal == "." or not _two_readings(cells, reading)):
        return _finished(finite(name, plain), reading, "." if plain.dtype.kind == "f" else "")
    return _dressed(name, cells, reading) or _other_numbers(name, cells, reading)


def _too_long(cells: pa.ChunkedArray) -> bool:
    """Whether all cells are whole numbers with more digits than any quantity has: account numbers and hashes."""
    longest = pc.max(pc.binary_length(cells)).as_py() or 0
    if longest < MOST_DIGITS:
        return False
    return bool(count_true(pc.match_substring_regex(cells, r"^\d{19,}$")) == len(cells) - cells.null_count)


def _two_readings(cells: pa.ChunkedArray, reading: Reading) -> bool:
    found = evidence(pc.utf8_ltrim(cells, "+-"))
    return found.dots > 0 and not found.point


def _is_code(cells: pa.ChunkedArray) -> bool:
    """Postal codes and the like: digits of one length, some with a leading zero."""
    zeros = pc.match_substring_regex(cells, r"^0\d+$")
    if not pc.any(zeros).as_py():
        return False
    lengths = pc.min_max(pc.utf8_length(cells)).as_py()
    return bool(lengths["min"] == lengths["max"])


def _as_numbers(cells: pa.ChunkedArray, kind: pa.DataType) -> np.ndarray:
    """int64 where whole and complete, else float64 with NaN for blanks; in a file where there are very many."""
    if not is_long(len(cells)):
        return _without_nulls(pc.cast(cells, kind))
    whole = kind == pa.int64() and not cells.null_count
    values, start = mapped_array((len(cells),), np.int64 if whole else np.float64), 0
    for chunk in cells.chunks:
        values[start : start + len(chunk)] = _without_nulls(pc.cast(chunk, kind))
        start += len(chunk)
    return values


def _without_nulls(numbers: pa.Array | pa.ChunkedArray) -> np.ndarray:
    if numbers.null_count:
        numbers = pc.fill_null(pc.cast(numbers, pa.float64(), safe=False), float("nan"))
    return np.asarray(numbers)


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


def _finished(found: Typed, reading: Reading, decimal: str, unit: str = "") -> Typed:
    low, high = quantiles(found.values)
    stored = reading.stored
    decimal = decimal or (stored.decimal if stored else "")
    return replace(found, format=ColumnFormat("number", decimal=decimal, unit=unit, low=low, high=high))


def _dressed(name: str, cells: pa.ChunkedArray, reading: Reading) -> Typed | None:
    """Numbers with separators, signs, currencies or units around them."""
    infinite = pc.match_substring_regex(cells, INFINITE)
    bare = pc.if_else(pc.fill_null(infinite, False), pa.scalar(None, pa.string()), cells)
    parts = numerals(bare, _least(reading), reading.stored.unit if reading.stored else "")
    if parts is None or parts.problem:
        return _no_scale(name, cells, parts.problem) if parts and reading.stored is None else None
    if parts.bounds > MOST_BOUNDS * (len(bare) - bare.null_count) and reading.stored is None:
        return None  # classes such as <=50K and >50K
    own = evidence(parts.digits)
    decimal = ("." if own.point >= own.comma else ",") if own.point or own.comma else reading.decimal
    values, whole, _ = values_of(parts, decimal)
    if (~np.isnan(values)).sum() < _least(reading) * (len(bare) - bare.null_count):
        return None
    junk = bare.filter(pc.and_(pc.is_valid(bare), pa.array(np.isnan(values))))
    notes = [*_convention_notes(name, parts, decimal, own), *_affix_notes(name, parts, reading), *_junk(name, junk)]
    if count_true(infinite):
        values = np.where(pc.fill_null(infinite, False).to_numpy(), np.inf, values)
    found = finite(name, values.astype("int64") if whole else values, notes)
    shown = decimal if own.point or own.comma or own.ambiguous else ""
    return _finished(found, reading, shown, parts.label)


def _no_scale(name: str, cells: pa.ChunkedArray, problem: str) -> Typed:
    """Words for numbers that cannot be compared, and a sentence on why they are none."""
    text = (
        f"{italic(name)} holds {problem}; they were not read as numbers. Turn them into one, and bring the file again."
    )
    found = _words(name, cells, cells, None)
    return replace(found, notes=[Note("problem", name, text), *found.notes])


def _convention_notes(name: str, parts: Numerals, decimal: str, own: Evidence) -> list[Note]:
    notes = []
    if decimal == "," and pc.any(pc.match_substring(parts.digits, ",")).as_py():
        text = f"{italic(name)} is written with decimal commas: 3,5 was read as 3.5."
        notes.append(Note("comma", name, text))
    if decimal == "," and own.dots:
        dots = pc.match_substring_regex(parts.digits, r"^[1-9]\d{0,2}\.\d{3}$")
        example = parts.digits.filter(pc.fill_null(dots, False))[0].as_py()
        read = number(float(example.replace(".", "")))
        notes.append(Note("thousands", name, f"Dots in {italic(name)} group thousands: {example} was read as {read}."))
    return notes


def _affix_notes(name: str, parts: Numerals, reading: Reading) -> list[Note]:
    notes = []
    stored, label = reading.stored, parts.label
    if parts.quantity == "percent":
        notes.append(Note("percent", name, f"{italic(name)} is a percentage: 10 % was read as 10."))
    elif parts.converted:
        text = f"{italic(name)} holds numbers in {joined([label, *parts.converted])}; all were turned into {label}."
        notes.append(Note("converted", name, text))
    elif label:
        notes.append(Note("unit", name, f"{italic(name)} is in {label}, which was taken off its numbers."))
    if stored and stored.unit and label and stored.unit != label:
        text = f"{italic(name)} is in {label} here, but was in {stored.unit} in the training data."
        notes.append(Note("other unit", name, text))
    if parts.magnitudes:
        notes.append(
            Note(
                "magnitude",
                name,
                f"Magnitudes behind the numbers of {italic(name)}, such as K (thousand) and M (million), were multiplied out.",
            )
        )
    if parts.bounds:
        read = f"{be(parts.bounds, past=True)} read as the bound itself."
        text = f"{count(parts.bounds, 'cell')} of {italic(name)} such as “<0.5” or “>100” {read}"
        notes.append(Note("bound", name, text))
    return notes


def _junk(name: str, junk: pa.ChunkedArray) -> list[Note]:
    if not len(junk):
        return []
    values = [quote(value, 20) for value in pc.unique(junk).slice(0, 3).to_pylist()]
    some = ", ".join(values) + (", …" if pc.count_distinct(junk).as_py() > 3 else "")
    cells = count(len(junk), "cell")
    text = f"{italic(name)} holds numbers, but {cells} held something else ({some}) and {be(len(junk), past=True)} read as blank."
    return [Note("junk", name, text)]


def _other_numbers(name: str, cells: pa.ChunkedArray, reading: Reading) -> Typed | None:
    """Heights in feet and inches, and classes such as 18-24."""
    tall = heights(cells)
    if tall is not None:
        note = Note("heights", name, f"{italic(name)} is in feet and inches; it was turned into inches.")
        return _finished(finite(name, tall, [note]), reading, "", "in")
    if (marks := out_of(cells)) is not None:
        text = f"{italic(name)} holds marks out of {marks[1]}; the first number of each was read."
        junk = cells.filter(pc.and_(pc.is_valid(cells), pa.array(np.isnan(marks[0]))))
        return _finished(finite(name, marks[0], [Note("marks", name, text), *_junk(name, junk)]), reading, "")
    middle = ranges(cells)
    if middle is None:
        return None
    text = f"{italic(name)} holds ranges: each was read as its middle, and an open one such as “65+” as its bound."
    return _finished(finite(name, middle, [Note("ranges", name, text)]), reading, "")


def _truth(name: str, cells: pa.ChunkedArray, reading: Reading) -> Typed | None:
    """True and False in any case; other pairs such as Yes and No stay words."""
    if not pc.all(pc.match_substring_regex(cells.drop_null(), r"^(?i:true|false)$")).as_py():
        return None
    truth = pc.equal(pc.utf8_lower(cells), "true")
    values = truth.to_pandas().astype("boolean" if truth.null_count else "bool")
    return Typed(values, [], ColumnFormat("boolean"))


def _dates(name: str, cells: pa.ChunkedArray, reading: Reading) -> Typed | None:
    distinct = _distinct(cells) if len(cells) >= LONG else None
    if distinct is None:
        return _all_dates(name, cells, reading)
    words, codes = distinct
    found = _all_dates(name, words, reading)
    if found is None or found.values.isna().any():  # what is no date is counted by cells
        return _all_dates(name, cells, reading)
    dates = np.append(found.values.to_numpy(), np.datetime64("NaT"))
    return replace(found, values=pd.Series(_taken(dates, codes), copy=False))


def _taken(values: np.ndarray, places: np.ndarray) -> np.ndarray:
    """`values[places]` [n], in a file where there are very many."""
    if not is_long(len(places)):
        taken: np.ndarray = values[places]
        return taken
    result = mapped_array(places.shape, values.dtype)
    for piece in pieces(len(places)):
        result[piece] = values[places[piece]]
    return result


def _distinct(cells: pa.ChunkedArray) -> tuple[pa.ChunkedArray, np.ndarray] | None:
    """The different words of a column in the order in which they come, and the place of each cell's among them, -1 for blanks;
    None where most cells differ."""
    if pc.count_distinct(cells.slice(0, LONG)).as_py() > 0.2 * LONG:
        return None
    encoded = pc.dictionary_encode(cells)
    words = encoded.chunk(0).dictionary
    if len(words) > 0.2 * len(cells):
        return None
    codes = np.concatenate([pc.fill_null(chunk.indices, -1).to_numpy() for chunk in encoded.chunks])
    return pa.chunked_array([words]), codes


def _all_dates(name: str, cells: pa.ChunkedArray, reading: Reading) -> Typed | None:
    found = find_dates(cells, _least(reading))
    if found is None:
        return None
    order = found.order
    day_first = order.days >= order.months if order.days or order.months else reading.day_first
    values, notes = read_dates(name, cells, found, day_first)
    if values.notna().sum() < _least(reading) * (len(cells) - cells.null_count):
        return None
    note = order_note(name, folded(cells), found, day_first)
    stored = reading.stored
    kept = day_first if order.numeric else (stored.day_first if stored else None)
    return Typed(values, [*([note] if note else []), *notes], ColumnFormat("date", day_first=kept))


def _times(name: str, cells: pa.ChunkedArray, reading: Reading) -> Typed | None:
    stored = reading.stored
    if stored is None or stored.kind == "time":
        hours = as_hours(name, cells, _least(reading))
        if hours is not None:
            text = f"Times of day in {italic(name)} were turned into hours since midnight: 8:30 is 8.5."
            return _kind(finite(name, hours, [Note("time", name, text)]), "time")
    seconds = as_seconds(name, cells, _least(reading))
    if seconds is None:
        return None
    first = int(np.argmax(~np.isnan(seconds)))
    example = f"{quote(cells[first].as_py(), 20)} is {number(float(seconds[first]))}"
    note = Note("duration", name, f"Durations in {italic(name)} were turned into seconds: {example}.")
    return _kind(finite(name, seconds, [note]), "duration")


def _kind(found: Typed, kind: Any) -> Typed:
    low, high = quantiles(found.values)
    return replace(found, format=ColumnFormat(kind, low=low, high=high))


def _words(name: str, trimmed: pa.ChunkedArray, cells: pa.ChunkedArray, stored: ColumnFormat | None) -> Typed:
    """Words as they are, but for spaces, and capitals that most spellings of the same word do not have."""
    notes: list[Note] = []
    if _na_is_a_value(name, trimmed, cells, stored):
        cells = pc.if_else(pc.equal(trimmed, "NA"), "NA", cells)
        if stored is None:
            notes.append(Note("na", name, f"“NA” in {italic(name)} was read as a value like the others, not as blank."))
    blank = trimmed.filter(pc.and_(pc.is_null(cells), pc.is_in(trimmed, value_set=pa.array(("?", *_ERRORS)))))
    notes += _read_as_blank(name, blank)
    counts = _counts(cells)
    spellings = _spellings(counts, len(cells), stored)
    if spellings:
        cells = _replaced(cells, spellings)
        changed = sum(counts[spelling] for spelling in spellings)
        differ = "differs" if changed == 1 else "differ"
        text = (
            f"{count(changed, 'cell')} of {italic(name)} {differ} from others in capitals or spaces only and "
            f"{be(changed, past=True)} joined with them."
        )
        notes.append(Note("spelling", name, text))
    merged = Counter[str]()
    for value, n in counts.items():
        merged[spellings.get(value, value)] += n
    if stored is not None:
        notes += _unseen(name, merged, stored)
    values = words_of(elementwise(lambda part: pc.cast(part, pa.large_string()), cells))
    return Typed(values, notes, _format_of_words(merged, stored))


def _counts(cells: pa.ChunkedArray) -> dict[str, int]:
    """How often each word comes; none where there are very many."""
    if pc.count_distinct(cells.slice(0, 4 * MOST_COUNTED)).as_py() > MOST_COUNTED:
        return {}
    counted = pc.value_counts(cells.drop_null())
    return {one["values"]: one["counts"] for one in counted.to_pylist()} if len(counted) <= MOST_COUNTED else {}


def _na_is_a_value(name: str, trimmed: pa.ChunkedArray, cells: pa.ChunkedArray, stored: ColumnFormat | None) -> bool:
    """Whether NA stands for a region (North America) or country (Namibia) among others."""
    if stored is not None and stored.levels:
        return "NA" in stored.levels
    if not pc.any(pc.equal(trimmed, "NA")).as_py():
        return False
    others = pc.unique(cells.drop_null())
    if not 1 <= len(others) <= 400:
        return False
    words = others.to_pylist()
    places = sum(word in _REGIONS for word in words)
    codes = all(re.fullmatch(r"[A-Z]{2,6}", word) for word in words)
    return (places > 0.5 * len(words) and (len(words) > 1 or bool(_PLACE.search(name)))) or (
        codes and bool(_PLACE.search(name))
    )


def _fold(word: str) -> str:
    return " ".join(word.split()).casefold()


def _spellings(counts: dict[str, int], n: int, stored: ColumnFormat | None) -> dict[str, str]:
    """Spellings that are replaced by the commonest one, or by that of the training data."""
    if stored is not None and stored.width:
        return {word: word.zfill(stored.width) for word in counts if word.isdigit() and len(word) < stored.width}
    if stored is not None and stored.levels:
        known = {_fold(level): level for level in reversed(stored.levels)}
        return {word: known[_fold(word)] for word in counts if word not in stored.levels and _fold(word) in known}
    if not 1 < len(counts) <= min(MOST_SPELLINGS, 0.5 * n):
        return {}
    groups: dict[str, list[str]] = {}
    for word in sorted(counts, key=lambda word: -counts[word]):
        groups.setdefault(_fold(word), []).append(word)
    safe = [group for fold, group in groups.items() if len(group) > 1 and (len(fold) > 2 or fold in _LETTERS)]
    return {word: group[0] for group in safe for word in group[1:]}


def _replaced(cells: pa.ChunkedArray, spellings: dict[str, str]) -> pa.ChunkedArray:
    places = pc.index_in(cells, value_set=pa.array(list(spellings), pa.string()))
    return pc.coalesce(pa.array(list(spellings.values()), pa.string()).take(places.combine_chunks()), cells)


def _unseen(name: str, counts: Counter[str], stored: ColumnFormat) -> list[Note]:
    if not stored.levels:
        return []
    text = unseen_note(name, {word: n for word, n in counts.items() if word not in stored.levels})
    return [Note("unseen", name, text)] if text else []


def _format_of_words(counts: Counter[str], stored: ColumnFormat | None) -> ColumnFormat:
    if stored is not None and (stored.levels or stored.width):
        return stored
    digits = bool(counts) and all(word.isdigit() for word in counts)
    lengths = {len(word) for word in counts}
    width = lengths.pop() if digits and len(lengths) == 1 and any(word.startswith("0") for word in counts) else 0
    # Where nearly every row has a word of its own, words never met before are nothing to speak of.
    few = len(counts) <= min(MOST_LEVELS, max(20, 0.5 * counts.total()))
    return ColumnFormat("words", levels=tuple(word for word, _ in counts.most_common()) if few else (), width=width)
