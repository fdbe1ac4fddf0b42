"""Words that have an order: answers of surveys, sizes, grades of quality. Known by whole columns that hold nothing else."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd

from engine.intake.raw import Column

LEAST, MOST = 3, 12
"""Different words that an order has at least, and that a column has at most."""
_NUMBER = re.compile(r"^\(?\d{1,2} ?[-.:=)–] ?|^\d{1,2} (?=\D)")
_TABLE = Path(__file__).with_name("ordered_words.txt")
"""A line for each order and language, the lowest first; words that mean the same are parted by a bar."""


def _fold(word: str) -> str:
    """A word without capitals, accents and signs, and without the number that a survey puts before it."""
    bare = unicodedata.normalize("NFD", _NUMBER.sub("", word.strip()[:80]).casefold())
    letters = "".join(c for c in bare if not unicodedata.combining(c))
    return " ".join("".join(c if c.isalnum() else " " for c in letters).split())


@cache
def _all_ranks() -> tuple[Mapping[str, int], ...]:
    """For each known order the rank of its folded words."""
    return tuple(
        {_fold(word): rank for rank, words in enumerate(line.split(" < ")) for word in words.split("|")}
        for line in _TABLE.read_text(encoding="utf-8").splitlines()
    )


def find_orders(rows: pd.DataFrame, columns: Sequence[Column]) -> dict[str, tuple[str, ...]]:
    """Columns of words in one known order, with these words, the lowest first.

    Columns with words of the same order share it: what is only used in one of them has its place in all. A column counts where
    all of its words belong to one order; an order counts where three or more of its words occur in a column, and no two of them
    mean the same.

    Parameters
    ----------
    rows : pandas.DataFrame
        The table.
    columns : sequence of Column
        Those that take part.

    Returns
    -------
    dict
        Column name to its words as the file writes them, in order.

    Examples
    --------
    >>> import pandas as pd
    >>> from engine.intake import inspect
    >>> from engine.intake.columns.ordered_words import find_orders
    >>> raw = inspect(pd.DataFrame({"mood": ["good", "poor", "excellent", "good"], "town": ["Rome", "Oslo", "Rome", "Oslo"]}))
    >>> find_orders(raw.rows, raw.columns)
    {'mood': ('poor', 'good', 'excellent')}
    """
    words = {
        column.name: _words(rows[column.name])
        for column in columns
        if column.dtype == "category" and 2 <= column.distinct <= MOST
    }
    groups: dict[int, list[str]] = {}
    for name, found in words.items():
        if (order := _order_of([_fold(word) for word in found])) is not None:
            groups.setdefault(order, []).append(name)
    orders: dict[str, tuple[str, ...]] = {}
    for order, names in groups.items():
        levels = _levels([word for name in names for word in words[name]], _all_ranks()[order])
        if levels and max(len(words[name]) for name in names) >= LEAST:
            orders |= dict.fromkeys(names, levels)
    return orders


def _words(values: pd.Series[Any]) -> list[str]:
    return [str(word) for word in values.dropna().unique()]


def _order_of(words: Sequence[str]) -> int | None:
    """The first order that holds all of these folded words."""
    return next((i for i, ranks in enumerate(_all_ranks()) if words and all(word in ranks for word in words)), None)


def _levels(words: Sequence[str], ranks: Mapping[str, int]) -> tuple[str, ...]:
    """One spelling of each word, in order; none where two words that differ have the same rank."""
    spelled: dict[str, str] = {}
    for word in words:
        spelled.setdefault(_fold(word), word)
    used = [ranks[folded] for folded in spelled]
    return tuple(sorted(spelled.values(), key=lambda word: ranks[_fold(word)])) if len(set(used)) == len(used) else ()


def places_in(words: pd.Series[Any], levels: Sequence[str]) -> pd.Series[Any]:
    """The place of each word [n] in an order, counted from 0, float64; NaN for blanks and for words that have none."""
    known = {_fold(level): float(place) for place, level in enumerate(levels)}
    places = {word: known.get(_fold(str(word))) for word in words.dropna().unique()}
    return words.map(places).astype("float64")
