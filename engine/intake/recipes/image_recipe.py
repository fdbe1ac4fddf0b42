"""Pictures: a common size, brightness 0..1."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from PIL import Image

from engine.core.errors import InputError
from engine.intake.raw import Kind, Raw
from engine.intake.recipes.preparation import Preparation
from engine.intake.recipes.recipe import Recipe
from engine.intake.wording import count, italic

LUMA = np.array([0.299, 0.587, 0.114], np.float32)


@dataclass(frozen=True)
class ImageRecipe(Recipe):
    """float32 [n, channels, height, width] in [0, 1]."""

    height: int
    width: int
    channels: int
    kind: Kind = "image"

    @property
    def columns_out(self) -> tuple[str, ...]:
        """None: pictures have no columns."""
        return ()

    def checked(self, raw: Raw) -> Raw:
        """The pictures; InputError if data are of another kind."""
        self.check_kind(raw)
        return raw

    def apply_piece(self, raw: Raw) -> np.ndarray:
        """float32 [n, channels, height, width], resized and made gray or colored as in training."""
        values = with_channels(raw.array, self.channels, raw.name)
        values = resized(values, self.height, self.width)
        x: np.ndarray = np.ascontiguousarray(np.moveaxis(values, 3, 1), dtype=np.float32)
        np.divide(x, np.float32(255), out=x)
        return x

    def restore(self, x: np.ndarray) -> np.ndarray:
        """uint8 [n, height, width, channels]."""
        values: np.ndarray = np.rint(np.clip(np.moveaxis(x, 1, 3), 0, 1) * 255).astype(np.uint8)
        return values

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values."""
        return {"kind": self.kind, "height": self.height, "width": self.width, "channels": self.channels}

    @classmethod
    def read(cls, values: Mapping[str, Any]) -> ImageRecipe:
        """The recipe back from `to_json`."""
        return cls(values["height"], values["width"], values["channels"])


def fit_images(raw: Raw, preparation: Preparation) -> ImageRecipe:
    """The size and number of channels that the preparation asks for."""
    height, width, channels = raw.array.shape[1:]
    side = preparation.image_size
    return ImageRecipe(side or height, side or width, 1 if preparation.gray else channels)


def with_channels(values: np.ndarray, channels: int, name: str) -> np.ndarray:
    """uint8 [n, h, w, channels]: gray ones repeated, colors made gray (by ITU-R BT.601), many bands made gray by their mean.

    InputError where pictures have other bands than those that a model was trained on.
    """
    bands = values.shape[3]
    if bands == channels:
        return values
    if channels == 3 and bands == 1:
        return np.repeat(values, 3, axis=3)
    if channels != 1:
        raise InputError(
            f"The pictures of {italic(name)} have {count(bands, 'band')} where {channels} are expected: bring the same bands."
        )
    weights = LUMA if bands == 3 else np.full(bands, 1 / bands, np.float32)
    gray: np.ndarray = np.rint(values.astype(np.float32) @ weights).astype(np.uint8)
    return gray[..., None]


def resized(values: np.ndarray, height: int, width: int) -> np.ndarray:
    """uint8 [n, height, width, c]; larger by bicubic, smaller by area."""
    if values.shape[1:3] == (height, width):
        return values
    shrinks = height * width < values.shape[1] * values.shape[2]
    how = Image.Resampling.BOX if shrinks else Image.Resampling.BICUBIC
    result = np.empty((len(values), height, width, values.shape[3]), np.uint8)
    parts = [slice(0, 3)] if values.shape[3] == 3 else [slice(band, band + 1) for band in range(values.shape[3])]
    for i, picture in enumerate(values):
        for part in parts:
            plain = Image.fromarray(_plain_array(picture[..., part]))
            result[i, ..., part] = np.asarray(plain.resize((width, height), how)).reshape(height, width, -1)
    return result


def _plain_array(picture: np.ndarray) -> np.ndarray:
    """[h, w] of one band, [h, w, 3] of three, as Pillow takes them."""
    return np.ascontiguousarray(picture[..., 0] if picture.shape[2] == 1 else picture)
