"""Records on how far groups can be relied on: warnings, separation, stability, number of groups, robustness."""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
Fault = Literal["collapsed", "retrained", "chance", "dominated", "unassigned", "imbalance", "tiny"]


@dataclass(frozen=True)
class ResultWarning:
    """One reason not to rely on the groups as they are."""

    kind: Fault
    gravity: float
    """0 to 1; the gravest are shown first."""
    sentence: str
    """Markdown: what is the matter."""
    advice: str
    """Markdown: what to do about it."""


@dataclass(frozen=True)
class Separation:
    """Silhouettes (Rousseeuw 1987) by group in the prepared columns, None for a group without measured members."""

    mean: tuple[float | None, ...]
    low: tuple[float | None, ...]
    high: tuple[float | None, ...]
    """10th and 90th percentile of the members."""
    below: tuple[float | None, ...]
    """Share of members that are closer to another group than to their own."""
    plain: tuple[float | None, ...]
    """Mean of the group of k-means that shares most members; None where there is no such group."""


@dataclass(eq=False)
class Stability:
    """What became of the groups when the method was trained again: R repetitions, k groups of the run."""

    agreement: Array
    """float32 [R + 1, R + 1] adjusted Rand index between the run (first) and the repetitions."""
    seeds: int
    """The first so many repetitions had other seeds, the others 80 % of the rows."""
    overlap: Array
    """float32 [R, k] largest Jaccard overlap of each group with a group of the repetition (Hennig 2007)."""
    left: Array
    """float32 [n] share of repetitions in which a member was not in the group that matches its own."""
    sample: Array
    """int64 [m] members of the consensus matrix, by group."""
    consensus: Array
    """uint8 [m, m] percent of the repetitions in which two members were in one group."""
    seconds: float
    """What it took."""

    @property
    def groups(self) -> Array:
        """float32 [k] mean overlap of each group over the repetitions; NaN for an empty group."""
        means: Array = self.overlap.mean(0)
        return means


@dataclass(eq=False)
class Scan:
    """What several criteria say about K numbers of groups, each over B subsamples."""

    ks: Array
    """int64 [K]"""
    columns: Array
    """float32 [C, B, K] in the prepared columns, by `engine.results.evaluate.k_selection.CRITERIA`."""
    learned: Array | None
    """The same in the space that the method learned; None where it learned none."""
    errors: Array
    """float32 [2, K] standard error of the gap statistic in the columns and in the learned space."""

    @property
    def spaces(self) -> dict[str, Array]:
        """The values by what they were measured in, the learned space first."""
        learned = {} if self.learned is None else {"learned": self.learned}
        return learned | {"columns": self.columns}


@dataclass(eq=False)
class Robustness:
    """How many members change group when all their columns are shifted a little, on purpose and by chance."""

    sizes: Array
    """float32 [E] largest shift of a column, in standard deviations of all prepared values."""
    aimed: Array
    """float32 [E] share of members that change group under projected gradient ascent (Madry et al. 2018)."""
    random: Array
    """float32 [E] the same under random signs of the same size."""
    groups: Array
    """float32 [k] share of each group's members that the middle size moves."""


def packed(record: Any) -> dict[str, Array]:
    """The fields of a record as arrays; what is None is left out."""
    return {name: np.array(value, order="C") for name, value in vars(record).items() if value is not None}


def unpacked(kind: type[Any], arrays: dict[str, Array]) -> Any:
    """The record back from `packed`; plain numbers are plain again."""
    names = kind.__dataclass_fields__
    values = {name: arrays.get(name) for name in names}
    return kind(**{n: v.item() if v is not None and v.ndim == 0 else v for n, v in values.items()})
