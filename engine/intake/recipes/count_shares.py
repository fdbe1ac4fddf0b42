"""Counts as shares of their row's total: a cell's genes, a text's words, a visitor's clicks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from engine.intake.recipes.blocks import as_matrix


@dataclass(frozen=True)
class CountShares:
    """Counts of `columns` as they would be if every row had the total `depth`."""

    columns: tuple[str, ...]
    depth: float

    def apply(self, rows: pd.DataFrame) -> pd.DataFrame:
        """`rows` with the counts so scaled; a row without any stays as it is. InputError where a count is a word."""
        counts = np.maximum(as_matrix(rows, self.columns), 0)
        totals = np.nansum(counts, axis=1, keepdims=True)
        scaled = counts * (self.depth / np.where(totals > 0, totals, self.depth))
        others = rows.drop(columns=list(self.columns))
        return pd.concat([others, pd.DataFrame(scaled, columns=list(self.columns), index=rows.index)], axis=1)

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values."""
        return {"columns": list(self.columns), "depth": self.depth}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> CountShares:
        """The same back from `to_json`."""
        return cls(tuple(values["columns"]), values["depth"])


def fit_shares(rows: pd.DataFrame, columns: Sequence[str]) -> CountShares:
    """The columns as counts, and the median of the totals of rows that have any."""
    totals = rows[list(columns)].sum(axis=1).to_numpy(np.float64)
    return CountShares(tuple(columns), float(np.median(totals[totals > 0])) if (totals > 0).any() else 1.0)
