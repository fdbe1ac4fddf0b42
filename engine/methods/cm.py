"""CM, the Clustering Module.

A. Boubekki, M. Kampffmeyer, U. Brefeld, R. Jenssen, Machine Learning 110, 2021, "Joint optimization of an autoencoder
for clustering and embedding", arXiv:2012.03740.

Soft k-means on the samples themselves, written as an autoencoder of one layer whose code is the soft assignment.

Deviations
----------
- Centers start at those of k-means, the best of several starts, and votes at the assignments that follow from them:
  from a single k-means++ (`start`) the module ends in a poor optimum more often than k-means does.
- The layer of centers has no bias, which would only move all centers together, since the assignments of a sample sum
  to one.
- Losses are means over samples of unit variance, so the prior alpha becomes `balance`, which counts for each column.
- Adam's epsilon of 1e-3 is meant for sums and is divided by the batch size.
- Small data use smaller batches, so that a pass has enough updates.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import log, prod
from typing import Any

import torch
from torch import Tensor, nn

from engine.clusters import kmeans, require, sample
from engine.clusters.plus_plus import plus_plus
from engine.core.autoencoder_method import CORRECTIONS, SMALLEST_BATCH
from engine.core.card import Card, Family, Shows, knob
from engine.core.data import Batch, Data
from engine.core.method import Method, Stage, Step, Terms
from engine.losses import average_center, balance_prior, center_overlap, kmeans_loss, reconstruction, variance_loss

DAMPING = 1e-3
"""The authors' epsilon of Adam, for losses that are sums over a batch."""


@dataclass(frozen=True)
class Knobs:
    """Settings of the Clustering Module."""

    start: str = knob(
        "k-means",
        choices=("k-means", "k-means++", "random"),
        help="Begin with the centers of k-means, with samples far from each other as centers, or with random numbers.",
    )
    epochs: int = knob(150, 1, 5000, "Passes over the data that train votes and centers.", quick=50, thorough=500)
    batch: int = knob(
        256,
        2,
        65536,
        "Samples looked at before each correction, at most; small data use fewer, so that a pass corrects often enough.",
        label="Batch size",
        unit="samples",
        log=True,
    )
    lr: float = knob(1e-3, 1e-6, 1.0, "Size of each correction.", label="Learning rate", log=True)
    balance: float = knob(
        0.02,
        0.0,
        100.0,
        "Weight of groups of equal size against closeness to the centers, per column of unit variance.",
    )


class CM(Method):
    identity = True
    card = Card(
        id="cm",
        name="Clustering Module",
        short="CM",
        authors="A. Boubekki, M. Kampffmeyer, U. Brefeld, R. Jenssen",
        year=2021,
        paper="Joint optimization of an autoencoder for clustering and embedding, Machine Learning 110, arXiv:2012.03740",
        idea="Lets a small network vote for the group of each sample, and reconstructs it as the mix of these centers.",
        family=Family.AUTOENCODER_JOINT,
        architecture="one-layer network",
        non_clustering="none",
        clustering="k-means loss (soft), groups of equal size",
        combination="from the start",
        update="joint",
        knobs=Knobs,
        curves={
            "redrawing": "How far members are from the mix of centers they voted for.",
            "overlap": "How much members are torn between centers that lie far apart; the more negative, the wider apart the "
            "groups are.",
        },
        titles={"redrawing": "Reconstruction"},
        shows=(Shows.SOFT_LABELS, Shows.CENTERS),
        caution="It prefers groups of similar size: where a small group is expected, lower the balance.",
    )
    mean: Tensor
    spread: Tensor
    passed: Tensor

    def __init__(self, data: Data, k: int | None, knobs: Any) -> None:
        super().__init__(data, k, knobs)
        self.groups = k = self.require_k(k)
        width = prod(self.shape)
        mean, spread = data.mean_and_spread()
        self.register_buffer("mean", mean)
        self.register_buffer("spread", spread.clamp_min(1e-6))
        self.batch = min(knobs.batch, max(SMALLEST_BATCH, len(data) // CORRECTIONS))
        self.votes = nn.Linear(width, k)
        self.centers = nn.Parameter(torch.empty(k, width))
        nn.init.xavier_uniform_(self.votes.weight)
        nn.init.zeros_(self.votes.bias)
        nn.init.xavier_uniform_(self.centers)
        self.register_buffer("passed", torch.zeros(()))
        for name, value in self.learned().items():
            self.register_buffer(f"mean_{name}", torch.zeros_like(value))

    def learned(self) -> dict[str, Tensor]:
        """All that is trained, by name."""
        return {"weight": self.votes.weight, "bias": self.votes.bias, "centers": self.centers}

    def plan(self, data: Data) -> Iterator[Stage]:
        require(data.x.flatten(1), self.groups)
        if self.knobs.start == "k-means":
            self.start_from_kmeans(data)
        elif self.knobs.start == "k-means++":
            self.start_from_samples(data)
        yield self.passes(self.knobs.epochs)
        self.passed.zero_()
        yield self.passes(1, self.average_weights)
        for name, value in self.learned().items():
            value.data.copy_(self.get_buffer(f"mean_{name}"))

    def start_from_kmeans(self, data: Data) -> None:
        """Centers are those of k-means, and samples vote as in a mixture of round clouds of one width around them."""
        x = self.standard(sample(data.x.flatten(1), self.groups, data.release).to(data.device))
        centers, labels = kmeans(x, self.groups)
        within, around = kmeans_loss(x, centers[labels]), kmeans_loss(x, x.mean(0))
        width = torch.maximum(within, 1e-2 * around).clamp_min(1e-12)
        self.centers.data.copy_(centers)
        self.votes.weight.data.copy_(centers / width)
        self.votes.bias.data.copy_(-centers.square().sum(1) / (2 * width))

    def start_from_samples(self, data: Data) -> None:
        """Samples far from each other become the centers, and every center votes for its own group."""
        x = self.standard(sample(data.x.flatten(1), self.groups, data.release).to(data.device))
        center = x.mean(0)
        centers = plus_plus(x - center, self.groups, 1, 2 + int(log(self.groups)))[0] + center
        self.centers.data.copy_(centers)
        self.votes.weight.data.copy_(torch.linalg.pinv(centers.double()).T)

    def passes(self, epochs: int, after_step: Callable[[Batch], None] | None = None) -> Stage:
        """Passes over the data; the plan's last one also takes the mean of the weights on its way."""
        step = Step(self.cluster, [self.votes, self.centers], self.knobs.lr, eps=DAMPING / self.batch)
        return Stage(
            "votes",
            "Training the votes",
            [step],
            epochs,
            self.batch,
            after_step=after_step,
            total_epochs=self.knobs.epochs + 1,
            cuda_graphs=True,
        )

    def cluster(self, batch: Batch) -> Terms:
        x = self.standard(batch.x.flatten(1))
        gamma = self.vote(x)
        weight = self.knobs.balance * x.shape[1]
        return {
            "redrawing": reconstruction(x, average_center(gamma, self.centers)),
            "hesitation": variance_loss(gamma, self.centers),
            "overlap": -center_overlap(gamma, self.centers),
            "balance": weight * balance_prior(gamma),
        }

    def average_weights(self, batch: Batch) -> None:
        """Take the weights after this correction into their mean, in place."""
        self.passed += 1
        for name, value in self.learned().items():
            self.get_buffer(f"mean_{name}").lerp_(value.detach(), 1 / self.passed)

    def standard(self, x: Tensor) -> Tensor:
        """Input [n, columns] at mean 0 and variance 1 over all entries."""
        return (x - self.mean) / self.spread

    def vote(self, x: Tensor) -> Tensor:
        """Memberships [n, k] of standardized samples [n, columns], in float32."""
        with torch.autocast(x.device.type, enabled=False):
            return torch.softmax(self.votes(x.float()), 1)

    def soft_labels(self, data: Data) -> Tensor:
        return self.map_batches(data, lambda x: self.vote(self.standard(x.flatten(1))))

    def labels(self, data: Data) -> Tensor:
        return self.soft_labels(data).argmax(1)

    def group_centers(self) -> Tensor | None:
        return self.centers.detach() * self.spread + self.mean

    def prototypes(self) -> Tensor | None:
        return (self.centers.detach() * self.spread + self.mean).view(-1, *self.shape)
