"""What each column is: its type, blanks, distinct values, distribution. Vectorized, no training of anything."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from engine.intake.columns.coded_blanks import coded_blank_notes, find_coded_blanks, without_coded_blanks
from engine.intake.columns.column_names import ABOUT_TEXT, speaks_of
from engine.intake.columns.content_notes import notes_on_content
from engine.intake.columns.edges import edges_note, find_edges
from engine.intake.columns.identifiers import FEW
from engine.intake.columns.numeric_groups import numeric_groups
from engine.intake.columns.roles import FREE_TEXT, for_texts, suggest_roles
from engine.intake.columns.text_detection import is_text
from engine.intake.columns.word_counts import word_counts
from engine.intake.mapped import PIECE, pieces
from engine.intake.options import ReadOptions
from engine.intake.raw import Column, Content, Dtype, Kind, Raw
from engine.intake.values.durations import format_time
from engine.intake.values.row_statistics import filled_counts, row_histograms
from engine.intake.wording import number

BINS = 20
TOP = 6
HUGE = 1e300  # numbers beyond this are counted in a larger unit, so that their differences stay finite
TINY = 1e-300  # columns whose bins are narrower than this, or than rounding errors, are counted one by one
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
    {"sí", "no"},
    {"sì", "no"},
    {"sim", "não"},
    {"tak", "nie"},
    {"ano", "ne"},
    {"да", "нет"},
    {"evet", "hayır"},
    {"是", "否"},
    {"はい", "いいえ"},
)


def profiled(content: Content, name: str, fingerprint: str, options: ReadOptions | None = None) -> Raw:
    """Raw from what a reader found: columns profiled, roles suggested, kind decided where it was open."""
    rows = content.rows.reset_index(drop=True)
    columns = describe_all(rows)
    columns = [_as_time(column, rows) if _is_time(column, content) else column for column in columns]
    if content.kind == "text":
        columns = [as_text(column) if content.roles.get(column.name) == "feature" else column for column in columns]
    columns = suggest_roles(rows, columns, content.roles)
    kind = content.kind or kind_of(columns)
    columns = for_texts(columns, content.roles) if kind == "text" else columns
    codes = find_coded_blanks(rows, columns) if kind == "table" else {}
    columns = [
        _without_codes(column, rows, codes[column.name]) if column.name in codes else column for column in columns
    ]
    edges = find_edges(rows, columns) if kind == "table" and "kind" not in content.alternatives else None
    notes = [
        *content.notes,
        *coded_blank_notes(rows, codes),
        *(notes_on_content(rows, columns) if kind == "table" else ()),
        *([edges_note(edges)] if edges else []),
    ]
    return Raw(
        name,
        kind,
        rows,
        content.values,
        tuple(columns),
        tuple(notes),
        fingerprint,
        options or ReadOptions(),
        content.formats,
        content.alternatives | ({"kind": ("table", "graph")} if edges else {}),
        content.graph,
    )


def _is_time(column: Column, content: Content) -> bool:
    return column.dtype == "number" and content.formats.get(column.name, {}).get("kind") == "time"


def _as_time(column: Column, rows: pd.DataFrame) -> Column:
    """The profile with the example as a time of day."""
    filled = rows[column.name].dropna()
    return replace(column, example=format_time(float(filled.iloc[0]))) if len(filled) else column


def _without_codes(column: Column, rows: pd.DataFrame, codes: tuple[float | str, ...]) -> Column:
    """The profile with the distribution of the other values: one code far out would leave a single bar of them."""
    others = describe(column.name, without_coded_blanks(rows[[column.name]], {column.name: codes})[column.name])
    return replace(column, histogram=others.histogram, edges=others.edges, coded_blanks=codes)


def as_text(column: Column) -> Column:
    """The profile of words that are texts, however short they are."""
    return replace(column, dtype="text", top=()) if column.dtype in ("category", "boolean") else column


def kind_of(columns: list[Column]) -> Kind:
    """A file is a set of texts if it has a column of texts and hardly anything else to group by.

    What says how a text was received, such as stars, and when, does not count; a column of few values counts half.
    """
    if not any(column.dtype == "text" and column.warning in ("", FREE_TEXT) for column in columns):
        return "table"
    others = [c for c in columns if c.role == "feature" and c.dtype not in ("text", "date")]
    weights = [
        1.0 if c.dtype == "number" and c.distinct > FEW else 0.5 for c in others if not speaks_of(c.name, ABOUT_TEXT)
    ]
    return "text" if sum(weights) <= 1 else "table"


def describe_all(rows: pd.DataFrame) -> list[Column]:
    """The profile of every column; their roles are settled later."""
    found = {
        column.name: column for names, matrix in numeric_groups(rows) for column in _describe_numbers(names, matrix)
    }
    return [found.get(str(name)) or describe(str(name), rows[name]) for name in rows.columns]


def _describe_numbers(names: list[str], matrix: np.ndarray) -> Iterator[Column]:
    """The profiles of columns of numbers [k, n], as `describe` makes them; without those that are blank, infinite or huge."""
    n, counts, every = matrix.shape[1], filled_counts(matrix), np.arange(len(names))
    ordered = np.sort(matrix, axis=1)
    low, high = ordered[:, 0].astype(np.float64), ordered[every, np.maximum(counts - 1, 0)].astype(np.float64)
    with np.errstate(over="ignore", invalid="ignore"):
        largest, width = np.maximum(-low, high), np.where(low == high, 1.0, high - low)
        good = (counts > 0) & (largest <= HUGE) & (width / BINS > np.maximum(TINY, 4 * np.spacing(largest)))
    differ = (ordered[:, 1:] != ordered[:, :-1]) & (np.arange(1, n) < counts[:, None])
    first = matrix[every, (matrix == matrix).argmax(axis=1)].tolist()
    places = np.flatnonzero(good)
    bins, edges = row_histograms(matrix[places].astype(np.float64), low[places], high[places], BINS)
    missing, distinct = (n - counts).tolist(), (differ.sum(axis=1) + 1).tolist()
    for i, histogram, ends in zip(places.tolist(), bins.tolist(), edges.tolist(), strict=True):
        example = number(float(first[i]))
        yield Column(names[i], "number", "feature", missing[i], distinct[i], example, tuple(histogram), tuple(ends))


def describe(name: str, values: pd.Series[Any]) -> Column:
    """Profile of one column; its role is settled later, when all columns are known."""
    missing = int(values.isna().sum())
    filled = values.dropna() if missing else values
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
    numbers = values.astype(np.float64, copy=False)
    low, high = float(numbers.min()), float(numbers.max())
    unit = 2.0**10 if max(abs(low), abs(high)) > HUGE else 1.0
    bins, ends = np.zeros(BINS, np.int64), _ends(low / unit, high / unit)
    for piece in pieces(len(numbers)):
        counts, edges = np.histogram(numbers[piece] / unit, BINS, ends)
        bins += counts
    outer = tuple(float(edge * unit) for edge in edges)
    return Column(name, dtype, "feature", missing, _distinct(values), example, tuple(int(n) for n in bins), outer)


def _distinct(values: np.ndarray) -> int:
    """How many numbers [n] differ; of very many, most of which differ, without a table of them all."""
    found = values[:0]
    for piece in pieces(len(values)):
        found = pd.unique(np.concatenate([found, pd.unique(values[piece])]))
        if len(found) > PIECE:
            ordered = np.sort(values)
            return 1 + int(np.count_nonzero(ordered[1:] != ordered[:-1]))
    return len(found)


def _ends(low: float, high: float) -> tuple[float, float]:
    """Ends of the bins of numbers from `low` to `high`: moved apart where these are so large, or so close, that bins between
    them had no width."""
    least = float(max(TINY, 4 * np.spacing(max(-low, high))))
    narrow = (high - low or 1.0) / BINS <= least
    return (low - BINS * least, high + BINS * least) if narrow else (low, high)


def _words(name: str, values: pd.Series[Any], missing: int, dtype: Dtype | None) -> Column:
    counts, distinct = word_counts(values)
    if dtype is None:
        pair = {str(value).lower() for value in counts.index[:3]}
        yes_or_no = 0 < distinct <= 2 and any(pair <= known for known in PAIRS)
        dtype = "boolean" if yes_or_no else "text" if is_text(name, counts, distinct, len(values)) else "category"
    top = tuple((str(value)[:LONGEST], int(n)) for value, n in counts.head(TOP).items()) if dtype != "text" else ()
    example = str(values.iloc[0]) if len(values) else ""
    return Column(name, dtype, "feature", missing, distinct, example[:LONGEST], top=top)
