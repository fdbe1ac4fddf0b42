"""What a finished run says, as plain records: NumPy and pandas only, no torch and no pictures."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from engine.results.record.diagnostics import ResultWarning, Robustness, Scan, Separation, Stability
from engine.results.record.explanations import Explanations

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float32]
Bools = npt.NDArray[np.bool_]
Standing = Literal["better", "same", "worse", "unknown"]


@dataclass(frozen=True)
class Moment:
    """One observation of the training, without its arrays; the curves are drawn from these."""

    stage: str
    """Id of the stage."""
    stage_title: str
    epoch: int
    epochs: int
    stages_done: int
    seconds: float
    terms: Mapping[str, float]
    report: Mapping[str, float]
    changed: float | None
    sizes: tuple[int, ...]
    notes: tuple[str, ...] = ()
    """What the reader should know of the training up to here, each a sentence."""


@dataclass(frozen=True)
class Difference:
    """One column that sets a group apart from the other members; made only where the interval excludes zero."""

    column: str
    kind: Literal["number", "date", "share", "word"]
    value: str
    """The category or word in question; empty for numbers and dates."""
    inside: float
    outside: float
    """What the group and the rest have: a mean, a median or a share, see `measure`; dates as seconds since 1970."""
    effect: float
    low: float
    high: float
    """Size of the difference in standard deviations, with its 95 % interval; one scale for every kind of column."""
    measure: Literal["mean", "median", "share"]
    sentence: str
    """Markdown without the final stop, user text escaped: "much higher *Fresh* (typically 16,700 against 8,200)"."""


@dataclass(frozen=True)
class Group:
    """One group. Members are numbered 0..n-1 in the order of the labels; `Result.kept` leads to the user's rows."""

    label: int
    name: str
    size: int
    share: float
    sure: float
    """Mean certainty of the members."""
    sentence: str
    """Markdown: what sets the group apart, or that nothing does."""
    differences: tuple[Difference, ...] = ()
    typical: tuple[int, ...] = ()
    doubtful: tuple[int, ...] = ()
    nearest: int | None = None
    """The real member closest to the group's center; None for an empty group."""
    proposed: str = ""
    """The name that was proposed, where `name` is the user's own; empty elsewhere, and never stored."""

    @property
    def title(self) -> str:
        """The group's number as users see it: the first is "Group 1"."""
        return f"Group {self.label + 1}"

    @property
    def display_name(self) -> str:
        """What legends and sentences call it: "Group 3", or "Group 3 · Loyal" where the user named it so."""
        return f"{self.title} · {self.name}" if self.proposed else self.title

    @property
    def heading(self) -> str:
        """Number and name: "Group 3 · loyal, high spend", or "Group 3" where it has no name of its own.

        The number that tells proposed names apart is not said twice.
        """
        name = self.name if self.proposed else self.name.removesuffix(f" ({self.label + 1})")
        return self.title if self.name == self.title else f"{self.title} · {name}"

    def renamed(self, name: str) -> "Group":
        """The same group under the user's own name."""
        return replace(self, name=name, proposed=self.proposed or self.name)

    def without_given_name(self) -> "Group":
        """The same group under the name that was proposed."""
        return replace(self, name=self.proposed or self.name, proposed="")


@dataclass(eq=False)
class Baseline:
    """Plain k-means with the same number of groups on the prepared columns."""

    labels: Ints
    metrics: dict[str, float]
    agreement: float
    """Adjusted Rand index between the run's groups and these; 1 is the same grouping."""
    standing: Standing
    """How the run compares with it."""
    measure: str
    """The metric that decided: "acc" where labels exist, else "silhouette"."""
    seconds: float | None = None
    """What it took, in seconds; None where it was not measured."""
    moved: float | None = None
    """Share of the assigned members that are elsewhere than k-means has them, groups paired in the best way."""


@dataclass(eq=False)
class Prototypes:
    """One average or decoded example per group, in the user's units: a table, or pictures or series [k, ...]."""

    source: Literal["decoded", "center", "mean"]
    """ "decoded" by the method's own network, its "center" in the original columns, or the "mean" of the members."""
    table: pd.DataFrame | None = None
    values: npt.NDArray[Any] | None = None
    shares: Mapping[str, str] | None = None
    """For each column of categories of the table, the column that has their shares; None in results of earlier versions."""

    @property
    def share_columns(self) -> dict[str, str]:
        """The same, by their names where it was not stored; of the other tables in the user's units too."""
        if self.shares is not None:
            return dict(self.shares)
        columns = [] if self.table is None else [name for name, dtype in self.table.dtypes.items() if dtype.kind == "O"]
        return {
            str(name): f"{name} (share)"
            for name in columns
            if self.table is not None and f"{name} (share)" in self.table
        }

    @property
    def caption(self) -> str:
        """What the picture is, in words."""
        return {
            "decoded": "The center of the group, reconstructed by the method",
            "center": "The center of the group, by the method",
            "mean": "The average of the members",
        }[self.source]


@dataclass(eq=False)
class Bands:
    """Per group the mean and the 10th and 90th percentile of its series, float32 [k, channels, time] each."""

    mean: Floats
    low: Floats
    high: Floats


@dataclass(eq=False)
class Confusion:
    """Members by true class (rows) and group (columns); columns are ordered so that matches lie on the diagonal."""

    counts: Ints
    classes: tuple[str, ...]
    groups: tuple[int, ...]
    """Label of each column; -1, if present, comes last."""

    @property
    def shares(self) -> npt.NDArray[np.float64]:
        """Share of each class that fell into each group; rows sum to one."""
        return np.asarray(self.counts / np.maximum(self.counts.sum(1, keepdims=True), 1), np.float64)


@dataclass(eq=False)
class Result:
    """Everything a finished run says about its n members and k groups."""

    kind: str
    method: str
    k: int
    labels: Ints
    """[n], -1 is unassigned."""
    sure: Floats
    """[n] 0..1; an unassigned member has 0."""
    second: Ints
    """[n] the runner-up group, -1 where there is none."""
    doubtful: Bools
    """[n] True where a second group is almost as likely."""
    kept: Ints
    """[n] row of the raw data that each member is."""
    sizes: Ints
    metrics: dict[str, float]
    """By lower-case name, see `MEASURES`; what is not defined is absent."""
    verdict: str
    """One or two sentences of Markdown: does the method beat plain k-means?"""
    baseline: Baseline | None
    groups: tuple[Group, ...]
    prototypes: Prototypes | None
    bands: Bands | None = None
    confusion: Confusion | None = None
    truth: Ints | None = None
    class_names: tuple[str, ...] = ()
    maps: dict[str, Floats] = field(default_factory=dict)
    """ "pca2" and "pca3" at once, "umap2" once a worker has made it, "tsne2" once it was requested; float32 [n, 2 or 3]."""
    alternatives: dict[str, Ints] = field(default_factory=dict)
    tree: list[dict[str, Any]] | None = None
    report: dict[str, float] = field(default_factory=dict)
    history: tuple[Moment, ...] = ()
    seconds: float = 0.0
    embedding: Floats | None = None
    """[n, <= 50] kept for later projections; not loaded with the rest, see `load_embedding`."""
    warnings: tuple[ResultWarning, ...] | None = None
    """Reasons not to rely on the groups, gravest first; None in a result that was stored before these were looked for."""
    separation: Separation | None = None
    stability: Stability | None = None
    """This and what follows is added later, on request; see `add_check`."""
    scan: Scan | None = None
    robustness: Robustness | None = None
    outlier_score: Floats | None = None
    """[n] outlier scores: 99 of 100 members stay below 1, see `outlier_scores`; None in a result that was stored without them."""
    reconstruction_error: Floats | None = None
    """[n] mean squared difference between a member and its reconstruction, in prepared units; None where nothing is
    reconstructed."""
    explanations: Explanations = field(default_factory=Explanations)
    """Rules, usual values, walks; empty in results that were stored without them."""
    sums: dict[str, str] = field(default_factory=dict)
    """SHA-256 of every stored part."""

    @property
    def unassigned(self) -> int:
        """Number of members that belong to no group."""
        return int((self.labels < 0).sum())

    @property
    def n_nonempty(self) -> int:
        """Number of groups that have members; a method may leave some of its k empty."""
        return int(np.count_nonzero(self.sizes))

    @property
    def best_map(self) -> tuple[str, Floats]:
        """Name and positions, float32 [n, 2], of the map to show where none is asked for: UMAP once it is ready, else PCA."""
        name = "umap2" if "umap2" in self.maps else "pca2"
        return name, self.maps[name]

    def __len__(self) -> int:
        return len(self.labels)

    def members(self, label: int) -> Ints:
        """Positions of a group's members, surest first."""
        inside = np.flatnonzero(self.labels == label)
        return inside[np.argsort(-self.sure[inside], kind="stable")].astype(np.int64)

    def renamed(self, names: Mapping[int, str]) -> "Result":
        """The same result with the user's own names for some groups."""
        named = (g.renamed(names[g.label]) if names.get(g.label) else g for g in self.groups)
        return replace(self, groups=tuple(named))
