"""Large arrays and columns in files without a name, mapped into memory: the system holds what is in use and may let it go again.

Such a file is gone with the last array on it, however the process ends.
"""

from __future__ import annotations

import mmap
import os
import tempfile
from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeVar

import numpy as np
import pandas as pd
import pyarrow as pa

from engine.intake.limits import free_memory

Rows = TypeVar("Rows", pd.DataFrame, "pd.Series[Any]")
LONG = 2**20
"""Rows from which on the columns of a table are mapped."""
LARGE = 2**26
"""Bytes of an array from which on it is mapped."""
SHARE = 0.25
"""Share of the free memory that an array may take; larger ones are mapped."""
PIECE = 2**19
"""Rows that are worked on at a time."""
WORDS = pd.StringDtype("pyarrow", na_value=np.nan)
"""The type of columns of words."""


def is_long(rows: int) -> bool:
    """Whether columns of so many rows are mapped."""
    return rows >= LONG


def is_large(nbytes: int) -> bool:
    """Whether an array of so many bytes is mapped."""
    return nbytes >= LARGE


def mapped_array(shape: tuple[int, ...], dtype: Any) -> np.ndarray:
    """An array of zeros of a shape and type, to be written, in a file without a name; OSError where the disk is full."""
    dtype = np.dtype(dtype)
    with tempfile.TemporaryFile(prefix="constella-") as file:
        nbytes = int(np.prod(shape, dtype=np.int64)) * dtype.itemsize
        if hasattr(os, "posix_fallocate"):  # a map of a file that the disk has no room for would end the process
            os.posix_fallocate(file.fileno(), 0, max(nbytes, 1))
        return np.asarray(np.memmap(file, dtype, "w+", shape=shape))


def room_for(shape: tuple[int, ...], dtype: Any = np.float32) -> np.ndarray:
    """An array of a shape and type to be written: in memory, or in a file where it would take much of what memory is free."""
    nbytes, free = int(np.prod(shape, dtype=np.int64)) * np.dtype(dtype).itemsize, free_memory()
    if is_large(nbytes) and free is not None and nbytes > SHARE * free:
        return mapped_array(shape, dtype)
    return np.empty(shape, dtype)


def file_of(array: np.ndarray) -> mmap.mmap | None:
    """The file that an array of any shape lies in; None where it lies in memory."""
    base: Any = array
    while base is not None and not isinstance(base, mmap.mmap):
        base = getattr(base, "base", None)
    return base


def mapped_words(chunks: Iterable[pa.Array], kind: pa.DataType) -> pa.ChunkedArray:
    """Chunks of one Arrow type, given one by one, as a column in a file without a name."""
    schema = pa.schema({"": kind})
    with tempfile.TemporaryFile(prefix="constella-") as file:
        with pa.ipc.new_file(file, schema) as writer:
            for chunk in chunks:
                writer.write_batch(pa.record_batch([chunk], schema=schema))
        file.flush()
        content = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    return pa.ipc.open_file(pa.BufferReader(pa.py_buffer(content))).read_all().column(0)


def elementwise(function: Callable[[Any], Any], column: pa.ChunkedArray) -> pa.ChunkedArray:
    """What a function that looks at each cell alone makes of a column; of a long one, chunk by chunk and into a file.

    Examples
    --------
    >>> import pyarrow.compute as pc
    >>> elementwise(pc.utf8_upper, pa.chunked_array([["a", "b"]])).to_pylist()
    ['A', 'B']
    """
    if not is_long(len(column)):
        return function(column)
    results = (function(chunk) for chunk in column.chunks)
    first = next(results)
    return mapped_words((chunk for part in ([first], results) for chunk in part), first.type)


def some_rows(rows: Rows) -> Rows:
    """Rows from everywhere in a long table, as many as others have at most; the rows of others as they are."""
    return rows.iloc[:: -(-len(rows) // LONG)] if is_long(len(rows)) else rows


def pieces(n: int) -> Iterator[slice]:
    """The rows 0..n-1 in pieces that are worked on at a time."""
    for start in range(0, n, PIECE):
        yield slice(start, min(start + PIECE, n))


def taken(values: np.ndarray, places: np.ndarray) -> np.ndarray:
    """`values[places]` of an array [n, ...] and indices [m]; in a file where these are many or it is large."""
    nbytes = values[:1].nbytes * len(places)
    if not is_long(len(places)) and not is_large(nbytes):
        result: np.ndarray = values[places]
        return result
    result = mapped_array((len(places), *values.shape[1:]), values.dtype)
    step = max(1, min(PIECE, LARGE // max(values[:1].nbytes, 1)))
    for start in range(0, len(places), step):
        result[start : start + step] = values[places[start : start + step]]
    return result


def same(a: np.ndarray, b: np.ndarray) -> bool:
    """Whether two arrays [n, ...] hold the same; compared piece by piece, and not at all where they are one and the same."""
    if a.shape != b.shape:
        return False
    if a.dtype == b.dtype and a.strides == b.strides and a.ctypes.data == b.ctypes.data:
        return True
    return all(np.array_equal(a[piece], b[piece]) for piece in pieces(len(a)))


def selected(rows: pd.DataFrame, kept: np.ndarray) -> pd.DataFrame:
    """The rows of a table at the places `kept` [m], which are in order, numbered anew; nothing is copied where these are all."""
    if len(kept) == len(rows):
        return rows
    if not is_long(len(kept)):
        return rows.iloc[kept].reset_index(drop=True)
    columns = {name: mapped_column(rows[name].iloc[kept].reset_index(drop=True)) for name in rows}
    return pd.DataFrame(columns, copy=False)


def by_piece(function: Callable[[pd.Series[Any]], np.ndarray], column: pd.Series[Any], dtype: Any) -> np.ndarray:
    """What a function that looks at each cell alone makes of a column, [n]; of a long one, piece by piece and into a file."""
    if not is_long(len(column)):
        return function(column)
    result = mapped_array((len(column),), dtype)
    for piece in pieces(len(column)):
        result[piece] = function(column.iloc[piece])
    return result


def mapped_column(values: pd.Series[Any]) -> pd.Series[Any]:
    """The same column, in a file where it is long and of numbers, dates or words."""
    if not is_long(len(values)):
        return values
    if values.dtype == WORDS:
        return words_of(mapped_words(pa.chunked_array(pa.array(values.array)).chunks, pa.large_string()), values.name)
    if not isinstance(values.dtype, np.dtype) or values.dtype.kind not in "iufbM":
        return values
    array = values.to_numpy()
    if file_of(array) is not None:
        return values
    target = mapped_array(array.shape, array.dtype)
    for piece in pieces(len(array)):
        target[piece] = array[piece]
    return pd.Series(target, name=values.name, copy=False)


def words_of(column: pa.ChunkedArray, name: Any = None) -> pd.Series[Any]:
    """A column of Arrow's large strings as pandas has words; nothing is copied."""
    words = pd.arrays.ArrowStringArray(column, dtype=WORDS)  # type: ignore[call-arg]
    return pd.Series(words, name=name, copy=False)
