"""Tables with a pixel in each column, as digits, clothes and faces are shared as CSV: their rows are pictures."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from math import isqrt

import numpy as np
import pandas as pd

from engine.intake.media.arrays import from_array
from engine.intake.media.picture_tables import known_label
from engine.intake.options import ReadOptions
from engine.intake.raw import Content, Role
from engine.intake.wording import italic

PLACE = re.compile(r"(?:pixels?|pix|px)[ _.-]?(\d{1,5})", re.IGNORECASE)
ROW_COLUMN = re.compile(r"(?:(?:pixels?|pix|px)[ _.-]?)?(\d{1,3})[x_](\d{1,3})", re.IGNORECASE)
LEAST = 64
"""Pixels that a picture has at least."""
BRIGHTEST = 255
DIM = 128
"""Highest value below which the range of a set is not 0 to 255, and is stretched."""


def from_pixel_columns(content: Content, name: str, options: ReadOptions) -> Content:
    """Content as pictures where the names of most columns are those of pixels and their cells whole numbers from 0 to 255.

    What else the table holds stays beside the pictures. As it came where it is no such table, or is asked for as one.
    """
    if options.kind not in (None, "image") or content.kind not in (None, "table") or content.values is not None:
        return content
    names, shape = _pixels(list(map(str, content.rows.columns)))
    pixels = _values(content.rows, names) if names else None
    if pixels is None:
        return content
    pictures = from_array(pixels.reshape(len(pixels), *shape), name, ReadOptions(kind="image", axes="n,h,w"))
    others = content.rows.drop(columns=names).reset_index(drop=True)
    label = known_label(others)
    beside: dict[str, Role] = {str(column): "label" if column == label else "ignore" for column in others}
    own = pictures.rows.drop(columns=[column for column in pictures.rows if column in beside])
    height, width = shape
    note = (
        f"Each row of {italic(name)} holds a picture of {width} x {height} pixels, a pixel in each column, and was read as such; "
        "to group the columns as they are, read it as a table."
    )
    return replace(
        pictures,
        rows=pd.concat([own, others], axis=1),
        notes=[note, *content.notes, *pictures.notes],
        roles={**pictures.roles, **beside},
        formats={**{key: value for key, value in content.formats.items() if key not in names}, **pictures.formats},
        alternatives={**content.alternatives, "kind": ("image", "table")},
    )


def _pixels(columns: Sequence[str]) -> tuple[list[str], tuple[int, int]]:
    """The columns of pixels row by row, and height and width of the picture; none where they make up no picture."""
    places = {column: found for column in columns if (found := ROW_COLUMN.fullmatch(column))}
    if len(places) >= LEAST:
        named = {(int(found[1]), int(found[2])): column for column, found in places.items()}
        down, across = sorted({row for row, _ in named}), sorted({column for _, column in named})
        if len(named) == len(places) == len(down) * len(across) and min(len(down), len(across)) > 1:
            return [named[row, column] for row in down for column in across], (len(down), len(across))
    numbered = {int(found[1]): column for column in columns if (found := PLACE.fullmatch(column))}
    side = isqrt(len(numbered))
    if len(numbered) < LEAST or side**2 != len(numbered) or max(numbered) - min(numbered) != len(numbered) - 1:
        return [], (0, 0)
    return [numbered[place] for place in sorted(numbered)], (side, side)


def _values(rows: pd.DataFrame, names: Sequence[str]) -> np.ndarray | None:
    """The cells [n, pixels] as uint8, or as floats where they stay dim; None where one is no whole number from 0 to 255."""
    values = np.empty((len(rows), len(names)), np.uint8)
    for i, name in enumerate(names):
        if not pd.api.types.is_numeric_dtype(rows[name].dtype):
            return None
        cells = rows[name].to_numpy(np.float64, na_value=np.nan)
        if not bool(((cells >= 0) & (cells <= BRIGHTEST) & (cells % 1 == 0)).all()):
            return None
        values[:, i] = cells
    return values if values.max(initial=0) >= DIM else values.astype(np.float32)
