"""A column of cells that are numbers: plain ones, those with signs, separators and units around them, heights and ranges."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from engine.intake.mapped import is_long, mapped_array
from engine.intake.values.angles import as_degrees
from engine.intake.values.conventions import Evidence, evidence
from engine.intake.values.notes import Note
from engine.intake.values.numbers import INFINITE, Numerals, count_true, heights, numerals, out_of, ranges, values_of
from engine.intake.values.typed_column import Reading, Typed, finite, least_share, tried_by_sample, with_format
from engine.intake.values.word_cells import read_words
from engine.intake.wording import be, count, italic, joined, number, quote

MOST_DIGITS = 19
MOST_BOUNDS = 0.95  # of the cells of a column of numbers that may be bounds; where all are, they are classes
MOST_CLASSES = 2  # different bounds of a column of classes


def castable(cells: pa.ChunkedArray) -> np.ndarray | None:
    """The numbers of plain cells; None where there is any other."""
    for kind in (pa.int64(), pa.float64()):
        try:
            pc.cast(cells.slice(0, 100), kind)  # a failing cast of a long column is slow
            return _as_numbers(cells, kind)
        except pa.ArrowInvalid:
            continue
    return None


def plain_numbers_of_long_column(name: str, column: pa.ChunkedArray, reading: Reading) -> Typed | None:
    """A long column of plain numbers without a blank, which most columns of large files are: the way that copies nothing."""
    stored = reading.stored
    if not tried_by_sample(column) or reading.decimal != "." or (stored is not None and stored.kind != "number"):
        return None
    values = castable(column)
    if values is None or (values.dtype.kind == "i" and _has_leading_zero(column)) or _too_long(column):
        return None
    return with_format(finite(name, values), reading, "." if values.dtype.kind == "f" else "")


def _has_leading_zero(column: pa.ChunkedArray) -> bool:
    return bool(pc.any(pc.and_(pc.starts_with(column, "0"), pc.greater(pc.binary_length(column), 1))).as_py())


def read_numbers(name: str, cells: pa.ChunkedArray, reading: Reading) -> Typed | None:
    """The cells [n] as numbers; None where they are none."""
    if are_codes(cells) and reading.stored is None:
        return None
    plain = castable(cells)
    if plain is not None and plain.dtype.kind == "f" and _too_long(cells):
        return None
    if plain is not None and (reading.decimal == "." or not _two_readings(cells, reading)):
        return with_format(finite(name, plain), reading, "." if plain.dtype.kind == "f" else "")
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


def are_codes(cells: pa.ChunkedArray) -> bool:
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


def _dressed(name: str, cells: pa.ChunkedArray, reading: Reading) -> Typed | None:
    """Numbers with separators, signs, currencies or units around them."""
    infinite = pc.match_substring_regex(cells, INFINITE)
    bare = pc.if_else(pc.fill_null(infinite, False), pa.scalar(None, pa.string()), cells)
    parts = numerals(bare, least_share(reading), reading.stored.unit if reading.stored else "")
    if parts is None or parts.problem:
        return _no_scale(name, cells, parts.problem) if parts and reading.stored is None else None
    few = len(pc.unique(parts.digits.drop_null())) <= MOST_CLASSES
    if few and parts.bounds > MOST_BOUNDS * (len(bare) - bare.null_count) and reading.stored is None:
        return None  # classes such as <=50K and >50K
    own = evidence(parts.digits)
    decimal = ("." if own.point >= own.comma else ",") if own.point or own.comma else reading.decimal
    values, whole, _ = values_of(parts, decimal)
    if (~np.isnan(values)).sum() < least_share(reading) * (len(bare) - bare.null_count):
        return None
    junk = bare.filter(pc.and_(pc.is_valid(bare), pa.array(np.isnan(values))))
    notes = [*_convention_notes(name, parts, decimal, own), *_affix_notes(name, parts, reading), *_junk(name, junk)]
    if count_true(infinite):
        values = np.where(pc.fill_null(infinite, False).to_numpy(), np.inf, values)
    found = finite(name, values.astype("int64") if whole else values, notes)
    shown = decimal if own.point or own.comma or own.ambiguous else ""
    return with_format(found, reading, shown, parts.label)


def _no_scale(name: str, cells: pa.ChunkedArray, problem: str) -> Typed:
    """Words for numbers that cannot be compared, and a sentence on why they are none."""
    text = f"{italic(name)} holds {problem}, and bring the file again."
    found = read_words(name, cells, cells, None)
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
    elif " " in label:
        text = f"The words behind the numbers of {italic(name)}, {quote(label)}, were taken off."
        notes.append(Note("unit", name, text))
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
        text = f"{count(parts.bounds, 'cell')} of {italic(name)} such as “<0.5”, “>100” or “10+” {read}"
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
    """Heights in feet and inches, degrees and minutes, and classes such as 18-24."""
    tall = heights(cells)
    if tall is not None:
        note = Note("heights", name, f"{italic(name)} is in feet and inches; it was turned into inches.")
        return with_format(finite(name, tall, [note]), reading, "", "in")
    if (degrees := as_degrees(cells, least_share(reading))) is not None:
        first = int(np.argmax(~np.isnan(degrees)))
        example = f"{quote(cells[first].as_py(), 20)} is {degrees[first]:.4f}"
        text = f"{italic(name)} is in degrees and minutes; it was turned into degrees: {example}."
        return with_format(finite(name, degrees, [Note("degrees", name, text)]), reading, "", "°")
    if (marks := out_of(cells)) is not None:
        text = f"{italic(name)} holds marks out of {marks[1]}; the first number of each was read."
        junk = cells.filter(pc.and_(pc.is_valid(cells), pa.array(np.isnan(marks[0]))))
        return with_format(finite(name, marks[0], [Note("marks", name, text), *_junk(name, junk)]), reading, "")
    middle = ranges(cells)
    if middle is None:
        return None
    text = f"{italic(name)} holds ranges: each was read as its middle, and an open one such as “65+” as its bound."
    return with_format(finite(name, middle, [Note("ranges", name, text)]), reading, "")
