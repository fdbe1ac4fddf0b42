"""Matrix Market files, sparse or dense."""

from __future__ import annotations

import io

import numpy as np

from engine.core.errors import InputError
from engine.intake.media.arrays import from_array
from engine.intake.options import ReadOptions
from engine.intake.raw import Content
from engine.intake.wording import italic, size


def read(data: bytes, name: str, options: ReadOptions, limit: int) -> Content:
    """The matrix, its rows as members. InputError where it is damaged or unpacks to too much."""
    from scipy.io import mminfo, mmread

    try:
        rows, columns, *_ = mminfo(io.BytesIO(data))
        if rows * columns * 8 > 4 * limit:
            raise InputError(
                f"{italic(name)} is a matrix of {rows:,} x {columns:,} numbers, more than {size(4 * limit)}: bring a part of it."
            )
        found = mmread(io.BytesIO(data))
    except InputError:
        raise
    except (ValueError, OverflowError, OSError, TypeError) as error:
        raise InputError(f"{italic(name)} is a damaged Matrix Market file: write it again.") from error
    matrix = np.asarray(found.toarray() if hasattr(found, "toarray") else found)
    matrix = matrix.T if options.transpose else matrix
    content = from_array(matrix, name, options)
    content.notes.append(
        f"{italic(name)} is a matrix of {rows:,} rows and {columns:,} columns; "
        + (
            "they changed places."
            if options.transpose
            else "its rows are the members: transpose it if they should be the columns."
        )
    )
    return content
