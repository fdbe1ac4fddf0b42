"""How often each word of a column comes; of long columns in which most words differ, without a table of them all."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from engine.intake.mapped import is_long, mapped_array, pieces

MOST = 2000
"""Words of such columns that are returned."""


def word_counts(values: pd.Series[Any]) -> tuple[pd.Series[int], int]:
    """How often words come, and how many differ.

    Parameters
    ----------
    values : pandas.Series
        Words [n] without blanks.

    Returns
    -------
    counts : pandas.Series
        The most frequent words first, as index. All of them, but the 2,000 most frequent of a long column in which most differ.
    distinct : int
        How many words differ.

    Examples
    --------
    >>> word_counts(pd.Series(["b", "a", "b"]))[0].to_dict()
    {'b': 2, 'a': 1}
    """
    head = values.iloc[next(pieces(len(values)), slice(0))]
    if not is_long(len(values)) or 2 * head.nunique() < len(head):
        counts = values.value_counts()
        return counts, len(counts)
    return _by_hash(values)


def _by_hash(values: pd.Series[Any]) -> tuple[pd.Series[int], int]:
    hashes = mapped_array((len(values),), np.uint64)
    for piece in pieces(len(values)):
        hashes[piece] = pd.util.hash_pandas_object(values.iloc[piece], index=False, categorize=False)
    ordered = mapped_array(hashes.shape, hashes.dtype)
    ordered[:] = hashes
    ordered.sort()
    starts = np.flatnonzero(np.concatenate([[True], ordered[1:] != ordered[:-1]]))
    lengths = np.diff(starts, append=len(ordered))
    top = np.argsort(-lengths, kind="stable")[:MOST] if lengths.max() > 1 else np.arange(0)
    if not len(top):
        first = values.iloc[:MOST]
        return pd.Series(1, index=pd.Index(first)), len(starts)
    return _named(values, hashes, ordered[starts[top]], lengths[top]), len(starts)


def _named(values: pd.Series[Any], hashes: np.ndarray, wanted: np.ndarray, lengths: np.ndarray) -> pd.Series[int]:
    """The words of the hashes `wanted` [m] with their counts `lengths` [m], the most frequent first, else by first place."""
    found: list[np.ndarray] = []
    for piece in pieces(len(values)):
        found.append(piece.start + np.flatnonzero(np.isin(hashes[piece], wanted)))
    places = np.concatenate(found)
    kept, first = np.unique(hashes[places], return_index=True)
    count_of = dict(zip(wanted.tolist(), lengths.tolist(), strict=True))
    order = sorted(
        ((count_of[one], int(places[i])) for one, i in zip(kept.tolist(), first.tolist(), strict=True)),
        key=lambda pair: (-pair[0], pair[1]),
    )
    words = values.iloc[[place for _, place in order]]
    return pd.Series([count for count, _ in order], index=pd.Index(words))
