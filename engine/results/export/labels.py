"""Labels to take away: the user's rows with group, name, certainty and other groupings.

Groups are numbered from 1 as on the page; a row without a group, or one that preparation left out, has an empty group.
In CSV a text cell that a spreadsheet would run as a formula gets a leading apostrophe, as OWASP advises: it starts with =, +, -,
@, tab or return, full-width or behind blanks too, and is no number and no mere dash. Parquet keeps every cell exactly.
"""

import codecs
import io
import re
import unicodedata
from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from engine.results.evaluate.assignment import Assignment
from engine.results.record.record import Ints, Result

_FORMULA = tuple("=+-@\t\r")
_HARMLESS = re.compile(r"^([+-]?(\d[\d., ]*|\.\d+)([eE][+-]?\d+)?%?|[+-]+)$")
"""Numbers, and dashes that stand for nothing."""
_SUSPECT = r"^[^!-*,.-<>?A-~]"
"""How a cell begins that may be a formula: with one of its signs, a blank, or a character beyond ASCII."""
_LONGEST_HARMLESS = 60
_ROWS = 50_000
"""Rows that are written together."""
_START = 100
"""Characters of a cell that decide whether a spreadsheet would run it."""


def labels_table(result: Result, rows: pd.DataFrame | None = None, some: Ints | None = None) -> pd.DataFrame:
    """Row, the user's own columns, group, group name, sure, next group, what is known of outlier score and reconstruction
    error, and one column per alternative grouping.

    With the user's `rows` all of them and in their order, else the members alone and their columns left out; of `some`
    members [m] only theirs, in that order. A name that the user's table has already gets " (Constella)" appended.
    """
    if rows is None:
        table = pd.DataFrame({"row": result.kept + 1})
        place = np.arange(len(result))
    else:
        table, place = rows.reset_index(drop=True).rename(columns=str), result.kept
        table.insert(0, free("row", table.columns), np.arange(1, len(rows) + 1))
    for name, values in _columns(result).items():
        table[free(name, table.columns)] = pd.Series(values.array, index=place).reindex(range(len(table)))
    return table if some is None else table.iloc[place[some]].reset_index(drop=True)


def predictions_table(result: Result, placed: Assignment, rows: pd.DataFrame) -> pd.DataFrame:
    """New rows, all of them and in their order, with group, group name, sure, whether they fit, and how far they are.

    A distance above 1 does not fit, see `engine.results.evaluate.assignment`; rows that were left out have none.
    """
    left_out = placed.left_out
    columns = {
        "group": _counted(placed.labels),
        "group name": _names(result).reindex(placed.labels),
        "sure": pd.Series(placed.sure.astype(np.float64).round(4)).mask(left_out),
        "fits": pd.Series(~placed.outlier, dtype="boolean").mask(left_out),
        "distance": pd.Series(placed.distance.astype(np.float64).round(4)),
    }
    table = rows.reset_index(drop=True).rename(columns=str)
    for name, values in columns.items():
        table[free(name, table.columns)] = values.array
    return table


def group_columns(result: Result, n: int) -> pd.DataFrame:
    """Group, group name and sure for each of the n rows of the raw data; missing where preparation left a row out."""
    own = {name: values for name, values in _columns(result).items() if name in ("group", "group name", "sure")}
    return pd.DataFrame(
        {name: pd.Series(values.array, index=result.kept).reindex(range(n)) for name, values in own.items()}
    )


def free(name: str, taken: Iterable[str]) -> str:
    """A name for an added column that the user's table does not have already."""
    taken = set(taken)
    names = (name, f"{name} (Constella)", *(f"{name} (Constella {i})" for i in range(2, len(taken) + 3)))
    return next(free for free in names if free not in taken)


def labels_csv(result: Result, rows: pd.DataFrame | None = None, some: Ints | None = None) -> bytes:
    """`labels_table` as CSV in UTF-8, safe to open in a spreadsheet."""
    return as_csv(labels_table(result, rows, some))


def as_csv(table: pd.DataFrame) -> bytes:
    """A table as CSV in UTF-8, safe to open in a spreadsheet."""
    out = io.BytesIO()
    out.write(
        (",".join(_quoted(pa.array([str(disarmed(str(name))) for name in table.columns])).to_pylist()) + "\n").encode()
    )
    for start in range(0, len(table), _ROWS):
        out.write(_lines(table.iloc[start : start + _ROWS]))
    # Excel takes UTF-8 for something else unless told so; plain ASCII needs no mark.
    content = out.getvalue()
    return content if content.isascii() else codecs.BOM_UTF8 + content


def _lines(table: pd.DataFrame) -> bytes:
    """Rows as lines of CSV."""
    cells = [_quoted(_strings(table[name])) for name in table.columns]
    lines = pc.binary_join_element_wise(*cells, pa.scalar(",", pa.large_string()))
    return b"".join(b"%s\n" % line for line in lines.cast(pa.large_binary()).to_pylist())


def _strings(column: "pd.Series[Any]") -> pa.Array:
    """The cells of a column as CSV holds them, without quotation marks; a missing one is empty."""
    if not _texts(column):
        written = column.to_csv(index=False, header=False).split("\n")[:-1]
        return pa.array(["" if cell == '""' else cell for cell in written], pa.large_string())
    return pc.fill_null(pa.Array.from_pandas(_disarmed(column).astype("str")).cast(pa.large_string()), "")


def _quoted(cells: pa.Array) -> pa.Array:
    """Cells in quotation marks where they need them."""
    marked = pc.match_substring_regex(cells, '[",\r\n]')
    if not pc.any(marked).as_py():
        return cells
    mark, nothing = pa.scalar('"', cells.type), pa.scalar("", cells.type)
    doubled = pc.binary_join_element_wise(mark, pc.replace_substring(cells, '"', '""'), mark, nothing)
    return pc.if_else(marked, doubled, cells)


def labels_parquet(result: Result, rows: pd.DataFrame | None = None, some: Ints | None = None) -> bytes:
    """`labels_table` as Parquet."""
    return as_parquet(labels_table(result, rows, some))


def as_parquet(table: pd.DataFrame) -> bytes:
    """A table as Parquet, every cell as it is."""
    buffer = io.BytesIO()
    table.to_parquet(buffer, compression="zstd", index=False)
    return buffer.getvalue()


def _columns(result: Result) -> dict[str, "pd.Series[Any]"]:
    columns = {
        "group": _counted(result.labels),
        "group name": _names(result).reindex(result.labels),
        "sure": pd.Series(result.sure.astype(np.float64).round(4)),
        "next group": _counted(result.second),
    }
    more = {"outlier score": result.outlier_score, "reconstruction error": result.reconstruction_error}
    columns |= {
        name: pd.Series(values.astype(np.float64).round(4)) for name, values in more.items() if values is not None
    }
    return columns | {f"groups by {name}": _counted(labels) for name, labels in result.alternatives.items()}


def _names(result: Result) -> "pd.Series[Any]":
    """What each label is called."""
    return pd.Series({g.label: g.name for g in result.groups} | {-1: "unassigned"}, dtype="string")


def _counted(labels: Ints) -> "pd.Series[Any]":
    """Group numbers from 1, missing for -1."""
    return pd.Series(labels + 1, dtype="Int64").mask(labels < 0)


def _texts(column: "pd.Series[Any]") -> bool:
    return not (pd.api.types.is_numeric_dtype(column) or pd.api.types.is_datetime64_any_dtype(column))


def _disarmed(column: "pd.Series[Any]") -> "pd.Series[Any]":
    """A column of texts, those changed that a spreadsheet would run; only cells that begin so are looked at one by one."""
    cells = pa.Array.from_pandas(column.astype("str"))
    begin, number = (pc.match_substring_regex(cells, pattern) for pattern in (_SUSPECT, _HARMLESS.pattern))
    suspects = pc.fill_null(pc.and_not(begin, number), False).to_numpy(zero_copy_only=False)
    if not suspects.any():
        return column
    safe = column.astype(object)
    safe[suspects] = safe[suspects].map(disarmed)
    return safe


def disarmed(cell: object) -> object:
    """A cell that no spreadsheet takes for a formula."""
    if isinstance(cell, str) and _plain_start(cell).startswith(_FORMULA) and not _is_harmless(cell):
        return f"'{cell}"
    return cell


def _is_harmless(cell: str) -> bool:
    return len(cell) <= _LONGEST_HARMLESS and _HARMLESS.match(cell) is not None


def _plain_start(cell: str) -> str:
    """How a spreadsheet reads the beginning of a cell: full-width signs as their plain ones, nothing of blanks before them."""
    return unicodedata.normalize("NFKC", cell[:_START]).lstrip(" \n\ufeff\u200b\u2060")
