"""SGD k-means, also called online k-means.

L. Bottou, Y. Bengio, NIPS 7, 1995, "Convergence Properties of the K-Means Algorithms"; the rule itself: J. MacQueen,
Berkeley Symposium, 1967, "Some methods for classification and analysis of multivariate observations".

k-means that moves the nearest center a little towards each sample in turn.

Deviations
----------
- Centers start on samples chosen by k-means++ (among 200,000 rows of larger data).
- A starting center counts as the mean of `start_count` samples from then on, which makes its first moves smaller.
- Samples come in a new random order in every pass.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import torch
from sklearn.cluster import kmeans_plusplus
from torch import Tensor

from engine.clusters import online_kmeans, require, sample, seed
from engine.core.card import Shows, knob
from engine.core.data import Batch, Data
from engine.core.method import Stage, Terms
from engine.methods.kmeans import KMeans


@dataclass(frozen=True)
class Knobs:
    """Settings of online k-means."""

    epochs: int = knob(30, 1, 5000, "Passes over the data, at most.", quick=10, thorough=100)
    init: str = knob(
        "k-means++", choices=("k-means++", "random"), help="Start on samples far from each other, or on any samples."
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
        self.centers = self.start(data)
        self.counts.fill_(self.knobs.start_count)
        for _ in range(self.knobs.epochs):
            yield Stage("cluster", "Moving centers", (), after_step=self.update_centers, total_epochs=self.knobs.epochs)
            if self.converged(data, self.knobs.tolerance):
                break

    def start(self, data: Data) -> Tensor:
        """[k, d] the samples on which the centers start."""
        points = data.x.flatten(1)
        require(points, self.groups)
        if self.knobs.init == "random":
            return points[torch.randperm(len(points))[: self.groups].to(points.device)].to(data.device, copy=True)
        centers, _ = kmeans_plusplus(sample(points, self.groups).cpu().numpy(), self.groups, random_state=seed())
        return torch.from_numpy(centers).to(data.device)

    def update_centers(self, batch: Batch) -> Terms:
        """Every sample of the batch in turn; says how far they were from their centers at their turn."""
        self.centers, self.counts, cost = online_kmeans(self.encode(batch.x), self.centers, self.counts)
        return {"k-means": cost.mean()}
