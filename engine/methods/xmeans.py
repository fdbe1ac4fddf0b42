"""X-means.

D. Pelleg, A. Moore, ICML 2000, "X-means: Extending K-means with Efficient Estimation of the Number of Clusters".

Splits every group in two as long as the BIC prefers two spherical Gaussians to one.

Deviations
----------
- The BIC is that of spherical groups in all columns, variance = scatter / (columns (rows - k)): as printed, the
  columns are missing and the likelihood grows with the square of k.
- It starts with one group, whose first split is tried in any case, because of many groups all around two balls are no
  better than one.
- A trial starts from a random member and its mirror image.
- A group whose members have not changed is not tested again, and no k-d tree is used: both concern speed alone.
- With more than 200,000 rows (fewer if they are wide), a random sample of that size decides on the groups, and
  k-means continues on all rows.
- A given number of groups is an upper limit.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar

import torch
from torch import Tensor

from engine.clusters import require, sample
from engine.clusters.evidence import bic, bic_gain, scatter
from engine.clusters.kmeans import EXACT, LAST
from engine.clusters.lloyd import movement_tolerance, refine
from engine.clusters.splitting import Partition, SplitRounds, single_cluster
from engine.clusters.tree import nodes, root
from engine.core.card import Card, Family, Shows, knob
from engine.core.data import Batch, Data
from engine.core.method import Method, Stage, Terms
from engine.losses import squared_distances


@dataclass(frozen=True)
class Knobs:
    """Settings of X-means."""

    most: int = knob(
        50, 1, 1000, "Groups at most, where no number is given.", label="Most groups", unit="groups", quick=20
    )
    trials: int = knob(10, 1, 200, "How often each group is tried as two; the best try is judged.", quick=5)


class XMeans(Method):
    identity = True
    card = Card(
        id="xmeans",
        name="X-means",
        authors="D. Pelleg, A. Moore",
        year=2000,
        paper="X-means: Extending K-means with Efficient Estimation of the Number of Clusters, ICML 2000",
        idea="Starts with one group and splits every group in two as long as two balls describe its samples better than one.",
        family=Family.CLASSICAL,
        architecture="none",
        non_clustering="none",
        clustering="k-means loss, number of groups by BIC",
        combination="no network",
        update="splitting, then alternating",
        knobs=Knobs,
        needs_k=False,
        estimates_k=True,
        shows=(Shows.SPLIT_TREE, Shows.CENTERS, Shows.K_SCORES),
        caution="Takes groups for balls of one size and chops long ones; a given number of groups is the most it makes.",
    )
    centers: Tensor
    splits: Tensor
    sizes: Tensor
    former_names: ClassVar = {"worth": "score"}
    score: Tensor
    """Of the best grouping so far, see `score_of`."""
    measure = "BIC"
    """What the score of a grouping is called."""
    one_by_one = False
    """Whether a round splits the clearest group alone."""
    at_least_once = True
    """Whether two groups are tried in any case: the score tells whether they were better left one."""

    def __init__(self, data: Data, k: int | None, knobs: Any) -> None:
        super().__init__(data, None, knobs)
        self.most = k or knobs.most
        self.register_buffer("centers", torch.zeros(1, data.x[:1].numel()))
        self.register_buffer("splits", root())
        self.register_buffer("sizes", torch.zeros(1, dtype=torch.int64))
        self.register_buffer("score", torch.zeros((), dtype=torch.float64))

    def plan(self, data: Data) -> Iterator[Stage]:
        """Rounds of splits until no group is two; the grouping with the best score on the way is the result."""
        x = data.x.flatten(1)
        require(x, 1, least=2)
        points = sample(x, self.most)
        points = points.to(data.device, torch.float64 if points.numel() <= EXACT else torch.float32)
        how = {"one_by_one": self.one_by_one, "at_least_once": self.at_least_once}
        rounds = SplitRounds(points, self.split_evidence, self.knobs.trials, **how)
        parts: Partition | None = single_cluster(points)
        self.score = torch.full_like(self.score, -torch.inf)
        while parts is not None:
            score = self.score_of(points, parts)
            if score >= float(self.score):
                self.keep(parts, score)
            yield Stage("split", "Splitting groups", (), batch=None, after_step=partial(self.plotted, score))
            parts = rounds.next(parts, self.most)
        if len(points) < len(x):
            centers, labels = refine(x, self.centers.to(points), movement_tolerance(points), LAST)
            self.centers, self.sizes = centers.float(), labels.bincount(minlength=len(centers))

    def split_evidence(self, members: Tensor, side: Tensor) -> float:
        """How clearly the members [m, d] are two groups, given the half [m] of each; 0 or less where they are one."""
        return bic_gain(members, side)

    def score_of(self, points: Tensor, parts: Partition) -> float:
        """How good a grouping of the points [n, d] is."""
        sizes = parts.labels.bincount(minlength=len(parts.centers)).cpu()
        return bic(scatter(points, parts.labels, len(sizes)), sizes, points.shape[1])

    def keep(self, parts: Partition, score: float) -> None:
        """The best grouping so far."""
        self.centers, self.splits = parts.centers.float(), parts.splits
        self.sizes = parts.labels.bincount(minlength=len(parts.centers))
        self.score = torch.full_like(self.score, score)

    def plotted(self, score: float, batch: Batch) -> Terms:
        return {self.measure: torch.tensor(score, dtype=torch.float64)}

    def labels(self, data: Data) -> Tensor:
        return self.map_batches(data, lambda x: squared_distances(self.encode(x), self.centers).argmin(1))

    def group_centers(self) -> Tensor | None:
        return self.centers

    def prototypes(self) -> Tensor | None:
        return self.centers.view(-1, *self.shape)

    def tree(self) -> list[dict[str, Any]] | None:
        """The splits in the order of time; k-means has moved members between groups since."""
        groups = torch.arange(len(self.centers))
        return nodes(self.splits, self.centers, self.sizes, groups) if len(groups) > 1 else None

    def report(self) -> dict[str, float]:
        return {"groups": float(len(self.centers)), self.measure: float(self.score)}
