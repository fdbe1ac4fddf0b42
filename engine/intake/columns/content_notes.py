"""Sentences on what a table holds: a guessed answer, a value far from all others, genes in rows."""

from __future__ import annotations

import re
from collections.abc import Container, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from engine.intake.columns.column_names import speaks_of
from engine.intake.columns.numeric_groups import numeric_groups
from engine.intake.raw import Column
from engine.intake.wording import italic, joined, listed, number

FAR = 20.0
"""Robust deviations from the median beyond which a value may be a slip."""
GAP = 4.0
"""How many times as far from the median it is as any other value."""
FEW_CELLS = 3
NAMED = 3
MOSTLY = 0.8
LEAST_ROWS = 20
GENE_NAMES = frozenset(
    ("gene", "genes", "symbol", "probe", "probeset", "transcript", "ensembl", "protein", "peptide", "metabolite", "otu")
)
GENE_ID = re.compile(r"^(ENS[A-Z]{0,4}[GTP]\d{6}|gene[-_ ]?\d+$)", re.I)
LEAST_SAMPLES = 6


def notes_on_content(rows: pd.DataFrame, columns: Sequence[Column]) -> list[str]:
    """Sentences in Markdown on a table, one for each topic, of the profiled `columns` of `rows` [n, columns]."""
    return [
        *_guessed_label(columns),
        *_far_values(rows, columns),
        *_genes_in_rows(rows, columns),
    ]


def _guessed_label(columns: Sequence[Column]) -> list[str]:
    guessed = [column for column in columns if column.role == "label" and column.warning]
    return [f"{italic(column.name)}: {column.warning[0].lower()}{column.warning[1:]}" for column in guessed]


@dataclass(frozen=True)
class _FarValue:
    column: str
    value: float
    row: int
    low: float
    high: float


def _far_values(rows: pd.DataFrame, columns: Sequence[Column]) -> list[str]:
    numbers = [column.name for column in columns if column.role == "feature" and column.dtype == "number"]
    near = _without_far_values(rows, set(numbers)) if len(rows) >= LEAST_ROWS else set(numbers)
    possible = ((name, rows[name].to_numpy(np.float64, na_value=np.nan)) for name in numbers if name not in near)
    far = [found for name, values in possible if (found := _far_value(name, values))]
    if not far:
        return []
    each = [
        f"{italic(v.column)} is {number(v.value)} in row {v.row:,} (others: {number(v.low)} to {number(v.high)})"
        for v in far[:NAMED]
    ]
    more = f", and so in {len(far) - NAMED:,} more columns" if len(far) > NAMED else ""
    return [
        f"Far from all other values: {joined(each)}{more}. If that is a slip, mend it: such a row may become a group of its own."
    ]


def _without_far_values(rows: pd.DataFrame, names: Container[str]) -> set[str]:
    """Columns of which `_far_value` would find nothing, as far as that is known of many at once."""
    near: set[str] = set()
    for some, matrix in numeric_groups(rows, names):
        numbers = matrix.astype(np.float64)
        if np.isnan(numbers).any():
            continue
        with np.errstate(over="ignore", invalid="ignore"):
            order = np.sort(np.abs(numbers - np.median(numbers, axis=1, keepdims=True)), axis=1)
            spread = 1.4826 * np.median(order, axis=1)
            spread = np.where(spread == 0, order[:, :-FEW_CELLS].mean(axis=1), spread)
            last, before = order[:, -FEW_CELLS:], order[:, -FEW_CELLS - 1 : -1]
            possible = (last > np.maximum(FAR * spread[:, None], GAP * before)).any(axis=1) | ~np.isfinite(spread)
        near.update(name for name, far in zip(some, possible, strict=True) if not far)
    return near


def _far_value(name: str, values: np.ndarray) -> _FarValue | None:
    """The farthest of a handful of values far from the rest of `values` [n], if there are such."""
    filled = values[~np.isnan(values)]
    if len(filled) < LEAST_ROWS:
        return None
    middle = float(np.median(filled, overwrite_input=True))
    with np.errstate(over="ignore", invalid="ignore"):
        order = np.abs(np.subtract(filled, middle, out=filled), out=filled)
    spread = 1.4826 * float(np.median(order, overwrite_input=True))
    order.partition(range(-FEW_CELLS - 1, 0))
    spread = spread or float(order[:-FEW_CELLS].mean())
    if not spread > 0 or not np.isfinite(spread):
        return None
    for n in range(1, FEW_CELLS + 1):
        if order[-n] > max(FAR * spread, GAP * order[-n - 1]):
            distances = np.abs(values - middle)
            row, rest = int(np.nanargmax(distances)), values[distances < order[-n]]
            return _FarValue(name, float(values[row]), row + 1, float(rest.min()), float(rest.max()))
    return None


def _genes_in_rows(rows: pd.DataFrame, columns: Sequence[Column]) -> list[str]:
    """Names of genes in a column, and many columns of numbers in one unit: samples are usually what is to be grouped."""
    numbers = [column.name for column in columns if column.dtype == "number" and column.role == "feature"]
    names = [column for column in columns if column.dtype == "category" and column.distinct > MOSTLY * len(rows)]
    if len(numbers) < LEAST_SAMPLES or len(numbers) < MOSTLY * (len(columns) - 1):
        return []
    named = [c for c in names if speaks_of(c.name, GENE_NAMES) or _are_genes(rows[c.name])]
    if not named:
        return []
    return [
        f"Rows are grouped, and each seems to be a gene or the like ({listed([named[0].name])}), its {len(numbers):,} columns "
        "samples. If the samples should be grouped, let rows and columns change places when the file is read (transpose)."
    ]


def _are_genes(values: pd.Series) -> bool:
    head = values.dropna().astype("str").iloc[:200]
    return len(head) > 0 and sum(bool(GENE_ID.match(cell)) for cell in head) > MOSTLY * len(head)
