"""Series: a common length, blanks bridged, each channel standardized over the whole set."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from engine.core.errors import InputError
from engine.intake.media.series import LOST
from engine.intake.raw import Kind, Raw
from engine.intake.recipes.preparation import Preparation
from engine.intake.recipes.recipe import Recipe
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

    def checked(self, raw: Raw) -> Raw:
        """The series; InputError if there are other channels, or data are of another kind."""
        self.check_kind(raw)
        values = raw.array
        if values.shape[1] != len(self.center):
            raise InputError(
                f"{italic(raw.name)} has {values.shape[1]} channels where {len(self.center)} are expected: "
                "bring the same channels."
            )
        return raw

    def apply_piece(self, raw: Raw) -> np.ndarray:
        """float32 [n, channels, length]."""
        center, scale = (np.array(part, np.float64)[:, None] for part in (self.center, self.scale))
        standard = (common_length(raw.array, self.length) - center) / scale
        limit = np.finfo(np.float32).max
        return np.ascontiguousarray(np.clip(np.nan_to_num(standard, nan=0.0), -limit, limit), dtype=np.float32)

    def restore(self, x: np.ndarray) -> np.ndarray:
        """[n, channels, length] in the user's unit, float32, or float64 where small changes of large numbers would be lost."""
        center, scale = (np.array(part, np.float64)[:, None] for part in (self.center, self.scale))
        largest, smallest = np.abs(center).max(initial=0), scale.min(initial=1)
        fine = largest * np.finfo(np.float32).eps <= LOST * smallest and max(largest, scale.max(initial=1)) < 1e30
        return (x * scale + center).astype(np.float32 if fine else np.float64)

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
    ends = [_center_and_scale(channel[~np.isnan(channel)]) for channel in np.moveaxis(values, 1, 0)]
    return SeriesRecipe(length, tuple(center for center, _ in ends), tuple(scale for _, scale in ends))


def _center_and_scale(known: np.ndarray) -> tuple[float, float]:
    """Mean and deviation of the values of one channel [m], computed so that large ones do not overflow."""
    largest = float(np.abs(known).max(initial=0))
    if not largest:
        return 0.0, 1.0
    shares = known.astype(np.float64) / largest
    spread = float(shares.std()) * largest
    return float(shares.mean()) * largest, spread if spread > 0 else 1.0


def common_length(values: np.ndarray, length: int) -> np.ndarray:
    """[n, channels, length]: each series stretched or shrunk linearly to `length`, blanks bridged linearly.

    A series ends at its last time with a value in any channel; a channel without any value stays NaN.
    """
    if values.shape[2] == length and not np.isnan(values).any():
        return values
    result = np.full((*values.shape[:2], length), np.nan, values.dtype)
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
