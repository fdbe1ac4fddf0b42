"""Brightness beyond bytes: 16-bit, float and many-band pictures become bytes on one scale for the whole set."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from engine.intake.wording import italic, number

DARK = 16  # numbers up to 255 that never exceed this are a smaller scale, such as the 0 to 16 of scikit-learn's digits
TAIL = 0.001  # share of the pixels of a picture that may lie beyond its ends, such as dead and hot ones
FLARE = 4.0  # a picture this many times as bright as 99 of 100 others does not set the scale
LOOKED_AT = 2_000  # pictures whose ends are looked at
KEY = "brightness"  # in `Raw.formats`


@dataclass(frozen=True)
class Brightness:
    """The values that become black and white: one pair for all bands, or one for each."""

    low: tuple[float, ...]
    high: tuple[float, ...]
    note: str = ""

    def to_bytes(self, x: np.ndarray) -> np.ndarray:
        """uint8 of the shape of `x` [..., bands]; what is no number becomes black."""
        low, high = np.array(self.low, np.float64), np.array(self.high, np.float64)
        with np.errstate(over="ignore", invalid="ignore"):
            share = (x.astype(np.float64) - low) / np.where(high > low, high - low, 1.0)
        scaled: np.ndarray = np.rint(np.clip(np.nan_to_num(share, nan=0.0), 0, 1) * 255).astype(np.uint8)
        return scaled

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values, as `Raw.formats` keeps them for new data."""
        return {"low": list(self.low), "high": list(self.high)}


def remembered(formats: Mapping[str, Any] | None, bands: int) -> Brightness | None:
    """The scale of the data that a model was trained on, where it has one that fits."""
    known = (formats or {}).get(KEY)
    if not known or len(known["low"]) not in (1, bands):
        return None
    return Brightness(tuple(known["low"]), tuple(known["high"]))


def fit_brightness(pictures: Sequence[np.ndarray] | np.ndarray, name: str) -> Brightness:
    """The scale of pictures [h, w, bands], decided from all of them together.

    Color pictures and gray ones have one scale; the bands of four and more, or of two, one each.
    """
    bands = pictures[0].shape[2]
    least, most = _extremes(pictures)
    if not least <= most:
        return Brightness((0.0,), (1.0,))
    common = _common_range(least, most)
    if common is not None:
        return Brightness((common[0],), (common[1],))
    per_band = bands not in (1, 3)
    ends = np.array([_ends(pictures[i], per_band) for i in range(0, len(pictures), max(1, len(pictures) // LOOKED_AT))])
    ends = ends[np.isfinite(ends).all(axis=(1, 2))]
    low, high = ends[:, 0].min(axis=0), _top(ends[:, 1])
    each = f"each of its {bands} bands on a scale of its own, " if per_band else ""
    note = (
        f"Brightness in {italic(name)} ran from {_end(least)} to {_end(most)} and was stretched to 0 to 255, "
        f"{each}the same for all pictures."
    )
    return Brightness(tuple(map(float, low)), tuple(map(float, high)), note)


def _extremes(pictures: Sequence[np.ndarray] | np.ndarray) -> tuple[float, float]:
    """The smallest and the largest number in all pictures; infinity and its negative where there is none."""
    least, most = np.inf, -np.inf
    for picture in pictures:
        numbers = picture if picture.dtype.kind != "f" else picture[np.isfinite(picture)]
        if numbers.size:
            least, most = min(least, float(numbers.min())), max(most, float(numbers.max()))
    return least, most


def _ends(picture: np.ndarray, per_band: bool) -> np.ndarray:
    """[2, bands]: the values between which all but a few pixels lie."""
    flat = picture.reshape(-1, picture.shape[2] if per_band else 1).astype(np.float64)
    flat = flat[np.isfinite(flat).all(axis=1)]
    if not len(flat):
        return np.full((2, flat.shape[1]), np.nan)
    tails: np.ndarray = np.quantile(flat, [TAIL, 1 - TAIL], axis=0)
    return tails


def _common_range(least: float, most: float) -> tuple[float, float] | None:
    """0..255, 0..1 or -1..1 where the values are of such a scale and use it; None for any other."""
    if least >= 0 and DARK < most <= 255:
        return 0.0, 255.0
    if least >= 0 and 0.1 < most <= 1:
        return 0.0, 1.0
    return (-1.0, 1.0) if -1 <= least < -0.1 and most <= 1 else None


def _top(highs: np.ndarray) -> np.ndarray:
    """The largest end of each band [bands], of pictures [n, bands]; a few that outshine all others do not count."""
    usual: np.ndarray = np.quantile(highs, 0.99, axis=0, method="lower")
    most: np.ndarray = highs.max(axis=0)
    return np.where((most > FLARE * usual) & (usual > 0) & (len(highs) >= 100), usual, most)


def _end(value: float) -> str:
    return number(value) if abs(value) < 1e6 else f"{value:g}"
