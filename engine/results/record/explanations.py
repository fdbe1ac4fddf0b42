"""What helps to understand a grouping, as plain records: rules that imitate it, what is usual, walks between groups."""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

Kind = Literal["number", "date", "category", "word"]


@dataclass(frozen=True)
class Question:
    """What a branch of the tree asks; "yes" is above the threshold, the category itself, or a text with the word."""

    column: str
    kind: Kind
    value: str = ""
    """The category or word; empty for numbers and dates."""
    threshold: float = 0.0
    """Numbers and dates (seconds since 1970) above it answer yes."""
    blank: bool | None = None
    """The answer of members without a value; None where all have one."""


@dataclass(frozen=True)
class Branch:
    """A node of the tree that imitates a grouping; the first is the root, and parents come before children."""

    parent: int
    """Place of the node above, -1 for the root."""
    answer: bool
    """The answer to the parent's question that leads here."""
    question: Question | None
    """None for a leaf."""
    label: int
    """The group that most members here belong to."""
    size: int
    inside: int
    """Members that come here, and those of them that the run put into `label`."""


@dataclass(frozen=True)
class SurrogateTree:
    """A shallow decision tree on what can be said of members, and how well it follows the run.

    All counts are of the tree as it is told, with its rounded thresholds. `fidelity` and `majority` are measured on members
    that the tree was not made from.
    """

    branches: tuple[Branch, ...]
    fidelity: float
    """Share of held-out members that the tree places as the run did."""
    majority: float
    """The same for always saying the largest group."""
    held_out: int
    """Number of held-out members."""
    n_features: int = 0
    """Number of columns, traits or words that could have been asked about."""

    @property
    def informative(self) -> bool:
        """Whether the tree is better than always saying the largest group, beyond what chance would explain (95 %)."""
        error = 1.96 * (max(self.fidelity * (1 - self.fidelity), 1e-12) / max(self.held_out, 1)) ** 0.5
        return len(self.branches) > 1 and self.fidelity - error > self.majority


@dataclass(frozen=True)
class FeatureBins:
    """One aspect as `FeatureDistributions` counts it: its name, and where its values are cut into ranges."""

    column: str
    kind: Kind
    edges: tuple[float, ...] = ()
    """Inner borders of the ranges of numbers and dates; a value on a border belongs below it."""
    names: tuple[str, ...] = ()
    """The categories, or the one word."""


@dataclass(eq=False)
class FeatureDistributions:
    """How the values of each group are spread over every aspect."""

    bins: tuple[FeatureBins, ...]
    counts: npt.NDArray[np.int32]
    """[k, aspects, ranges]; the last range is "no value"; ranges that an aspect does not have are empty."""
    medians: npt.NDArray[np.float64]
    """[k, aspects] medians of numbers and dates, NaN for the rest and for groups without values."""


@dataclass(eq=False)
class Interpolations:
    """Steps in a straight line from one group's center to another's, drawn by the method in the user's units."""

    pairs: npt.NDArray[np.int64]
    """[m, 2] labels, the smaller first; the other way is the same steps backwards."""
    steps: int
    values: npt.NDArray[Any] | None = None
    """[m, steps, ...] pictures or series."""
    table: pd.DataFrame | None = None
    """m * steps rows, where members are rows of a table."""


@dataclass(eq=False)
class GeneratedMembers:
    """Members that the method made up for each group, in the user's units; the first of each group is its prototype."""

    each: int
    values: npt.NDArray[Any] | None = None
    """[k, each, ...] pictures or series."""
    table: pd.DataFrame | None = None
    """k * each rows, where members are rows of a table."""


@dataclass(eq=False)
class Explanations:
    """All of it; what a result does not have is None."""

    surrogate: SurrogateTree | None = None
    distributions: FeatureDistributions | None = None
    interpolations: Interpolations | None = None
    generated: GeneratedMembers | None = None
    overall: pd.DataFrame | None = None
    """Two rows in the columns of the table of prototypes: the average of all members, and the usual spread of numbers."""
    averages: pd.DataFrame | None = None
    """The same two rows and one for each group, as plain averages of its members; where the prototypes are something else."""
