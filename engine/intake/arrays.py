"""Arrays: NPY, NPZ and IDX files, and arrays from Python. What the axes mean follows one stated rule.

Two axes are a table [n, features]. Three axes are pictures [n, h, w] if the numbers are bytes (uint8) or the last two axes are
equally long, else series [n, channels, time]. Four axes are pictures [n, h, w, c], or [n, c, h, w] if only the second axis
has length 1, 3 or 4.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from tokenize import TokenError
from typing import Any

import numpy as np
import pandas as pd

from engine.core.errors import InputError
from engine.intake.naming import unique_names
from engine.intake.raw import Content, Kind, Role
from engine.intake.wording import count, italic, joined

X_KEYS = ("x", "X", "data", "images", "features", "samples", "arr_0")
Y_KEYS = ("y", "Y", "labels", "label", "target", "targets", "arr_1")
DARK = 16  # bytes that never exceed this are a smaller scale, such as the 0 to 16 of scikit-learn's digits
IDX_TYPES = {8: ">u1", 9: ">i1", 11: ">i2", 12: ">i4", 13: ">f4", 14: ">f8"}


def read_npy(data: bytes, name: str) -> np.ndarray:
    """The array in an NPY file, given as bytes; never unpickles. InputError if it is cut off or holds Python objects."""
    stream = io.BytesIO(data)
    try:
        version = np.lib.format.read_magic(stream)
        header = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
        shape, _, dtype = header(stream)
    except (ValueError, SyntaxError, TypeError, KeyError, TokenError) as error:
        raise InputError(f"{italic(name)} is a damaged NPY file: save the array again.") from error
    if dtype.hasobject:
        raise InputError(
            f"{italic(name)} holds Python objects, which are never opened because they can run programs: "
            "save plain numbers instead, for example with x.astype(float)."
        )
    if len(data) - stream.tell() < int(np.prod(shape, dtype=np.float64)) * dtype.itemsize:
        raise InputError(f"{italic(name)} ends in the middle: it was not copied completely. Upload it again.")
    stream.seek(0)
    try:
        array: np.ndarray = np.lib.format.read_array(stream, allow_pickle=False)
    except ValueError as error:
        raise InputError(f"{italic(name)} is a damaged NPY file: save the array again.") from error
    return array


def read_idx(data: bytes, name: str) -> np.ndarray:
    """The array in an IDX file (LeCun's format: two zeros, type, number of axes, sizes); InputError if it is cut off."""
    axes = data[3]
    shape = tuple(int(n) for n in np.frombuffer(data, ">u4", axes, 4)) if len(data) >= 4 + 4 * axes else (2**40,)
    dtype = np.dtype(IDX_TYPES[data[2]])
    if len(data) - 4 - 4 * axes < int(np.prod(shape, dtype=np.float64)) * dtype.itemsize:
        raise InputError(f"{italic(name)} ends in the middle: it was not copied completely. Upload it again.")
    values = np.frombuffer(data, dtype, int(np.prod(shape)), 4 + 4 * axes).reshape(shape)
    return values.astype(dtype.newbyteorder("="))


def from_arrays(arrays: Mapping[str, np.ndarray], name: str, kind: Kind | None = None) -> Content:
    """Content of named arrays, such as an NPZ.

    Parameters
    ----------
    arrays
        x, in one of the shapes of `from_array`, and where present labels y [n] or [n, L], class_names, feature_names and
        label_names; other usual names of x and y will do.
    name
        What the user calls the file.
    kind
        What x holds, where that is known.

    Raises
    ------
    InputError
        If no array, or more than one, could be x, or an array cannot be used.
    """
    x_key = next((key for key in X_KEYS if key in arrays), None)
    if x_key is None:
        numeric = [key for key, value in arrays.items() if value.ndim >= 2]
        if len(numeric) != 1:
            keys = joined([italic(key) for key in arrays]) or "nothing"
            raise InputError(f"{italic(name)} holds {keys}: name the array with the data x, and the one with labels y.")
        x_key = numeric[0]
    content = from_array(arrays[x_key], name, kind, _words(arrays.get("feature_names")))
    y_key = next((key for key in Y_KEYS if key in arrays and key != x_key), None)
    if y_key is not None:
        add_labels(content, arrays[y_key], name, _words(arrays.get("class_names")), _words(arrays.get("label_names")))
    return content


def _words(array: np.ndarray | None) -> list[str]:
    return [str(value) for value in array.ravel()] if array is not None and array.ndim <= 1 else []


def from_array(x: np.ndarray, name: str, kind: Kind | None = None, feature_names: list[str] | None = None) -> Content:
    """Content of one array.

    Parameters
    ----------
    x
        Numbers [n], [n, features], [n, h, w], [n, h, w, c], [n, c, h, w] or [n, channels, time]; the module's rule says which.
    name
        What the user calls the file.
    kind
        What x holds, where that is known; the rule does not apply then.
    feature_names
        Names of the columns; used where there is one for each.

    Raises
    ------
    InputError
        If x holds no numbers, is empty or has axes that fit none of these.
    """
    if x.dtype.kind not in "biuf":
        raise InputError(f"{italic(name)} holds {x.dtype.name} values where numbers are needed.")
    if x.ndim < 2 and x.size:
        x = x.reshape(-1, 1)
    if not x.size or x.ndim > 4:
        shape = " x ".join(str(n) for n in x.shape)
        raise InputError(
            f"{italic(name)} has the shape {shape}; bring [n, features], [n, h, w], [n, h, w, c] or [n, channels, time]."
        )
    found = kind or _kind_by_rule(x)
    if found == "image":
        return _pictures(x, name)
    if found == "series":
        return _series(x, name)
    return _table(x.reshape(len(x), -1), name, feature_names or [])


def _kind_by_rule(x: np.ndarray) -> Kind:
    if x.ndim == 2:
        return "table"
    return "image" if x.ndim == 4 or x.dtype == np.uint8 or x.shape[1] == x.shape[2] else "series"


def _table(x: np.ndarray, name: str, feature_names: list[str]) -> Content:
    given = feature_names if len(feature_names) == x.shape[1] else [f"x{i}" for i in range(1, x.shape[1] + 1)]
    names, notes = unique_names(given)
    if x.dtype.kind == "f":
        notes += _holes(x, name, names)
        x = np.where(np.isinf(x), np.nan, x).astype(np.float64)
    else:
        x = x.astype(np.int64)
    return Content(pd.DataFrame(x, columns=pd.Index(names, dtype="str")), "table", notes=notes)


def _holes(x: np.ndarray, name: str, names: list[str]) -> list[str]:
    """Sentences on NaN and infinity: how many, and where the first one is."""
    notes = []
    for what, mask in (("no number (NaN)", np.isnan(x)), ("infinity", np.isinf(x))):
        if mask.any():
            row, column = (int(i) for i in np.argwhere(mask)[0])
            notes.append(
                f"{count(int(mask.sum()), 'cell')} of {italic(name)} hold {what}, the first in row {row + 1:,}, "
                f"column {italic(names[column])}; they count as blank."
            )
    return notes


def _pictures(x: np.ndarray, name: str) -> Content:
    if x.ndim == 2:
        side = round(x.shape[1] ** 0.5)
        if side * side != x.shape[1]:
            raise InputError(f"{italic(name)} has {x.shape[1]:,} numbers in a row, which is no square picture.")
        x = x.reshape(len(x), side, side)
    if x.ndim == 4 and x.shape[1] in (1, 3, 4) and x.shape[3] not in (1, 3, 4):
        x = np.moveaxis(x, 1, 3)
    x = x[..., None] if x.ndim == 3 else x
    if x.shape[3] not in (1, 3, 4):
        raise InputError(f"{italic(name)} has {x.shape[3]} color channels; pictures have 1 (gray), 3 (color) or 4.")
    notes: list[str] = []
    values = x if x.dtype == np.uint8 and x.max() > DARK else _as_bytes(x, name, notes)
    if values.shape[3] == 4:
        share = values[..., 3:].astype(np.float32) / 255
        values = np.rint(values[..., :3] * share + 255 * (1 - share)).astype(np.uint8)
    rows = pd.DataFrame({"picture": np.arange(1, len(x) + 1)})
    return Content(rows, "image", np.ascontiguousarray(values), notes, {"picture": "id"})


def _as_bytes(x: np.ndarray, name: str, notes: list[str]) -> np.ndarray:
    """Brightness as bytes 0..255 from 0..1, -1..1, 0..255 or any other range, which is then stretched and noted."""
    x = x.astype(np.float32)
    bad = ~np.isfinite(x).reshape(len(x), -1).all(axis=1)
    if bad.any():
        raise InputError(
            f"{count(int(bad.sum()), 'picture')} of {italic(name)} hold NaN or infinity (the first is number "
            f"{int(np.argmax(bad)) + 1:,}): replace or leave them out."
        )
    low, high = float(x.min()), float(x.max())
    if low >= 0 and DARK < high <= 255:
        whole: np.ndarray = np.rint(x).astype(np.uint8)
        return whole
    if low >= 0 and high <= 1:
        low, high = 0.0, 1.0
    elif low >= -1 and high <= 1:
        low, high = -1.0, 1.0
    else:
        notes.append(f"Brightness in {italic(name)} ran from {low:g} to {high:g} and was stretched to 0 to 255.")
    stretched: np.ndarray = np.rint((x - low) * (255 / max(high - low, 1e-12))).astype(np.uint8)
    return stretched


def _series(x: np.ndarray, name: str) -> Content:
    from engine.intake.series import series_content

    if x.ndim == 2:
        x = x[:, None, :]
    if x.ndim != 3:
        raise InputError(f"{italic(name)} has {x.ndim} axes; a set of series has [n, time] or [n, channels, time].")
    return series_content(x.astype(np.float32), name)


def add_labels(content: Content, y: np.ndarray, name: str, class_names: list[str], label_names: list[str]) -> None:
    """Add labels [n] or [n, L] to the rows: the first is the known answer, further ones are for coloring only.

    InputError unless there is one for each row.
    """
    if y.ndim not in (1, 2) or len(y) != len(content.rows):
        labels = count(y.shape[0] if y.ndim else 1, "label")
        raise InputError(
            f"{italic(name)} has {len(content.rows):,} rows, but {labels}: there must be one for each row."
        )
    y = y.reshape(len(y), -1)
    names = (
        label_names if len(label_names) == y.shape[1] else ["label", *(f"label {i}" for i in range(2, y.shape[1] + 1))]
    )
    roles: dict[str, Role] = dict(content.roles)
    for i, column in enumerate(names):
        while column in content.rows:
            column += " (label)"
        content.rows[column] = _named(y[:, i], class_names if y.shape[1] == 1 else [])
        roles[column] = "label" if i == 0 else "ignore"
    content.roles = roles


def _named(y: np.ndarray, class_names: list[str]) -> pd.Series[Any]:
    if class_names and y.dtype.kind in "iu" and y.min() >= 0 and y.max() < len(class_names):
        return pd.Series(np.asarray(class_names)[y]).astype("str")
    if y.dtype.kind in "iub":
        return pd.Series(y.astype(np.int64))
    return pd.Series(y.astype(str)).astype("str")
