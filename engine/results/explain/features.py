"""What can be said of a member in words: its columns, the traits of its picture or series, the words of its text."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, Protocol

import numpy as np
import numpy.typing as npt
import pandas as pd

from engine.intake.graph import DESCRIBED
from engine.intake.mapped import by_piece, selected, taken
from engine.results.explain import image_series_features
from engine.results.explain.keywords import occurrences
from engine.results.record.record import Ints

Array = npt.NDArray[Any]
# Categories of one column that are looked at, most frequent first.
VALUES = 30
# Words of one column of texts, most frequent first.
WORDS = 300
# Cells that are looked at before all are.
HEAD = 100_000


class Arrived(Protocol):
    """The part of the raw data that is read."""

    kind: Any
    rows: pd.DataFrame
    values: Any


@dataclass(frozen=True, eq=False)
class Feature:
    """One column, trait or word of all n members."""

    column: str
    kind: Literal["number", "date", "category", "word"]
    values: Array
    """[n] numbers and dates (seconds since 1970) as float64, NaN where missing; categories as places in `names`, -1
    where missing and `len(names)` for all rarer ones; words as 1 where the text has it, else 0."""
    names: tuple[str, ...] = ()
    """The categories, most frequent first; or the one word."""


def readable(raw: Arrived, kept: Ints, types: Mapping[str, str]) -> tuple[pd.DataFrame, dict[str, str]]:
    """The members' rows with the traits of their pictures or series, and the type of each column to look at.

    Nodes of a graph are described by their links.
    """
    rows = selected(raw.rows, kept)
    if raw.kind == "graph":
        return rows, {name: dtype for name, dtype in DESCRIBED.items() if name in rows}
    if raw.kind not in ("image", "series") or raw.values is None:
        return rows, dict(types)
    measured = measure(raw.kind, raw.values if len(kept) == len(raw.values) else taken(raw.values, kept))
    rows = pd.concat([rows, measured], axis=1)
    rows = rows.loc[:, ~rows.columns.duplicated(keep="last")]
    return rows, {name: "number" for name in rows.columns if name not in raw.rows.columns}


def measure(kind: str, values: Array) -> pd.DataFrame:
    """The traits of pictures or series."""
    return image_series_features.of_images(values) if kind == "image" else image_series_features.of_series(values)


def of(rows: pd.DataFrame, types: Mapping[str, str]) -> list[Feature]:
    """Every aspect of the rows, in the order of the columns."""
    described: list[Feature] = []
    for name, dtype in types.items():
        column = rows[name]
        if dtype == "text":
            described += _words(column, name)
        elif dtype == "date" and has_several_values(column):
            described.append(Feature(name, "date", seconds(column)))
        elif dtype == "number" and has_several_values(column):
            described.append(Feature(name, "number", floats(column)))
        else:
            described.append(_category(column, name))
    return [feature for feature in described if _varies(feature)]


def floats(column: "pd.Series[Any]") -> Array:
    """The column as float64, NaN where missing or not finite."""
    values = pd.to_numeric(column, errors="coerce").to_numpy(np.float64, na_value=np.nan)
    return np.where(np.isinf(values), np.nan, values) if np.isinf(values).any() else values


def has_several_values(column: "pd.Series[Any]") -> bool:
    """Whether more than two values of a column differ."""
    return column.iloc[:HEAD].nunique() > 2 or (len(column) > HEAD and column.nunique() > 2)


def seconds(column: "pd.Series[Any]") -> Array:
    """Dates as seconds since 1970, NaN where missing."""
    return by_piece(_seconds, column, np.float64)


def _seconds(column: "pd.Series[Any]") -> Array:
    moments = pd.to_datetime(column, errors="coerce", utc=True)
    return ((moments - pd.Timestamp(0, tz="UTC")) / pd.Timedelta(seconds=1)).to_numpy(np.float64, na_value=np.nan)


def categories(column: "pd.Series[Any]") -> tuple[Array, list[str]]:
    """The most frequent values, as texts, and the place of each cell's among them: -1 where missing, their number where rarer."""
    whole = pd.api.types.is_float_dtype(column) and bool((column.dropna() % 1 == 0).all())

    def texts(part: "pd.Series[Any]") -> "pd.Series[str]":
        cells = part.astype("Int64") if whole else part
        return cells.astype("string").fillna("")

    counts = texts(column).value_counts()
    chosen = [str(value) for value in counts.index if value != ""][:VALUES]

    def codes(part: "pd.Series[Any]") -> Array:
        words = texts(part)
        found = pd.Index(chosen).get_indexer(pd.Index(words)) if chosen else np.full(len(words), -1)
        return np.where((found < 0) & (words != "").to_numpy(bool), len(chosen), found).astype(np.int64)

    return by_piece(codes, column, np.int64), chosen


def _category(column: "pd.Series[Any]", name: str) -> Feature:
    codes, chosen = categories(column)
    return Feature(name, "category", codes, tuple(chosen))


def _words(column: "pd.Series[Any]", name: str) -> list[Feature]:
    found = occurrences(column)
    if found is None:
        return []
    counts, names = found
    often = np.argsort(-np.asarray(counts.sum(0)).ravel(), kind="stable")[:WORDS]
    return [
        Feature(name, "word", (np.asarray(counts[:, [i]].todense()).ravel() > 0).astype(np.int8), (str(names[i]),))
        for i in often.tolist()
    ]


def _varies(feature: Feature) -> bool:
    known = feature.values[np.isfinite(feature.values)]
    return len(known) > 0 and (len(known) < len(feature.values) or bool((known != known[0]).any()))
