"""The groups' averages beside those of all members, and where they differ."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from engine.core.formatting import format_percent
from engine.results.record.record import Result

ALL_MEMBERS = "All members"
NOTICED = 0.5
"""Spreads between a group's average and that of all members from which a number is marked: "medium" by Cohen (1988)."""
LEAST_SHARE = 0.1
"""The same for a category: by how much it is at least more frequent than among all members."""


def averages(result: Result, decoded: bool = False) -> tuple[pd.DataFrame, npt.NDArray[np.int8]]:
    """A row for all members and one for each group with members, and for each cell 1 (more than all members), -1 (less), 2
    (another value) or 0. Without the row of all members, and unmarked, where the result was stored without it.

    A group stands as its average member or, where `decoded`, as the method's own prototype, which may be what no member could
    be (a network's negative amounts). A category stands with its share: "Fashion, 45 %".
    """
    prototypes, whole = result.prototypes, result.explanations.overall
    assert prototypes is not None
    assert prototypes.table is not None
    table, members = prototypes.table, result.explanations.averages
    if members is not None and not decoded:
        table, whole = members.iloc[2:].reset_index(drop=True), members.iloc[:2]
    there = [group for group in result.groups if group.size and group.label < len(table)]
    table = table.iloc[[group.label for group in there]]
    names = [group.display_name for group in there]
    shares = prototypes.share_columns
    if whole is None:
        own = _joined(table, shares)
        return _named(own, names), np.zeros(own.shape, np.int8)
    marks = _marks(table, whole, shares)
    rows = pd.concat([whole.iloc[:1].astype(table.dtypes.to_dict()), table], ignore_index=True)
    return _named(_joined(rows, shares), [ALL_MEMBERS, *names]), np.vstack(
        [np.zeros((1, marks.shape[1]), np.int8), marks]
    )


def _named(table: pd.DataFrame, names: list[str]) -> pd.DataFrame:
    return table.set_axis(pd.Index(names, name="Group"), axis=0)


def _joined(table: pd.DataFrame, shares: Mapping[str, str]) -> pd.DataFrame:
    """Categories and their shares in one column."""
    own = [name for name in table.columns if name not in shares.values()]
    cells = {name: _with_share(table[name], table[shares[name]]) if name in shares else table[name] for name in own}
    return pd.DataFrame(cells, index=table.index)


def _with_share(values: "pd.Series[Any]", shares: "pd.Series[Any]") -> list[str]:
    pairs = zip(values, shares.astype(float), strict=True)
    return [f"{value}, {format_percent(share)}" for value, share in pairs]


def _marks(table: pd.DataFrame, whole: pd.DataFrame, shares: Mapping[str, str]) -> npt.NDArray[np.int8]:
    own = [name for name in table.columns if name not in shares.values()]
    columns = [_marks_of_column(table, whole, name, shares.get(name)) for name in own]
    return np.stack(columns, 1).astype(np.int8) if columns else np.zeros((len(table), 0), np.int8)


def _marks_of_column(table: pd.DataFrame, whole: pd.DataFrame, name: str, share: str | None) -> npt.NDArray[Any]:
    if share is not None:
        return _others(table, whole, name, share)
    if not pd.api.types.is_numeric_dtype(table[name]):
        return np.zeros(len(table))
    away = table[name].to_numpy(np.float64) - float(whole[name].iloc[0])
    spread = pd.to_numeric(whole[name], errors="coerce").iloc[1]
    return np.where(np.abs(away) >= NOTICED * spread, np.sign(away), 0) if spread > 0 else np.zeros(len(table))


def _others(table: pd.DataFrame, whole: pd.DataFrame, name: str, share: str) -> npt.NDArray[Any]:
    """2 where a group's most frequent value is another than that of all members, and clearly more frequent than there."""
    other = table[name].astype(str).to_numpy() != str(whole[name].iloc[0])
    # All members have this value at most as often as their own most frequent one, or as what that leaves.
    top = float(whole[share].iloc[0])
    clear = table[share].to_numpy(np.float64) >= min(top, 1 - top) + LEAST_SHARE
    return np.where(other & clear, 2, 0)
