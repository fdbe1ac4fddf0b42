"""Series: a common length, blanks bridged, each channel standardized over the whole set."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from engine.core.errors import InputError
from engine.intake.preparation import Preparation
from engine.intake.raw import Kind, Raw
from engine.intake.recipe import Recipe
from engine.intake.wording import italic

LONGEST = 256


@dataclass(frozen=True)
class SeriesRecipe(Recipe):
    """float32 [n, channels, length]: (value - center) / scale of each channel."""

    length: int
    center: tuple[float, ...]
    scale: tuple[float, ...]
    kind: Kind = "series"

    @property
    def columns_out(self) -> tuple[str, ...]:
        """None: series have no columns."""
        return ()

    def apply(self, raw: Raw) -> np.ndarray:
        """float32 [n, channels, length]; InputError if there are other channels, or data are of another kind."""
        self.check_kind(raw)
        values = raw.array
        if values.shape[1] != len(self.center):
            raise InputError(
                f"{italic(raw.name)} has {values.shape[1]} channels where {len(self.center)} are expected: "
                "bring the same channels."
            )
        center, scale = (np.array(part, np.float32)[:, None] for part in (self.center, self.scale))
        standard = (common_length(values, self.length) - center) / scale
        return np.ascontiguousarray(np.nan_to_num(standard, nan=0.0), dtype=np.float32)

    def restore(self, x: np.ndarray) -> np.ndarray:
        """float32 [n, channels, length] in the user's unit."""
        center, scale = (np.array(part, np.float32)[:, None] for part in (self.center, self.scale))
        return (x * scale + center).astype(np.float32)

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values."""
        return {"kind": self.kind, "length": self.length, "center": list(self.center), "scale": list(self.scale)}

    @classmethod
    def read(cls, values: Mapping[str, Any]) -> SeriesRecipe:
        """The recipe back from `to_json`."""
        return cls(values["length"], tuple(values["center"]), tuple(values["scale"]))


def fit_series(raw: Raw, preparation: Preparation, kept: np.ndarray) -> SeriesRecipe:
    """Mean and deviation of each channel over the rows of the indices `kept` [m]."""
    values = raw.array[kept]
    length = preparation.length or min(values.shape[2], LONGEST)
    channels = [channel[~np.isnan(channel)].astype(np.float64) for channel in np.moveaxis(values, 1, 0)]
    center = tuple(float(channel.mean()) if len(channel) else 0.0 for channel in channels)
    spread = [float(channel.std()) if len(channel) else 0.0 for channel in channels]
    scale = tuple(value if value > 0 else 1.0 for value in spread)
    return SeriesRecipe(length, center, scale)


def common_length(values: np.ndarray, length: int) -> np.ndarray:
    """float32 [n, channels, length]: each series stretched or shrunk linearly to `length`, blanks bridged linearly.

    A series ends at its last time with a value in any channel; a channel without any value stays NaN.
    """
    if values.shape[2] == length and not np.isnan(values).any():
        return values
    result = np.full((*values.shape[:2], length), np.nan, np.float32)
    filled = ~np.isnan(values)
    reach = filled.any(axis=1)
    ends = values.shape[2] - reach[:, ::-1].argmax(axis=1)
    for i, end in enumerate(ends):
        at = np.linspace(0, end - 1, length)
        for j in range(values.shape[1]):
            known = np.flatnonzero(filled[i, j])
            if len(known):
                result[i, j] = np.interp(at, known, values[i, j, known])
    return result
