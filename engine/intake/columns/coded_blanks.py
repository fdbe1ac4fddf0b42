"""Numbers and dates that stand for "no answer", such as -99, 9999 or 9999-12-31: found by shape and distance, read as blank."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from engine.intake.raw import Column
from engine.intake.wording import count, italic, joined, number

Codes = Mapping[str, tuple[float | str, ...]]
_SHAPE = re.compile(r"-?(?:9{2,10}|8{2,10}|7{2,10}|6{4,10}|9{1,9}[678]|9{2,9}0)")
_DATES = ("9999-12-31", "9999-01-01", "1900-01-01", "1899-12-30", "0001-01-01", "2999-12-31", "9999-09-09")
MOST_CODES = 5  # in a column
AGAIN = 3  # times that a whole number comes which is a code by its distance alone, between measured fractions
MOST_SHARE = 0.7  # of the filled cells that may be codes
MANY_COLUMNS = 50  # of numbers, beyond which a single value in the shape of a code may be there by chance
OFTEN = 0.02  # share of such columns in which a code comes that is none by chance


def find_coded_blanks(rows: pd.DataFrame, columns: Sequence[Column]) -> dict[str, tuple[float | str, ...]]:
    """For each column of `rows` that has such values, its codes: numbers, or dates as YYYY-MM-DD."""
    found: dict[str, tuple[float | str, ...]] = {}
    for column in columns:
        if column.role != "feature" or column.distinct < 3:
            continue
        if column.dtype == "number" and not _may_have_codes(column):
            continue
        if column.dtype == "number":
            codes: tuple[float | str, ...] = _codes(rows[column.name])
        else:
            codes = _coded_dates(rows[column.name]) if column.dtype == "date" else ()
        if codes:
            found[column.name] = codes
    numbers = sum(column.dtype == "number" for column in columns)
    return found if numbers <= MANY_COLUMNS else _not_by_chance(rows, found, numbers)


def _not_by_chance(
    rows: pd.DataFrame, found: Mapping[str, tuple[float | str, ...]], numbers: int
) -> dict[str, tuple[float | str, ...]]:
    """The codes that come twice in their column, or in many columns: of very many columns some have one such value by chance."""
    columns = Counter(code for codes in found.values() for code in codes)
    believed = {
        name: tuple(code for code in codes if columns[code] >= OFTEN * numbers or _is_in(rows[name], [code]).sum() > 1)
        for name, codes in found.items()
    }
    return {name: codes for name, codes in believed.items() if codes}


def _may_have_codes(column: Column) -> bool:
    """Whether codes were found before, which its edges leave out, or an end of the column has the shape of one."""
    ends = (column.edges[0], column.edges[-1])
    empty = 2 * sum(not n for n in column.histogram) > len(column.histogram)
    return bool(column.coded_blanks) or any(_has_shape(end) or (empty and end == int(end)) for end in ends)


def _codes(values: pd.Series[Any]) -> tuple[float, ...]:
    """Extreme values in the shape of a code that lie further from all others than these lie from each other."""
    filled = values.to_numpy(np.float64, na_value=np.nan)
    with np.errstate(invalid="ignore"):
        ends = (np.nanmin(filled), np.nanmax(filled))
    levels, counts = np.unique(filled[~np.isnan(filled)], return_counts=True)
    repeated = _repeated_end(levels, counts)
    if repeated:
        return repeated
    if not any(_has_shape(end) for end in ends):
        return ()
    codes: list[float] = []
    while len(levels) > 2 and len(codes) < MOST_CODES:
        places = [i for i in (0, len(levels) - 1) if _is_code(levels, i)]
        if not places:
            break
        codes.append(float(levels[places[0]]))
        levels, counts = np.delete(levels, places[0]), np.delete(counts, places[0])
    return tuple(sorted(codes)) if counts.sum() >= (1 - MOST_SHARE) * (~np.isnan(filled)).sum() else ()


def _repeated_end(levels: np.ndarray, counts: np.ndarray) -> tuple[float, ...]:
    """A whole number other than 0, such as the -127 of a broken sensor, that comes again and again far from fractions that
    hardly do."""
    for end, others in ((0, slice(1, None)), (len(levels) - 1, slice(0, -1))):
        value, rest, times = levels[end], levels[others], counts[others]
        if counts[end] < AGAIN or value == 0 or value != np.rint(value) or len(rest) < 10 or _has_shape(value):
            continue
        fractions = (rest != np.rint(rest)).mean() > 0.5 and counts[end] >= 2 * np.median(times)
        gap = min(abs(value - rest[0]), abs(value - rest[-1]))
        few = counts[end] <= (1 - MOST_SHARE) * counts.sum()
        if few and fractions and gap > max(2 * (rest[-1] - rest[0]), 0.5 * abs(value)):
            return (float(value),)
    return ()


def _is_code(levels: np.ndarray, end: int) -> bool:
    value = levels[end]
    if not _has_shape(value):
        return False
    others = np.array([level for level in np.delete(levels, end) if not _shaped(level, value)])
    if len(others) < 2:
        return False
    gap = min(abs(value - others[0]), abs(value - others[-1]))
    return bool(gap > max(2 * (others[-1] - others[0]), 0.5 * abs(value)))


def _has_shape(value: float) -> bool:
    """Whether a number is written as codes are."""
    return bool(value == np.rint(value) and abs(value) < 1e11 and _SHAPE.fullmatch(str(int(value))))


def _shaped(level: float, code: float) -> bool:
    """Whether another value is a code like this one, as -98 beside -99."""
    return bool(abs(level - code) <= 0.1 * abs(code) and _has_shape(level))


def _coded_dates(values: pd.Series[Any]) -> tuple[str, ...]:
    days = values.dropna().to_numpy("datetime64[D]")
    codes = np.array(_DATES, "datetime64[D]")
    others = days[~np.isin(days, codes)]
    historic = ((others >= np.datetime64("1890-01-01")) & (others < np.datetime64("1911-01-01"))).any()
    if historic or len(others) < (1 - MOST_SHARE) * len(days):
        return ()
    return tuple(str(code) for code in codes if (days == code).any())


def without_coded_blanks(rows: pd.DataFrame, codes: Codes) -> pd.DataFrame:
    """The rows with blanks in place of the codes of each column; columns that are not there are passed over."""
    replaced: dict[str, Any] = {}
    for name, values in codes.items():
        if name in rows:
            replaced[name] = rows[name].where(~_is_in(rows[name], values))
    return rows.assign(**replaced) if replaced else rows


def _is_in(column: pd.Series[Any], codes: Sequence[float | str]) -> pd.Series[Any]:
    if pd.api.types.is_datetime64_any_dtype(column.dtype):
        days = np.array([str(code) for code in codes], "datetime64[D]")
        return pd.Series(np.isin(column.to_numpy("datetime64[D]"), days), column.index)
    found: pd.Series[Any] = column.isin(list(codes))
    return found


def count_coded_blanks(rows: pd.DataFrame, codes: Codes) -> list[tuple[str, str, int]]:
    """How often the codes for blanks come.

    Parameters
    ----------
    rows
        The table.
    codes
        Column name to values that stand for blanks, as `Preparation.coded_blanks` has them.

    Returns
    -------
    list of tuple
        For each code of each column: the column, the code as people write it, and how many cells hold it.

    Examples
    --------
    >>> import pandas as pd
    >>> from engine.intake import count_coded_blanks
    >>> count_coded_blanks(pd.DataFrame({"age": [34, 8888, 51, 8888]}), {"age": (8888.0,)})
    [('age', '8,888', 2)]
    """
    return [
        (name, code if isinstance(code, str) else number(code), int(_is_in(rows[name], [code]).sum()))
        for name, values in codes.items()
        if name in rows
        for code in values
    ]


def coded_blank_notes(rows: pd.DataFrame, codes: Codes) -> list[str]:
    """A sentence for each set of columns with the same codes on what is taken for blank, and how often it comes."""
    columns: dict[tuple[float | str, ...], list[str]] = {}
    for name, values in codes.items():
        columns.setdefault(values, []).append(name)
    return [
        _note(values, names, sum(int(_is_in(rows[name], values).sum()) for name in names))
        for values, names in columns.items()
    ]


def _note(values: tuple[float | str, ...], names: Sequence[str], cells: int) -> str:
    shown = joined([value if isinstance(value, str) else number(value) for value in values])
    lies, looks, is_taken = (
        ("lies", "looks like a code", "it is") if len(values) == 1 else ("lie", "look like codes", "they are")
    )
    return (
        f"{shown} in {joined([italic(name) for name in names], 6)} ({count(cells, 'cell')}) {lies} far from all other values "
        f"and {looks} for “no answer”: {is_taken} taken for blank unless you choose otherwise."
    )
