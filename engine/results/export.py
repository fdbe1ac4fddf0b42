"""Labels to take away: the user's rows with group, name, certainty and other groupings.

Groups are numbered from 1 as on the page; a row without a group, or one that preparation left out, has an empty group.
In CSV a text cell that a spreadsheet would run as a formula (it starts with =, +, -, @, tab or return and is no number)
gets a leading apostrophe, as OWASP advises; Parquet keeps every cell exactly.
"""

import io
import re
from typing import Any

import numpy as np
import pandas as pd

from engine.results.record import Ints, Result

_FORMULA = re.compile(r"^[=+\-@\t\r]")
_NUMBER = re.compile(r"^[+-]?(\d[\d., ]*|\.\d+)([eE][+-]?\d+)?\s*%?$")


def labels_table(result: Result, rows: pd.DataFrame | None = None) -> pd.DataFrame:
    """The user's rows, all of them and in their order, with what the run says; without `rows` only their numbers.

    Adds group, group name, sure, next group and one column per alternative grouping; a name that the user's table has
    already gets " (Constella)" appended.
    """
    if rows is None:
        table = pd.DataFrame({"row": result.kept + 1})
        place, n = np.arange(len(result)), len(result)
    else:
        table, place, n = rows.reset_index(drop=True).rename(columns=str), result.kept, len(rows)
    for name, values in _columns(result).items():
        free = name if name not in table.columns else f"{name} (Constella)"
        table[free] = pd.Series(values.array, index=place).reindex(range(n))
    return table


def labels_csv(result: Result, rows: pd.DataFrame | None = None) -> bytes:
    """`labels_table` as CSV in UTF-8, safe to open in a spreadsheet."""
    table = labels_table(result, rows)
    safe = {name: table[name].map(_disarmed) if _texts(table[name]) else table[name] for name in table.columns}
    text = pd.DataFrame(safe).rename(columns=_disarmed).to_csv(index=False)
    # Excel takes UTF-8 for something else unless told so; plain ASCII needs no mark.
    return text.encode("utf-8" if text.isascii() else "utf-8-sig")


def labels_parquet(result: Result, rows: pd.DataFrame | None = None) -> bytes:
    """`labels_table` as Parquet."""
    buffer = io.BytesIO()
    labels_table(result, rows).to_parquet(buffer, compression="zstd", index=False)
    return buffer.getvalue()


def _columns(result: Result) -> dict[str, "pd.Series[Any]"]:
    names = pd.Series({g.label: g.name for g in result.groups} | {-1: "unassigned"}, dtype="string")
    found = {
        "group": _counted(result.labels),
        "group name": names.reindex(result.labels),
        "sure": pd.Series(result.sure.round(4)),
        "next group": _counted(result.second),
    }
    return found | {f"groups by {name}": _counted(labels) for name, labels in result.alternatives.items()}


def _counted(labels: Ints) -> "pd.Series[Any]":
    """Group numbers from 1, missing for -1."""
    return pd.Series(labels + 1, dtype="Int64").mask(labels < 0)


def _texts(column: "pd.Series[Any]") -> bool:
    return not (pd.api.types.is_numeric_dtype(column) or pd.api.types.is_datetime64_any_dtype(column))


def _disarmed(cell: object) -> object:
    if isinstance(cell, str) and _FORMULA.match(cell) and not _NUMBER.match(cell):
        return f"'{cell}"
    return cell
