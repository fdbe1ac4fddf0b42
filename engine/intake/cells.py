"""Cells of words turned into numbers, dates or truth values where that is what they are. Vectorized over a column."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from engine.intake.dates import as_dates
from engine.intake.wording import be, count, italic, quote

BLANKS = ("", "?", "NA", "N/A", "n/a", "NaN", "nan", "NAN", "NULL", "null", "#N/A", "<NA>", "NaT")
ENOUGH = 0.8  # a column is numbers if at least this share of its filled cells are; the rest counts as blank
PLAIN = r"^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$"
THOUSANDS = r"^[+-]?\d{1,3}(,\d{3})+(\.\d+)?$"
COMMA = r"^[+-]?(\d+|\d{1,3}(\.\d{3})+),\d+$"
INFINITE = r"^[+-]?[iI][nN][fF]([iI][nN][iI][tT][yY])?$"
TRIMMINGS = r"^([+-]?)[$€£¥]\s?|\s?[$€£¥%]$"
NUMBERLIKE = r"^[+-]?[$€£¥]?\s?[.\d]|^[+-]?[iI][nN][fF]"
SPACES = "[ '\u00a0\u202f]"
SPACED = rf"^[+-]?\d{{1,3}}({SPACES}\d{{3}})+([.,]\d+)?$"  # thousands parted by spaces or apostrophes


@dataclass(eq=False)
class Typed:
    """A column in its own type, and sentences on what was assumed."""

    values: pd.Series[Any]
    notes: list[str]


def typed(name: str, column: pa.ChunkedArray, decimal_comma: bool = False) -> Typed:
    """The column of words `column` as numbers, dates or truth values if nearly all of its cells are such, else words.

    `decimal_comma` decides what 1,234 means where the column itself does not say.
    """
    trimmed = pc.utf8_trim_whitespace(column)
    blank = pc.is_in(trimmed, value_set=pa.array(BLANKS, pa.string()))
    cells = pc.if_else(blank, pa.scalar(None, pa.string()), trimmed)
    filled = len(cells) - cells.null_count
    if not filled:
        return Typed(pd.Series(np.full(len(cells), np.nan)), [])
    for read in (_numbers, _truth, _dates):
        found = read(name, cells, filled, decimal_comma)
        if found is not None:
            break
    else:
        found = Typed(cells.to_pandas().astype("str"), [])
    return Typed(found.values, [*_marked_blank(name, trimmed), *found.notes])


def _marked_blank(name: str, trimmed: pa.ChunkedArray) -> list[str]:
    marked = pc.sum(pc.equal(trimmed, "?")).as_py() or 0
    return [f"“?” in {italic(name)} was read as blank ({count(marked, 'cell')})."] if marked else []


def _numbers(name: str, cells: pa.ChunkedArray, filled: int, decimal_comma: bool) -> Typed | None:
    if _is_code(cells):
        return None
    for whole in (pa.int64(), pa.float64()):
        try:
            pc.cast(cells.slice(0, 100), whole)  # a failing cast of a long column is slow
            numbers = pc.cast(cells, whole)
        except pa.ArrowInvalid:
            continue
        return finite(name, _as_numbers(numbers))
    return _odd_numbers(name, cells, filled, decimal_comma)


def _is_code(cells: pa.ChunkedArray) -> bool:
    """Postal codes and the like: digits of one length, some with a leading zero."""
    zeros = pc.match_substring_regex(cells, r"^0\d+$")
    if not pc.any(zeros).as_py():
        return False
    lengths = pc.min_max(pc.utf8_length(cells)).as_py()
    return bool(lengths["min"] == lengths["max"])


def _as_numbers(numbers: pa.ChunkedArray) -> np.ndarray:
    """int64 where whole and complete, else float64 with NaN for blanks."""
    if numbers.null_count:
        numbers = pc.fill_null(pc.cast(numbers, pa.float64(), safe=False), float("nan"))
    values: np.ndarray = numbers.to_numpy()
    return values


def finite(name: str, values: np.ndarray, extra: list[str] | None = None) -> Typed:
    """A column of numbers [n] with blanks for infinities, and a sentence on them."""
    infinite = np.isinf(values) if values.dtype.kind == "f" else np.zeros(0, bool)
    notes = list(extra or [])
    if infinite.any():
        first = int(np.argmax(infinite)) + 1
        notes.append(
            f"{italic(name)} holds infinity in {count(int(infinite.sum()), 'row')} (first in row {first:,}); "
            "these cells were read as blank."
        )
        values = np.where(infinite, np.nan, values)
    return Typed(pd.Series(values), notes)


def _odd_numbers(name: str, cells: pa.ChunkedArray, filled: int, decimal_comma: bool) -> Typed | None:
    """Numbers with thousands separators, decimal commas, currency signs, percent, or junk between them."""
    if _total(_matches(cells, NUMBERLIKE)) < ENOUGH * filled:
        return None
    bare = pc.replace_substring_regex(cells, TRIMMINGS, r"\1")
    bare = pc.if_else(_matches(bare, SPACED), pc.replace_substring_regex(bare, SPACES, ""), bare)
    plain, thousands, comma = (_matches(bare, pattern) for pattern in (PLAIN, THOUSANDS, COMMA))
    only_comma = _total(pc.and_(comma, pc.invert(thousands)))
    notes: list[str] = []
    if only_comma or (decimal_comma and _total(comma)):
        swapped = pc.replace_substring(pc.replace_substring(bare, ".", ""), ",", ".")
        # a dot groups thousands only where the column writes commas for decimals
        good = pc.or_(comma, _matches(bare, r"^[+-]?\d{1,3}(\.\d{3})*$|^[+-]?\d+$"))
        bare = swapped
        notes.append(f"{italic(name)} is written with decimal commas: 3,5 was read as 3.5.")
    else:
        good = pc.or_(plain, thousands)
        bare = pc.replace_substring(bare, ",", "")
    good = pc.or_(good, _matches(bare, INFINITE))
    if _total(good) < ENOUGH * filled:
        return None
    numbers = pc.cast(pc.if_else(good, bare, pa.scalar(None, pa.string())), pa.float64())
    junk = cells.filter(pc.and_(pc.is_valid(cells), pc.invert(good)))
    return finite(name, _as_numbers(numbers), notes + _junk(name, junk))


def _matches(cells: pa.ChunkedArray, pattern: str) -> pa.ChunkedArray:
    return pc.fill_null(pc.match_substring_regex(cells, pattern), False)


def _total(mask: pa.ChunkedArray) -> int:
    return int(pc.sum(mask).as_py() or 0)


def _junk(name: str, junk: pa.ChunkedArray) -> list[str]:
    if not len(junk):
        return []
    values = [quote(value, 20) for value in pc.unique(junk).slice(0, 3).to_pylist()]
    some = ", ".join(values) + (", …" if pc.count_distinct(junk).as_py() > 3 else "")
    cells = count(len(junk), "cell")
    return [
        f"{italic(name)} holds numbers, but {cells} held something else ({some}) and {be(len(junk), past=True)} read as blank."
    ]


def _truth(name: str, cells: pa.ChunkedArray, filled: int, decimal_comma: bool) -> Typed | None:
    """True and False in any case; other pairs such as Yes and No stay words."""
    if not pc.all(_matches(cells.drop_null(), r"^(?i:true|false)$")).as_py():
        return None
    truth = pc.equal(pc.utf8_lower(cells), "true")
    return Typed(truth.to_pandas().astype("boolean" if truth.null_count else "bool"), [])


def _dates(name: str, cells: pa.ChunkedArray, filled: int, decimal_comma: bool) -> Typed | None:
    found = as_dates(name, cells, ENOUGH)
    return None if found is None else Typed(*found)
