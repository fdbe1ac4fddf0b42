"""Which columns of a table name the two ends of an edge, where its rows are the edges of a graph."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from engine.intake.columns.column_names import NAMELESS, words_of
from engine.intake.raw import Column
from engine.intake.wording import italic

PAIRS = (
    ("source", "target"),
    ("source", "destination"),
    ("source", "dest"),
    ("src", "dst"),
    ("src", "dest"),
    ("from", "to"),
    ("origin", "destination"),
    ("origin", "dest"),
    ("sender", "receiver"),
    ("sender", "recipient"),
    ("caller", "callee"),
    ("follower", "followee"),
    ("follower", "followed"),
    ("citing", "cited"),
    ("head", "tail"),
    ("u", "v"),
)
"""Words of two names that are the ends of an edge."""
LEAST_ROWS = 20
LEAST_NODES = 10
LEAST_SHARED = 0.3
"""Share of the values of the smaller of two columns that the other has, too, where both name the same things."""
MOST_PAIRED = 0.5
"""Share of all pairs of nodes that occur at most; where nearly all do, rows are answers and no links."""
MOST_BESIDE = 2
MOST_COLUMNS = 6
WEIGHT = frozenset({"weight", "weights", "count", "counts", "strength", "value", "frequency", "n", "times", "gewicht"})
TIME = frozenset({"time", "timestamp", "date", "year", "day", "ts", "epoch", "zeit", "jahr", "t", "id", "index"})
SAMPLE = 200_000


@dataclass(frozen=True)
class Edges:
    """The columns with the two ends of each edge, and the one with its weight, if there is one."""

    source: str
    target: str
    weight: str | None = None


def find_edges(rows: pd.DataFrame, columns: Sequence[Column]) -> Edges | None:
    """The columns of an edge list; None where the rows are no edges, or it is not clear that they are.

    Two columns name things of one kind: words with a shared vocabulary, or whole numbers that are named as ends, as parts of
    one name, or not at all. Foreign keys of unlike things, such as customer and product, are none, whatever numbers they share.

    Parameters
    ----------
    rows
        The table [n, columns].
    columns
        Their profiles.
    """
    if len(rows) < LEAST_ROWS:
        return None
    telling = [column for column in columns if column.distinct > 1]
    if len(telling) > MOST_COLUMNS:
        return None
    named = [column for column in telling if column.distinct > 4 and _names(rows[column.name])][:4]
    for i, first in enumerate(named):
        for second in named[i + 1 :]:
            beside = [column for column in telling if column not in (first, second) and not _counts_rows(column, rows)]
            if len(beside) <= MOST_BESIDE and _are_ends(rows, first, second):
                return Edges(first.name, second.name, weight_of(beside, rows))
    return None


def edges_note(edges: Edges) -> str:
    """That rows look like edges, and how to read them as such."""
    return (
        f"Each row looks like an edge of a graph, from {italic(edges.source)} to {italic(edges.target)}. Rows, here edges, are "
        "grouped; read the file as a graph (kind: graph) to group the nodes by their links."
    )


def weight_of(columns: Sequence[Column], rows: pd.DataFrame) -> str | None:
    """The column with the weights of edges: a single one of numbers, or one that is called so."""
    numbers = [c.name for c in columns if pd.api.types.is_numeric_dtype(rows[c.name].dtype) and c.dtype == "number"]
    called = [name for name in numbers if WEIGHT.intersection(words_of(name))]
    if called:
        return called[0]
    return numbers[0] if len(numbers) == 1 and not TIME.intersection(words_of(numbers[0])) else None


def _names(values: pd.Series[Any]) -> bool:
    """Whether values can name things: words or whole numbers, none negative."""
    if pd.api.types.is_bool_dtype(values.dtype) or pd.api.types.is_datetime64_any_dtype(values.dtype):
        return False
    if not pd.api.types.is_numeric_dtype(values.dtype):
        return True
    filled = values.dropna()
    return bool((filled % 1 == 0).all()) and bool((filled >= 0).all())


def _counts_rows(column: Column, rows: pd.DataFrame) -> bool:
    """A key of the rows, such as the number of the edge, says nothing of them."""
    return column.role == "id" and column.distinct == len(rows)


def _are_ends(rows: pd.DataFrame, first: Column, second: Column) -> bool:
    ends = rows[[first.name, second.name]].dropna().head(SAMPLE)
    kinds = [pd.api.types.is_numeric_dtype(ends[name].dtype) for name in ends]
    if kinds[0] != kinds[1] or (kinds[0] and not _named_alike(first.name, second.name)):
        return False
    sources, targets = (set(ends[name].unique()) for name in ends)
    nodes, shared = len(sources | targets), len(sources & targets)
    if nodes < LEAST_NODES or shared < LEAST_SHARED * min(len(sources), len(targets)):
        return False
    return len(ends.drop_duplicates()) <= MOST_PAIRED * nodes * nodes and not _in_step(ends)


def _in_step(ends: pd.DataFrame) -> bool:
    """Whether both ends are mostly the same, as two spellings of one column are."""
    first, second = (ends[name].to_numpy() for name in ends)
    return bool(np.mean(first == second) > 0.5)


def _named_alike(first: str, second: str) -> bool:
    """Whether two names are those of ends: from and to, node 1 and node 2, or no names at all."""
    if NAMELESS.match(first) and NAMELESS.match(second):
        return True
    a, b = words_of(first), words_of(second)
    if any({left, right} <= {*a, *b} and (left in a) != (left in b) for left, right in PAIRS):
        return True
    stems = [re.sub(r"[\W_]*(\d|[ABab])$", "", name) for name in (first, second)]
    return stems[0] == stems[1] != "" and stems != [first, second]
