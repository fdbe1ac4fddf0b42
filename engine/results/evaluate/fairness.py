"""How the values of one column are spread over the groups, and whether that is more than chance."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import pandas as pd

from engine.core.formatting import format_percent
from engine.results.record.diagnostics import Array
from engine.results.record.record import Ints
from engine.results.text.markdown import escape

# A column with more different values than this is none to compare groups by.
MOST_VALUES = 20
MISSING = "(missing)"
# A difference in share below this is not worth a sentence, however sure it is.
LEAST = 0.05


@dataclass(frozen=True)
class Disparity:
    """The share of a value inside a group and outside, with an interval that holds for all comparisons at once."""

    group: int
    value: str
    inside: float
    outside: float
    low: float
    high: float

    @property
    def difference(self) -> float:
        """Inside less outside."""
        return self.inside - self.outside

    @property
    def claimed(self) -> bool:
        """True where chance does not explain the difference."""
        return self.low * self.high > 0


@dataclass(eq=False)
class Fairness:
    """Groups (rows) by values of one column."""

    column: str
    groups: tuple[int, ...]
    values: tuple[str, ...]
    counts: Array
    """int64 [groups, values]"""
    disparities: tuple[Disparity, ...]
    """Every group with every value, largest difference first."""

    @property
    def shares(self) -> Array:
        """float64 [groups, values]; each row sums to one."""
        shares: Array = self.counts / np.maximum(self.counts.sum(1, keepdims=True), 1)
        return shares

    @property
    def balance(self) -> Array:
        """[groups] rarest value over most frequent one (Chierichetti et al. 2017): 1 is even, 0 is a value missing."""
        balance: Array = self.counts.min(1) / np.maximum(self.counts.max(1), 1)
        return balance

    @property
    def possible(self) -> float:
        """Balance of all members together; no grouping is better in every group."""
        total = self.counts.sum(0)
        return float(total.min() / max(total.max(), 1))


class Profiled(Protocol):
    """What is known of a column without looking at it again."""

    @property
    def name(self) -> str:
        """What it is called."""
        ...

    @property
    def distinct(self) -> int:
        """Different values that are not missing."""
        ...

    @property
    def missing(self) -> int:
        """Missing values."""
        ...


def candidates(columns: Iterable[Profiled]) -> list[str]:
    """Names of columns whose few different values groups can be compared by; missing counts as one."""
    return [column.name for column in columns if 2 <= column.distinct + bool(column.missing) <= MOST_VALUES]


def fairness(column: "pd.Series[Any]", labels: Ints) -> Fairness:
    """Count groups by the values of a column [n]; the unassigned are left out."""
    words = _spelled(column).fillna(MISSING).to_numpy()[labels >= 0]
    groups, rows = np.unique(labels[labels >= 0], return_inverse=True)
    codes, names = pd.factorize(words)
    counts = np.zeros((len(groups), len(names)), np.int64)
    np.add.at(counts, (rows, codes), 1)
    order = _order([str(name) for name in names], counts.sum(0))
    counts, values = counts[:, order], tuple(str(names[i]) for i in order)
    known = tuple(int(group) for group in groups)
    return Fairness(str(column.name), known, values, counts, _disparities(counts, known, values))


def _spelled(column: "pd.Series[Any]") -> "pd.Series[Any]":
    """The values as people write them: 2, not 2.0."""
    if pd.api.types.is_float_dtype(column):
        return column.map(lambda value: f"{value:g}", na_action="ignore").astype("string")
    return column.astype("string")


def _order(names: Sequence[str], sizes: Array) -> list[int]:
    """Numbers by size, words by how frequent they are, missing ones last."""
    numbers = pd.to_numeric(pd.Series([name for name in names if name != MISSING]), errors="coerce")
    if numbers.notna().all():
        return sorted(
            range(len(names)), key=lambda i: (names[i] == MISSING, 0.0 if names[i] == MISSING else float(names[i]))
        )
    return sorted(range(len(names)), key=lambda i: (names[i] == MISSING, -int(sizes[i])))


def _disparities(counts: Array, groups: Sequence[int], values: Sequence[str]) -> tuple[Disparity, ...]:
    from engine.results.explain.effect_sizes import widened

    z, disparities = widened(counts.size), []
    n, m = counts.sum(1), counts.sum() - counts.sum(1)
    for i, group in enumerate(groups):
        for j, value in enumerate(values):
            if n[i] and m[i]:
                a, b = int(counts[i, j]), int(counts[:, j].sum() - counts[i, j])
                disparities.append(
                    Disparity(group, value, a / n[i], b / m[i], *newcombe(a, int(n[i]), b, int(m[i]), z))
                )
    return tuple(sorted(disparities, key=lambda d: (-d.claimed, -abs(d.difference))))


def newcombe(a: int, n: int, b: int, m: int, z: float) -> tuple[float, float]:
    """Interval of a / n - b / m from the score intervals of both (Newcombe 1998, method 10), z errors wide."""
    p, q = a / n, b / m
    (low_p, high_p), (low_q, high_q) = wilson(a, n, z), wilson(b, m, z)
    low = p - q - ((p - low_p) ** 2 + (high_q - q) ** 2) ** 0.5
    return low, p - q + ((high_p - p) ** 2 + (q - low_q) ** 2) ** 0.5


def wilson(a: int, n: int, z: float) -> tuple[float, float]:
    """Score interval of a share a / n (Wilson 1927)."""
    p, square = a / n, z * z / n
    middle, half = (p + square / 2) / (1 + square), z * (p * (1 - p) / n + square / (4 * n)) ** 0.5 / (1 + square)
    return middle - half, middle + half


def sentence(found: Fairness, titles: dict[int, str]) -> str:
    """The largest disparity and how many groups differ, as Markdown; `titles` says what groups are called."""
    column, sure = escape(found.column), [d for d in found.disparities if d.claimed and abs(d.difference) >= LEAST]
    if len(found.groups) < 2:
        return "There is one group only, so there is nothing to compare."
    if not sure:
        return f"**Every group has about the same mix of *{column}***: no difference that chance does not explain."
    d = max(sure, key=lambda d: abs(d.difference))
    low, high = sorted((abs(d.low), abs(d.high)))
    return (
        f"**{titles[d.group]}** differs most: {format_percent(d.inside)} of its members have *{column}* {escape(d.value)}, "
        f"{format_percent(d.outside)} of all others do, a difference of {100 * abs(d.difference):.0f} points "
        f"({100 * low:.0f} to {100 * high:.0f}, sure at 95 % for all {len(found.disparities)} comparisons at once). "
        f"The mix differs beyond chance in {len({d.group for d in sure})} of {len(found.groups)} groups."
    )
