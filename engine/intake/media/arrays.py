"""Arrays: NPY, NPZ and IDX files, and arrays from Python. `engine.intake.media.axes` says what their axes mean."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping
from tokenize import TokenError
from typing import Any

import numpy as np
import pandas as pd

from engine.core.errors import InputError
from engine.intake.frames import from_frame
from engine.intake.graph import check_square, from_adjacency
from engine.intake.media.axes import alternatives_of, layout_of, note_of
from engine.intake.media.brightness import DARK, KEY, fit_brightness, remembered
from engine.intake.media.named_arrays import choose, dense, is_sparse, sparse_matrix
from engine.intake.media.series import series_content
from engine.intake.naming import unique_names
from engine.intake.options import Kind, ReadOptions
from engine.intake.raw import Content, Role
from engine.intake.wording import count, italic, listed

IDX_TYPES = {8: ">u1", 9: ">i1", 11: ">i2", 12: ">i4", 13: ">f4", 14: ">f8"}
MOST_CHARACTER = 0x10FFFF
OPAQUE = 0.5  # share of the pixels of a fourth channel that are clear or solid where it says how transparent pixels are
WORDS_ADVICE = "save numbers with x.astype(float), and words with y.astype(str)"


class HoldsObjects(InputError):
    """An array of Python objects, which is never opened."""


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
        raise HoldsObjects(
            f"{italic(name)} holds Python objects, which are never opened because they can run programs: {WORDS_ADVICE}."
        )
    if dtype.itemsize == 0:
        raise InputError(f"{italic(name)} holds words without any letter: there is nothing to group.")
    if len(data) - stream.tell() < int(np.prod(shape, dtype=np.float64)) * dtype.itemsize:
        raise InputError(f"{italic(name)} ends in the middle: it was not copied completely. Upload it again.")
    stream.seek(0)
    try:
        array: np.ndarray = np.lib.format.read_array(stream, allow_pickle=False)
    except ValueError as error:
        raise InputError(f"{italic(name)} is a damaged NPY file: save the array again.") from error
    _check_words(array, name)
    return array


def _check_words(array: np.ndarray, name: str) -> None:
    """InputError if an array of words holds what is no character."""
    if array.dtype.kind == "U" and array.size:
        letters = np.ascontiguousarray(array).view(array.dtype.newbyteorder("=").byteorder.replace("=", "") + "u4")
        letters = letters if array.dtype.isnative else letters.byteswap()
        if int(letters.max()) > MOST_CHARACTER:
            raise InputError(f"{italic(name)} holds damaged words: save the array again.")


def read_idx(data: bytes, name: str) -> np.ndarray:
    """The array in an IDX file (LeCun's format: two zeros, type, number of axes, sizes); InputError if it is cut off."""
    axes = data[3]
    shape = tuple(int(n) for n in np.frombuffer(data, ">u4", axes, 4)) if len(data) >= 4 + 4 * axes else (2**40,)
    dtype = np.dtype(IDX_TYPES[data[2]])
    if len(data) - 4 - 4 * axes < int(np.prod(shape, dtype=np.float64)) * dtype.itemsize:
        raise InputError(f"{italic(name)} ends in the middle: it was not copied completely. Upload it again.")
    if 0 in shape:
        raise InputError(f"{italic(name)} holds no values: one of its axes has the length 0.")
    values = np.frombuffer(data, dtype, int(np.prod(shape)), 4 + 4 * axes).reshape(shape)
    return values.astype(dtype.newbyteorder("="))


def from_npz(files: Iterable[tuple[str, bytes | None]], name: str, options: ReadOptions) -> Content:
    """Content of the NPY files of an NPZ; arrays of Python objects are left out and said. InputError where nothing is left."""
    arrays: dict[str, np.ndarray] = {}
    objects: dict[str, HoldsObjects] = {}
    for path, data in files:
        if data is None:
            raise InputError(f"{italic(path)} in {italic(name)} is damaged or has a password: pack it again without.")
        key = path.removesuffix(".npy")
        try:
            arrays[key] = read_npy(data, f"{name}/{path}")
        except HoldsObjects as error:
            objects[key] = error
    try:
        content = from_arrays(arrays, name, options)
    except InputError:
        if objects:
            raise next(iter(objects.values())) from None
        raise
    if objects:
        verb = "holds" if len(objects) == 1 else "hold"
        content.notes.append(
            f"{listed(list(objects))} {verb} Python objects, which are never opened because they can run programs, and "
            f"{'was' if len(objects) == 1 else 'were'} left out: {WORDS_ADVICE}."
        )
    return content


def from_arrays(arrays: Mapping[str, np.ndarray], name: str, options: ReadOptions | Kind | None = None) -> Content:
    """Content of named arrays, such as an NPZ or a MAT file.

    Parameters
    ----------
    arrays
        The data, in one of the shapes of `from_array`, and where present labels [n], [n, L] or one-hot, names of classes and
        features, and what else there is of each row. Which is which is told by what they hold, and by usual names such as x
        and y. The parts of a sparse matrix, as scipy.sparse.save_npz names them, are that matrix.
    name
        What the user calls the file.
    options
        How they are read; `sheet` names the array with the data. A kind alone says what that array holds.

    Returns
    -------
    Content
        With notes on what was left out, and in `alternatives["sheet"]` the other arrays that could be the data.

    Raises
    ------
    InputError
        If no array, or more than one, could be the data, or an array cannot be used.
    """
    chosen_options = options if isinstance(options, ReadOptions) else ReadOptions(kind=options)
    if is_sparse(arrays) and chosen_options.kind == "graph":
        check_square(arrays["shape"].tolist(), name)
        return from_adjacency(sparse_matrix(arrays, name), name)
    if is_sparse(arrays):
        x, notes = dense(arrays, name)
        content = from_array(x, name, chosen_options)
        content.notes[:0] = notes
        return content
    chosen = choose(arrays, name, chosen_options.sheet)
    content = from_array(chosen.x, name, chosen_options, chosen.names.get("feature_names"))
    content.notes[:0] = chosen.notes
    if len(chosen.others) > 1:
        content.alternatives["sheet"] = chosen.others
    if chosen.y is not None:
        classes = chosen.names.get("class_names") or chosen.names.get("target_names") or []
        add_labels(content, chosen.y, name, classes, chosen.names.get("label_names", []))
    _add_beside(content, chosen.beside)
    return content


def _add_beside(content: Content, beside: Mapping[str, np.ndarray]) -> None:
    """What else is known of each row, as columns that do not count."""
    roles: dict[str, Role] = dict(content.roles)
    for key, values in beside.items():
        column = _named(values, [])
        while key in content.rows:
            key += " (beside)"
        content.rows[key] = column
        roles[key] = "id" if values.dtype.kind in "US" and column.nunique() == len(column) else "ignore"
    content.roles = roles


def from_array(
    x: np.ndarray, name: str, options: ReadOptions | Kind | None = None, feature_names: list[str] | None = None
) -> Content:
    """Content of one array.

    Parameters
    ----------
    x
        Numbers [n], [n, features], [n, h, w], [n, h, w, bands], [n, bands, h, w], [n, channels, time] or [n, time, channels];
        `engine.intake.media.axes` tells which. Words [n] or [n, columns], and arrays of records, are tables.
    name
        What the user calls the file.
    options
        How it is read; a kind alone says what it holds.
    feature_names
        Names of the columns; used where there is one for each.

    Raises
    ------
    InputError
        If x holds neither numbers nor words, is empty or has axes that fit none of these.
    """
    options = options if isinstance(options, ReadOptions) else ReadOptions(kind=options)
    if options.kind == "graph":
        return from_adjacency(x, name)
    if x.dtype.names is not None or (x.dtype.kind in "USMm" and 1 <= x.ndim <= 2 and x.size):
        return from_frame(_frame(x, name))
    if x.dtype.kind not in "biuf":
        raise InputError(f"{italic(name)} holds {x.dtype.name} values where numbers are needed.")
    if x.ndim < 2 and x.size:
        x = x.reshape(-1, 1)
    if not x.size or x.ndim > 4:
        shape = " x ".join(str(n) for n in x.shape)
        raise InputError(
            f"{italic(name)} has the shape {shape}; bring [n, features], [n, h, w], [n, h, w, c] or [n, channels, time]."
        )
    layout = layout_of(x, name, options)
    if layout.kind == "table":
        content = _table(x.reshape(len(x), -1), name, feature_names or [])
    elif layout.kind == "image":
        content = _pictures(np.moveaxis(x, 1, 3) if layout.axes == "n,c,h,w" else x, name, options)
    else:
        content = _series(np.moveaxis(x, 1, 2) if layout.axes == "n,time,channels" else x, name)
    note, others = note_of(x, layout, name), alternatives_of(x, layout)
    content.notes[:0] = [note] if note else []
    content.alternatives |= {"axes": others} if others else {}
    return content


def _frame(x: np.ndarray, name: str) -> pd.DataFrame:
    """Records, words or dates as a table."""
    if x.dtype.names is not None:
        if x.ndim != 1 or any(x.dtype[field].shape or x.dtype[field].hasobject for field in x.dtype.names):
            raise InputError(
                f"{italic(name)} holds records within records: bring a row of plain values for each member."
            )
        return pd.DataFrame({field: _words(x[field]) for field in x.dtype.names})
    table = x.reshape(len(x), -1)
    names = ["text"] if table.shape[1] == 1 and x.dtype.kind in "US" else [f"x{i + 1}" for i in range(table.shape[1])]
    return pd.DataFrame({column: _words(table[:, i]) for i, column in enumerate(names)})


def _words(values: np.ndarray) -> Any:
    return (
        np.char.decode(values, "utf-8", "replace").astype(object)
        if values.dtype.kind == "S"
        else (values.astype(object) if values.dtype.kind == "U" else values)
    )


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


def _pictures(x: np.ndarray, name: str, options: ReadOptions) -> Content:
    if x.ndim == 2:
        side = round(x.shape[1] ** 0.5)
        if side * side != x.shape[1]:
            raise InputError(f"{italic(name)} has {x.shape[1]:,} numbers in a row, which is no square picture.")
        x = x.reshape(len(x), side, side)
    x = x[..., None] if x.ndim == 3 else x
    notes: list[str] = []
    values, formats = _as_bytes(x, name, options, notes)
    if values.shape[3] == 4 and _is_transparency(values[..., 3]):
        share = values[..., 3:].astype(np.float32) / 255
        values = np.rint(values[..., :3] * share + 255 * (1 - share)).astype(np.uint8)
        notes.append(
            f"The fourth channel of {italic(name)} says how transparent a pixel is; pictures were laid on white."
        )
    rows = pd.DataFrame({"picture": np.arange(1, len(x) + 1)})
    return Content(rows, "image", np.ascontiguousarray(values), notes, {"picture": "id"}, formats=formats)


def _is_transparency(channel: np.ndarray) -> bool:
    """Whether a fourth channel says how transparent pixels are, and is no band of its own: most of it is clear or solid."""
    return bool(((channel == 0) | (channel == 255)).mean() > OPAQUE)


def _as_bytes(x: np.ndarray, name: str, options: ReadOptions, notes: list[str]) -> tuple[np.ndarray, dict[str, Any]]:
    """Brightness as bytes 0..255, and how it was scaled; as in the data that a model was trained on where there are some."""
    known = remembered(options.formats, x.shape[3])
    if known is None and x.dtype == np.uint8 and x.max() > DARK:
        return x, {}
    bad = ~np.isfinite(x).reshape(len(x), -1).all(axis=1)
    if bad.any():
        raise InputError(
            f"{count(int(bad.sum()), 'picture')} of {italic(name)} hold NaN or infinity (the first is number "
            f"{int(np.argmax(bad)) + 1:,}): replace or leave them out."
        )
    brightness = known or fit_brightness(x, name)
    notes += [brightness.note] if brightness.note else []
    values = np.empty(x.shape, np.uint8)
    for i, picture in enumerate(x):
        values[i] = brightness.to_bytes(picture)
    return values, {KEY: brightness.to_json()}


def _series(x: np.ndarray, name: str) -> Content:
    if x.ndim == 2:
        x = x[:, None, :]
    if x.ndim != 3:
        raise InputError(f"{italic(name)} has {x.ndim} axes; a set of series has [n, time] or [n, channels, time].")
    return series_content(x, name)


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
    if y.dtype.kind == "f":
        whole = bool(np.isfinite(y).all() and (y == np.rint(y)).all() and np.abs(y).max(initial=0) < 2**53)
        return pd.Series(y.astype(np.int64 if whole else np.float64))
    return pd.Series(y.astype(str)).astype("str")
