"""Cells that hold nothing: blanks, errors of spreadsheets and words that stand for a blank."""

from __future__ import annotations

from collections import Counter

import pyarrow as pa
import pyarrow.compute as pc

from engine.intake.values.notes import Note
from engine.intake.wording import be, count, italic, joined, quote

ERRORS = ("#DIV/0!", "#REF!", "#VALUE!", "#NAME?", "#NUM!", "#NULL!", "#N/A", "#NV", "#WERT!", "#BEZUG!", "#ZAHL!")
QUIET = ("", "N/A", "n/a", "NaN", "<NA>", "NaT")
"""Blanks that need no sentence."""
NOTED = ("NA", "nan", "NAN")
"""Blanks of programs that need one."""
BLANKS = (*QUIET, *NOTED, "?", "NULL", "null", "<null>", "\\N", *ERRORS)
_NOTHING = (
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
            for word in (*_NOTHING.split(), *_PHRASES)
            for form in (word, word.lower(), word.upper(), word.title(), word.capitalize())
        }
    )
)
LONGEST_VALUE = 400  # bytes that a number, a date or a duration has at most


def cut_off(cells: pa.ChunkedArray) -> pa.ChunkedArray:
    """The cells, of which those too long to be a value are cut off and marked, so that no pattern reads on in them."""
    long = pc.greater(pc.binary_length(cells), LONGEST_VALUE)
    if not pc.any(long).as_py():
        return cells
    mark, nothing = pa.scalar("…", pa.string()), pa.scalar("", pa.string())
    return pc.if_else(long, pc.binary_join_element_wise(pc.utf8_slice_codeunits(cells, 0, 50), mark, nothing), cells)


def without_blanks(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """The cells [n] without spaces around them, null where they hold nothing."""
    trimmed = pc.utf8_trim_whitespace(column)
    blank = pc.is_in(trimmed, value_set=pa.array(BLANKS, pa.string()))
    return pc.if_else(blank, pa.scalar(None, pa.string()), trimmed)


def without_placeholders(cells: pa.ChunkedArray) -> pa.ChunkedArray:
    """The cells [n] with null where a word stands for a blank."""
    doubtful = pc.is_in(cells, value_set=pa.array(PLACEHOLDERS, pa.string()))
    return pc.if_else(doubtful, pa.scalar(None, pa.string()), cells)


def blank_notes(name: str, trimmed: pa.ChunkedArray, core: pa.ChunkedArray | None) -> list[Note]:
    """A note on placeholders that were read as blank; cells without anything need none."""
    said = pa.array([word for word in BLANKS if word not in (*QUIET, *NOTED)])
    marked = pc.is_in(trimmed, value_set=pa.concat_arrays([said, pa.array(PLACEHOLDERS)]))
    words = trimmed.filter(marked if core is None else pc.and_(marked, pc.is_null(core)))
    return read_as_blank(name, words)


def read_as_blank(name: str, words: pa.ChunkedArray) -> list[Note]:
    """A note on the `words` of a column that count as blank; none for none."""
    if not len(words):
        return []
    return [blank_note(name, Counter({one["values"]: one["counts"] for one in pc.value_counts(words).to_pylist()}))]


def blank_note(name: str, values: Counter[str]) -> Note:
    """A note on the words of a column that count as blank, with how often each comes."""
    some = joined([quote(value, 20) for value, _ in values.most_common(3)], 3)
    verb = be(min(len(values), 3), past=True)
    return Note("blank", name, f"{some} in {italic(name)} {verb} read as blank ({count(values.total(), 'cell')}).")
