"""The groups' averages beside those of everybody, and where they differ."""

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from engine.core.formatting import format_percent
from engine.results.record.record import Result

EVERYBODY = "Everybody"
_SHARE = " (share)"
NOTICED = 0.5
"""Spreads between a group's average and that of everybody from which a number is marked: "medium" by Cohen (1988)."""


LEAST_SHARE = 0.1
"""The same for a category: by how much it is at least more frequent than among everybody."""


def averages(result: Result, decoded: bool = False) -> tuple[pd.DataFrame, npt.NDArray[np.int8]]:
    """A row for everybody and one for each group with members, and for each cell 1 (more than everybody), -1 (less), 2
    (another value) or 0. Without the row of everybody, and unmarked, where the result was stored without it.

    A group stands as its average member or, where `decoded`, as the method's own prototype, which may be what no member could
    be (a network's negative amounts). A category stands with its share: "Fashion, 45 %".
    """
    made, whole = result.prototypes, result.explanations.overall
    assert made is not None
    assert made.table is not None
    table, members = made.table, result.explanations.averages
    if members is not None and not decoded:
        table, whole = members.iloc[2:].reset_index(drop=True), members.iloc[:2]
    there = [group for group in result.groups if group.size and group.label < len(table)]
    table = table.iloc[[group.label for group in there]]
    names = [group.display_name for group in there]
    if whole is None:
        return _named(_joined(table), names), np.zeros((len(table), _joined(table).shape[1]), np.int8)
    marks = _marks(table, whole)
    both = pd.concat([whole.iloc[:1].astype(table.dtypes.to_dict()), table], ignore_index=True)
    return _named(_joined(both), [EVERYBODY, *names]), np.vstack([np.zeros((1, marks.shape[1]), np.int8), marks])


def _named(table: pd.DataFrame, names: list[str]) -> pd.DataFrame:
    return table.set_axis(pd.Index(names, name="Group"), axis=0)


def _joined(table: pd.DataFrame) -> pd.DataFrame:
    """Categories and their shares in one column."""
    shares = {name for name in table.columns if name.endswith(_SHARE) and name.removesuffix(_SHARE) in table.columns}
    found: dict[str, Any] = {}
    for name in table.columns:
        if name in shares:
            continue
        share = table.get(f"{name}{_SHARE}") if f"{name}{_SHARE}" in shares else None
        cells = table[name]
        found[name] = (
            cells
            if share is None
            else [f"{cell}, {format_percent(part)}" for cell, part in zip(cells, share.astype(float), strict=True)]
        )
    return pd.DataFrame(found, index=table.index)


def _marks(table: pd.DataFrame, whole: pd.DataFrame) -> npt.NDArray[np.int8]:
    columns = []
    for name in _joined(table).columns:
        if pd.api.types.is_numeric_dtype(table[name]):
            away = table[name].to_numpy(np.float64) - float(whole[name].iloc[0])
            spread = pd.to_numeric(whole[name], errors="coerce").iloc[1]
            far = np.abs(away) >= NOTICED * spread if spread > 0 else np.zeros(len(table), np.bool_)
            columns.append(np.where(far, np.sign(away), 0))
        elif f"{name}{_SHARE}" in table.columns:
            columns.append(_others(table, whole, str(name)))
        else:
            columns.append(np.zeros(len(table)))
    return np.stack(columns, 1).astype(np.int8) if columns else np.zeros((len(table), 0), np.int8)


def _others(table: pd.DataFrame, whole: pd.DataFrame, name: str) -> npt.NDArray[Any]:
    """2 where a group's most frequent value is another than everybody's, and clearly more frequent than there."""
    other = table[name].astype(str).to_numpy() != str(whole[name].iloc[0])
    # Everybody has this value at most as often as their own most frequent one, or as what that leaves.
    top = float(whole[f"{name}{_SHARE}"].iloc[0])
    clear = table[f"{name}{_SHARE}"].to_numpy(np.float64) >= min(top, 1 - top) + LEAST_SHARE
    return np.where(other & clear, 2, 0)
