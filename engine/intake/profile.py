"""What each column is: its type, blanks, distinct values, distribution. Vectorized, no training of anything."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from engine.intake.options import ReadOptions
from engine.intake.raw import Column, Content, Dtype, Kind, Raw
from engine.intake.roles import suggest_roles
from engine.intake.wording import number

BINS = 20
TOP = 6
HUGE = 1e300  # numbers beyond this are counted in a larger unit, so that their differences stay finite
LONGEST = 200  # characters of a value that a profile shows
PAIRS = (
    {"yes", "no"},
    {"y", "n"},
    {"true", "false"},
    {"t", "f"},
    {"on", "off"},
    {"ja", "nein"},
    {"oui", "non"},
    {"si", "no"},
)


def profiled(content: Content, name: str, fingerprint: str, options: ReadOptions | None = None) -> Raw:
    """Raw from what a reader found: columns profiled, roles suggested, kind decided where it was open."""
    rows = content.rows.reset_index(drop=True)
    columns = [describe(str(column), rows[column]) for column in rows.columns]
    kind = content.kind or kind_of(columns, len(rows))
    columns = suggest_roles(rows, columns, kind, content.roles)
    return Raw(
        name,
        kind,
        rows,
        content.values,
        tuple(columns),
        tuple(content.notes),
        fingerprint,
        options or ReadOptions(),
        content.formats,
        content.alternatives,
    )


def kind_of(columns: list[Column], n: int) -> Kind:
    """A file is a set of texts if it has a column of sentences and few others: at most four, one of them measured."""
    texts = [column for column in columns if column.dtype == "text"]
    others = [column for column in columns if column.dtype in ("number", "category", "boolean") and column.distinct > 1]
    measured = [column for column in others if column.dtype == "number" and 20 < column.distinct < n]
    return "text" if texts and len(others) <= 4 and len(measured) <= 1 else "table"


def describe(name: str, values: pd.Series[Any]) -> Column:
    """Profile of one column; its role is settled later, when all columns are known."""
    filled = values.dropna()
    missing = len(values) - len(filled)
    if pd.api.types.is_bool_dtype(values.dtype):
        return _words(name, filled.astype("bool").astype("str"), missing, "boolean")
    if pd.api.types.is_datetime64_any_dtype(values.dtype):
        days = filled.to_numpy("datetime64[us]").astype(np.int64) / 86_400e6
        example = str(filled.iloc[0])[:16].removesuffix(" 00:00") if len(filled) else ""
        return _measured(name, days, missing, "date", example)
    if pd.api.types.is_numeric_dtype(values.dtype):
        array = filled.to_numpy()
        return _measured(name, array, missing, "number", number(float(array[0])) if len(array) else "")
    return _words(name, filled, missing, None)


def _measured(name: str, values: np.ndarray, missing: int, dtype: Dtype, example: str) -> Column:
    if not len(values):
        return Column(name, dtype, "feature", missing, 0, "")
    numbers = values.astype(np.float64)
    unit = 2.0**10 if np.abs(numbers).max() > HUGE else 1.0
    histogram, edges = np.histogram(numbers / unit, BINS)
    bins, ends = tuple(int(n) for n in histogram), tuple(float(edge * unit) for edge in edges)
    return Column(name, dtype, "feature", missing, len(pd.unique(values)), example, bins, ends)


def _words(name: str, values: pd.Series[Any], missing: int, dtype: Dtype | None) -> Column:
    counts = values.value_counts()
    if dtype is None:
        dtype = _kind_of_words(counts, values)
    top = tuple((str(value)[:LONGEST], int(n)) for value, n in counts.head(TOP).items()) if dtype != "text" else ()
    example = str(values.iloc[0]) if len(values) else ""
    return Column(name, dtype, "feature", missing, len(counts), example[:LONGEST], top=top)


def _kind_of_words(counts: pd.Series[Any], values: pd.Series[Any]) -> Dtype:
    """Sentences are text: mostly different, several words each."""
    if 0 < len(counts) <= 2 and any({str(v).lower() for v in counts.index} <= pair for pair in PAIRS):
        return "boolean"
    sample = counts.index[:2000].to_series().astype("str")
    if len(counts) > 1 and len(counts) >= 0.3 * len(values) and float(sample.str.count(r"\S+").median()) >= 4:
        return "text"
    return "category"
