"""MAT files up to version 7: their arrays. Version 7.3 is HDF5."""

from __future__ import annotations

import io
import math
import zlib

import numpy as np

from engine.core.errors import InputError
from engine.intake.media.arrays import from_arrays
from engine.intake.options import ReadOptions
from engine.intake.raw import Content
from engine.intake.wording import italic, size


def read(data: bytes, name: str, options: ReadOptions, limit: int) -> Content:
    """The arrays of numbers in a MAT file, judged by what they hold. InputError where it is damaged or holds none."""
    from scipy.io import loadmat, whosmat
    from scipy.io.matlab import MatReadError

    try:
        for title, shape, _ in whosmat(io.BytesIO(data)):
            if math.prod(shape) * 8 > 4 * limit:
                raise InputError(
                    f"Array {italic(title)} of {italic(name)} unpacks to more than {size(4 * limit)}: bring a part of it."
                )
        found = loadmat(io.BytesIO(data))
    except InputError:
        raise
    except (
        MatReadError,
        ValueError,
        TypeError,
        OSError,
        KeyError,
        IndexError,
        NotImplementedError,
        zlib.error,
    ) as error:
        raise InputError(f"{italic(name)} is a damaged MAT file: save it again in MATLAB.") from error
    arrays = {key: _plain(value) for key, value in found.items() if key[:2] != "__"}
    return from_arrays(numeric(arrays, name), name, options)


def _plain(value: object) -> np.ndarray:
    array = np.asarray(value.toarray() if hasattr(value, "toarray") else value)
    if array.ndim == 2 and 1 in array.shape and array.size > 1:
        return array.ravel()
    return array


def numeric(arrays: dict[str, np.ndarray], name: str) -> dict[str, np.ndarray]:
    """The arrays that hold numbers. InputError where there is none."""
    usable = {key: array for key, array in arrays.items() if array.dtype.kind in "biuf" and array.size > 1}
    if not usable:
        raise InputError(
            f"{italic(name)} holds no array of numbers: save the data as a matrix, one row for each member."
        )
    return usable
