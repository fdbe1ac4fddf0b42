"""Words in an order as one number, their place in it, and back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from engine.intake.columns.ordered_words import places_in
from engine.intake.raw import Column
from engine.intake.recipes.blocks import NumberBlock, fit_number
from engine.intake.recipes.preparation import Preparation


@dataclass(frozen=True)
class OrdinalBlock:
    """The place of a word among `levels`, scaled as numbers are; blanks and words that are none of them become the median."""

    column: str
    levels: tuple[str, ...]
    position: NumberBlock
    type: ClassVar[str] = "ordinal"

    def names(self) -> tuple[str, ...]:
        """The column itself."""
        return (self.column,)

    @property
    def fill(self) -> str:
        """The word that blanks count as."""
        return self.levels[int(self._nearest(np.array([self.position.fill]))[0])]

    def apply(self, rows: pd.DataFrame) -> np.ndarray:
        """float32 [n, 1]."""
        return self.position.apply(pd.DataFrame({self.column: places_in(rows[self.column], self.levels)}))

    def unseen(self, rows: pd.DataFrame) -> dict[str, int]:
        """How many rows hold each word that is none of the levels, most first."""
        words = rows[self.column].astype("str").where(rows[self.column].notna())
        counts = words[places_in(words, self.levels).isna()].value_counts()
        return {str(word): int(n) for word, n in counts.items()}

    def restore(self, x: np.ndarray) -> dict[str, Any]:
        """The word whose place is nearest, from prepared values [n, 1]."""
        places = x[:, 0].astype(np.float64) * self.position.scale + self.position.center
        words = np.asarray(self.levels, dtype=object)[self._nearest(places)]
        return {self.column: pd.Series(words, dtype="str")}

    def _nearest(self, places: np.ndarray) -> np.ndarray:
        nearest: np.ndarray = np.clip(np.rint(places), 0, len(self.levels) - 1).astype(np.int64)
        return nearest

    def to_json(self, arrays: dict[str, np.ndarray]) -> dict[str, Any]:
        """Plain JSON values; the block adds no array of any shape."""
        position = self.position.to_json(arrays)
        return {"type": self.type, "column": self.column, "levels": list(self.levels), "position": position}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> OrdinalBlock:
        """The block back from `to_json`."""
        return cls(values["column"], tuple(values["levels"]), NumberBlock.from_json(values["position"]))


def fit_ordinal(values: pd.Series[Any], column: Column, preparation: Preparation) -> OrdinalBlock:
    """A block of the words in the order that the preparation gives; InputError as for `fit_number`."""
    levels = preparation.ordinal[column.name]
    return OrdinalBlock(column.name, levels, fit_number(places_in(values, levels), column, preparation))
