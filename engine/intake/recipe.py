"""A fitted preparation: new data is prepared the same way, prepared data is turned back into the user's units."""

from __future__ import annotations

import base64
from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from safetensors.numpy import load, save

from engine.core.errors import InputError
from engine.intake.raw import Kind, Raw


class Recipe(ABC):
    """What `prepare` learned from the data. Saved as JSON; arrays inside it are safetensors, never pickle."""

    kind: Kind

    @property
    @abstractmethod
    def columns_out(self) -> tuple[str, ...]:
        """Names of the prepared columns of a table or text; empty for pictures and series."""

    @abstractmethod
    def apply(self, raw: Raw) -> np.ndarray:
        """float32 like `Prepared.x`, one row for each row of `raw`; InputError names columns that are missing or odd."""

    @abstractmethod
    def restore(self, x: np.ndarray) -> pd.DataFrame | np.ndarray:
        """Prepared units to the user's: a data frame of columns, uint8 pictures [n, h, w, c], or series [n, channels, time]."""

    @abstractmethod
    def to_json(self) -> dict[str, Any]:
        """Everything that was learned, as plain JSON values."""

    @classmethod
    @abstractmethod
    def read(cls, values: Mapping[str, Any]) -> Recipe:
        """A recipe of this class back from its `to_json`."""

    def check_kind(self, raw: Raw) -> None:
        """InputError if `raw` is of another kind than what was learned from."""
        table = ("table", "text")
        if raw.kind != self.kind and not (raw.kind in table and self.kind in table):
            names = {"table": "a table", "image": "pictures", "series": "series", "text": "texts"}
            raise InputError(f"This was trained on {names[self.kind]}, but {raw.name} holds {names[raw.kind]}.")


def pack(arrays: dict[str, np.ndarray]) -> str:
    """Arrays as one string: safetensors in base64; empty for no arrays."""
    return (
        base64.b64encode(save({name: np.ascontiguousarray(array) for name, array in arrays.items()})).decode("ascii")
        if arrays
        else ""
    )


def unpack(text: str) -> dict[str, np.ndarray]:
    """The arrays back from `pack`."""
    arrays: dict[str, np.ndarray] = load(base64.b64decode(text)) if text else {}
    return arrays
