"""Matrix Market files, sparse or dense."""

from __future__ import annotations

import io

import numpy as np

from engine.core.errors import InputError
from engine.intake.graph import check_square, from_adjacency
from engine.intake.media.arrays import from_array
from engine.intake.options import ReadOptions
from engine.intake.raw import Content
from engine.intake.wording import italic, size

SHORTEST = 2
"""Bytes that an entry takes at least: a digit and the end of its line."""


def read(data: bytes, name: str, options: ReadOptions, limit: int) -> Content:
    """The matrix, its rows as members. InputError where it is damaged or unpacks to too much."""
    from scipy.io import mminfo, mmread

    try:
        rows, columns, entries, form, *_ = mminfo(io.BytesIO(data))
        if form == "coordinate" and entries * SHORTEST > len(data):
            raise InputError(f"{italic(name)} ends in the middle: it was not copied completely. Upload it again.")
        as_graph = options.kind == "graph"
        if as_graph:
            check_square((rows, columns), name)
        elif rows * columns * 8 > 4 * limit:
            raise InputError(
                f"{italic(name)} is a matrix of {rows:,} x {columns:,} numbers, more than {size(4 * limit)}: bring a part of it."
            )
        found = mmread(io.BytesIO(data))
    except InputError:
        raise
    except (ValueError, OverflowError, OSError, TypeError) as error:
        raise InputError(f"{italic(name)} is a damaged Matrix Market file: write it again.") from error
    if as_graph:
        return from_adjacency(found, name)
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
