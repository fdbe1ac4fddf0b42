"""SGD k-means, also called online k-means.

L. Bottou, Y. Bengio, NIPS 7, 1995, "Convergence Properties of the K-Means Algorithms"; the rule itself: J. MacQueen,
Berkeley Symposium, 1967, "Some methods for classification and analysis of multivariate observations".

k-means that moves the nearest center a little towards each sample in turn.

Deviations
----------
- Centers start on samples chosen by k-means++ (among 10,000 rows of larger data).
- Of several starts, each followed through one pass (over 10,000 rows at most), the one of the lowest cost goes on: from a single
  one the method ends in a poor optimum far more often than k-means with its restarts.
- A starting center counts as the mean of `start_count` samples from then on, which makes its first moves smaller.
- Samples come in a new random order in every pass.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import torch
from sklearn.cluster import kmeans_plusplus
from torch import Tensor

from engine.clusters import online_kmeans, require, seed
from engine.core.card import Shows, knob
from engine.core.data import Batch, Data
from engine.core.method import Stage, Terms
from engine.losses import squared_distances
from engine.methods.kmeans import KMeans

TRIED = 10_000
"""Rows on which starts are tried, at most."""
TOGETHER = 256
"""Rows of a start that are followed at once, which takes time and memory that grow with their square."""


@dataclass(frozen=True)
class Knobs:
    """Settings of online k-means."""

    epochs: int = knob(30, 1, 5000, "Passes over the data, at most.", quick=10, thorough=100)
    init: str = knob(
        "k-means++", choices=("k-means++", "random"), help="Start on samples far from each other, or on any samples."
    )
    restarts: int = knob(
        10, 1, 200, "How often to start; of these starts, the best after a pass goes on.", quick=3, thorough=50
    )
    start_count: int = knob(
        1,
        1,
        10_000,
        "How many samples a starting center counts for: more makes its first moves smaller.",
        unit="samples",
    )
    tolerance: float = knob(
        0.001, 0.0, 0.5, "Stop when less than this share of the members still changes group; 0 never stops early."
    )


class SGDKMeans(KMeans):
    card = replace(
        KMeans.card,
        id="sgd_kmeans",
        name="Online k-means (SGD)",
        authors="L. Bottou, Y. Bengio",
        year=1994,
        paper="Convergence Properties of the K-Means Algorithms, NIPS 7",
        idea="k-means that looks at one sample at a time: each pulls its nearest center closer, a little less every time.",
        clustering="k-means loss",
        update="alternating, per sample",
        knobs=Knobs,
        shows=(Shows.CENTERS, Shows.MOVING_CENTERS),
        caution="The order of the samples matters; run it with several seeds, or let k-means have the last word.",
    )
    counts: Tensor

    def __init__(self, data: Data, k: int | None, knobs: Knobs) -> None:
        super().__init__(data, k, knobs)
        self.register_buffer("counts", torch.zeros(self.groups, dtype=torch.int64))

    def plan(self, data: Data) -> Iterator[Stage]:
        self.centers, self.counts = self.best_start(data)
        for _ in range(self.knobs.epochs):
            yield Stage("cluster", "Moving centers", (), after_step=self.update_centers, total_epochs=self.knobs.epochs)
            if self.converged(data, self.knobs.tolerance):
                break

    def best_start(self, data: Data) -> tuple[Tensor, Tensor]:
        """Centers [k, d] and how many samples each is the mean of [k], after one pass from the best of several starts."""
        x = data.x.flatten(1)
        require(x, self.groups)
        rows = torch.randperm(len(x))[: max(TRIED, self.groups)].to(x.device)
        x = x[rows].to(data.device)
        best, found = float("inf"), (self.centers, self.counts)
        for _ in range(self.knobs.restarts):
            centers, counts = self.start(x), torch.full_like(self.counts, self.knobs.start_count)
            if self.knobs.restarts > 1:
                for part in torch.split(x[torch.randperm(len(x)).to(x.device)], TOGETHER):
                    centers, counts, _ = online_kmeans(part, centers, counts)
            cost = float(squared_distances(x, centers).amin(1).sum())
            if cost < best:
                best, found = cost, (centers, counts)
        return found

    def start(self, x: Tensor) -> Tensor:
        """[k, d] the samples of x [n, d] on which the centers start."""
        if self.knobs.init == "random":
            return x[torch.randperm(len(x))[: self.groups].to(x.device)]
        centers, _ = kmeans_plusplus(x.cpu().numpy(), self.groups, random_state=seed())
        return torch.from_numpy(centers).to(x)

    def update_centers(self, batch: Batch) -> Terms:
        """Every sample of the batch in turn; says how far they were from their centers at their turn."""
        self.centers, self.counts, cost = online_kmeans(self.encode(batch.x), self.centers, self.counts)
        return {"k-means": cost.mean()}
