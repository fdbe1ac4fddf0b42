"""Vectors as people keep them in tables: a column whose cells are lists of numbers becomes a column for each number."""

from __future__ import annotations

import warnings
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from engine.core.errors import InputError
from engine.intake.naming import unique_names
from engine.intake.raw import Content, Role
from engine.intake.wording import count, italic, quote

LEAST, LEAST_BARE = 2, 8  # numbers in a list with brackets, and in one without
MANY_WHOLE = 64  # whole numbers in a list without brackets, such as pixels
LONGEST = 20_000
LOOKED_AT, CHUNK = 50, 1000
ONE_LENGTH = (
    0.05  # deviation of the lengths (norms) of rows, as a share of their mean, up to which only directions differ
)
MANY = 16  # numbers of a row from which on they are taken for a vector by its length
_EDGES, _BETWEEN = r"^[\s\[({]+|[\s\])}]+$", r"\s*[,;\s]\s*"
_LIST = r"^(array|tensor)?[\[({]*\s*[+-]?[\d.]"


def expand_vectors(content: Content) -> Content:
    """Content in which each column of lists of numbers of one length is replaced by numeric columns `name 1` to `name d`.

    Lists are "[0.1, 0.2]" or, of `LEAST_BARE` numbers or more, "0.1 0.2 ..."; the new columns take part, and a note says so.
    InputError where lists were cut off with "..." as they were saved.
    """
    if content.kind not in (None, "table", "text") or content.values is not None:
        return content
    words = [name for name, kind in zip(content.rows, content.rows.dtypes, strict=True) if not _is_numeric(kind)]
    found = {str(name): vectors_of(content.rows[name], str(name)) for name in words if _may_be(content.rows[name])}
    vectors = {name: matrix for name, matrix in found.items() if matrix is not None}
    if not vectors:
        return content
    parts: list[pd.DataFrame] = []
    roles: dict[str, Role] = {str(name): role for name, role in content.roles.items() if name not in vectors}
    for name in map(str, content.rows):
        if name in vectors:
            names = [f"{name} {i}" for i in range(1, vectors[name].shape[1] + 1)]
            parts.append(pd.DataFrame(vectors[name], columns=pd.Index(names, dtype="str")))
            roles |= dict.fromkeys(names, "feature")
        else:
            parts.append(content.rows[[name]].reset_index(drop=True))
    rows = pd.concat(parts, axis=1)
    rows.columns = pd.Index(unique_names(list(rows.columns))[0], dtype="str")
    notes = [*content.notes, *(_note(name, matrix) for name, matrix in vectors.items())]
    return replace(content, rows=rows, kind="table", notes=notes, roles=roles)


def _note(name: str, matrix: np.ndarray) -> str:
    width = matrix.shape[1]
    return (
        f"Each cell of {italic(name)} holds {count(width, 'number')}, a vector, which became the columns "
        f"{italic(f'{name} 1')} to {italic(f'{name} {width}')}."
    )


def _is_numeric(kind: object) -> bool:
    return isinstance(kind, np.dtype) and kind.kind in "iufb"


def _may_be(column: pd.Series[Any]) -> bool:
    """Whether the first filled cell is the beginning of a list of numbers."""
    if not (pd.api.types.is_string_dtype(column.dtype) or column.dtype == object):
        return False
    first = column.first_valid_index()
    return first is not None and bool(pc.match_substring_regex(pa.scalar(str(column.loc[first])[:40]), _LIST).as_py())


def vectors_of(column: pd.Series[Any], name: str) -> np.ndarray | None:
    """float64 [n, d] of a column of lists of numbers, NaN where a cell is blank; None where it is none, or lengths differ.

    InputError where lists were cut off as they were saved.
    """
    cells = pa.array([None if value is None or value != value else str(value) for value in column], pa.string())
    blank = pc.or_kleene(pc.is_null(cells), pc.equal(pc.utf8_trim_whitespace(pc.fill_null(cells, "")), "")).to_numpy(
        False
    )
    filled = cells.filter(pa.array(~blank.astype(bool)))
    head = _parsed(filled.slice(0, LOOKED_AT), name)
    if head is None:
        return None
    whole = _parsed(filled, name)
    if whole is None:
        return None
    result = np.full((len(cells), whole.shape[1]), np.nan)
    result[~blank.astype(bool)] = whole
    return result


def _parsed(cells: pa.Array, name: str) -> np.ndarray | None:
    """Lists of numbers of one length as float64 [n, d]; None where cells hold anything else."""
    bracketed = bool(pc.all(pc.match_substring_regex(cells, r"^\s*(array\(|tensor\()?[\[({]")).as_py())
    bare = pc.replace_substring_regex(pc.replace_substring_regex(cells, r"^(array|tensor)", ""), _EDGES, "")
    spaced = pc.replace_substring_regex(bare, _BETWEEN, " ")
    if bracketed and bool(pc.any(pc.match_substring(spaced, "...")).as_py()):
        raise InputError(
            f"The lists of numbers in column {italic(name)} were cut off when they were saved ({quote(cells[0].as_py())}): "
            "save them whole, for example as Parquet, or with json.dumps(x.tolist())."
        )
    lengths = pc.add(pc.count_substring(spaced, " "), 1).to_numpy()
    least = LEAST if bracketed else LEAST_BARE
    if not len(lengths) or lengths.min() != lengths.max() or not least <= int(lengths[0]) <= LONGEST:
        return None
    pixels = int(lengths[0]) >= MANY_WHOLE
    if not bracketed and not pixels and not bool(pc.all(pc.match_substring(spaced, ".")).as_py()):
        return None  # few whole numbers between spaces may be anything: telephone numbers, codes
    result = np.empty((len(cells), int(lengths[0])))
    for start in range(0, len(cells), CHUNK):
        numbers = _numbers(" ".join(spaced.slice(start, CHUNK).to_pylist()))
        if numbers is None or len(numbers) != result[start : start + CHUNK].size:
            return None
        result[start : start + CHUNK] = numbers.reshape(-1, result.shape[1])
    return result


def _numbers(text: str) -> np.ndarray | None:
    with warnings.catch_warnings():
        warnings.simplefilter("error", DeprecationWarning)  # how numpy says that something is no number
        try:
            return np.fromstring(text, np.float64, sep=" ")
        except (DeprecationWarning, ValueError):
            return None


def differ_in_direction(matrix: np.ndarray) -> bool:
    """Whether the rows of `matrix` [n, d] are vectors of nearly one length, which only their directions tell apart.

    Examples
    --------
    >>> x = np.random.default_rng(0).normal(size=(50, 32))
    >>> differ_in_direction(x / np.linalg.norm(x, axis=1, keepdims=True)), differ_in_direction(x * np.arange(1, 33))
    (True, False)
    """
    if matrix.shape[1] < MANY or len(matrix) < 2 or not (matrix < 0).any():
        return False
    lengths = np.linalg.norm(np.nan_to_num(matrix), axis=1)
    return bool(lengths.mean() > 0 and lengths.std() <= ONE_LENGTH * lengths.mean())
