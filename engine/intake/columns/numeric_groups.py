"""Columns of numbers, many at once: what is asked of each is computed for a group of them in a few calls."""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence

import numpy as np
import pandas as pd

AT_ONCE = 2**20
"""Cells of a group."""
MOST_ROWS = 20_000
"""Rows of a table up to which its columns are grouped; the calls for a longer column take hardly longer than its cells do."""


def numeric_groups(rows: pd.DataFrame, names: Container[str] | None = None) -> Iterator[tuple[list[str], np.ndarray]]:
    """The columns of whole and floating-point numbers, those of one type together, in groups of about `AT_ONCE` cells.

    Parameters
    ----------
    rows : pandas.DataFrame
        A table [n, columns]; one of more than `MOST_ROWS` rows has no groups.
    names : container of str
        The columns that are wanted; by default all.

    Yields
    ------
    names, matrix
        Names of k columns, and their values [k, n] in their own type, NaN for blanks.

    Examples
    --------
    >>> import pandas as pd
    >>> table = pd.DataFrame({"a": [1, 2], "b": ["x", "y"], "c": [3, 4]})
    >>> [(names, matrix.tolist()) for names, matrix in numeric_groups(table)]
    [(['a', 'c'], [[1, 2], [3, 4]])]
    """
    if not 0 < len(rows) <= MOST_ROWS:
        return
    places: dict[np.dtype, list[int]] = {}
    titles = [str(name) for name in rows.columns]
    for place, (name, kind) in enumerate(zip(titles, rows.dtypes, strict=True)):
        if isinstance(kind, np.dtype) and kind.kind in "iuf" and (names is None or name in names):
            places.setdefault(kind, []).append(place)
    step = max(1, AT_ONCE // len(rows))
    for found in places.values():
        for start in range(0, len(found), step):
            part = found[start : start + step]
            yield [titles[place] for place in part], rows.iloc[:, part].to_numpy().T


def float_groups(rows: pd.DataFrame, names: Sequence[str]) -> Iterator[tuple[list[str], np.ndarray]]:
    """The columns `names` of numbers of any type, as `numeric_groups` has them but float64; those of long tables one by one."""
    done: set[str] = set()
    for some, matrix in numeric_groups(rows, set(names)):
        done.update(some)
        yield some, matrix.astype(np.float64, copy=False)
    for name in names:
        if name not in done:
            yield [name], rows[name].to_numpy(np.float64, na_value=np.nan)[None]
