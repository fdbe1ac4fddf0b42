"""TURTLE, unsupervised transfer.

A. Gadetsky, Y. Jiang, M. Brbic, ICML 2024, "Let Go of Your Labels with Unsupervised Transfer", arXiv:2406.07236.

Searches the labeling that linear classifiers of frozen features learn best in a few steps, while all groups are used.

Deviations
----------
- 600 corrections with 512 samples instead of 6,000 with 10,000, so that a CPU takes seconds, and 8 labelings at once, of which
  the best is kept, because they depend on their start.
- Both rates are multiplied by the root of 768 / columns, as weights at the start are smaller the more columns there are; that of
  the classifiers is 0.006 before it instead of 0.001, so that ten steps tell apart what few columns hold.
- The labeling that is kept is the one whose classifiers, fitted to half of the samples, know the other half best, as the paper
  judges settings by cross-validation. One that leaves a group empty comes after those that do not.
- One space of features instead of several, with columns at mean 0.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil, prod

import torch
from torch import Tensor

from engine.clusters import require
from engine.clusters.heads import best_head
from engine.clusters.linear import fit_linear, linear_logits
from engine.clusters.representatives import representatives
from engine.core.card import Card, Family, Shows, knob
from engine.core.data import Batch, Data
from engine.core.method import Method, Stage, Step, Terms
from engine.losses import marginal_entropy, turtle_loss
from engine.nets.heads import LinearHeads

COLUMNS = 768
"""Columns at which rates are taken as they are: those of the paper's features."""
INNER_RATE = 0.006
"""Rate of the classifiers that learn a labeling."""
KEPT = 0.9
"""How much of a running mean is kept at a correction."""
JUDGED, TRIALS = 4000, 3
"""Samples by which labelings are compared at the end, at most, and how often they are split into halves."""


@dataclass(frozen=True)
class Knobs:
    """Settings of TURTLE."""

    heads: int = knob(8, 1, 64, "Labelings searched side by side; the best is kept.", quick=4, thorough=16)
    steps: int = knob(600, 1, 100_000, "Corrections of the labelings.", quick=300, thorough=3000, log=True)
    inner_steps: int = knob(10, 1, 200, "Steps in which classifiers learn a labeling, anew at each correction.")
    batch: int = knob(
        512, 8, 65536, "Samples seen at each correction.", label="Batch size", unit="samples", log=True, thorough=2048
    )
    lr: float = knob(1e-3, 1e-6, 1.0, "Size of each correction, at 768 columns.", label="Learning rate", log=True)
    gamma: float = knob(10.0, 0.0, 1000.0, "Weight of groups of equal size.")


class TURTLE(Method):
    identity = True
    card = Card(
        id="turtle",
        name="Unsupervised transfer",
        short="TURTLE",
        authors="A. Gadetsky, Y. Jiang, M. Brbić",
        year=2024,
        paper="Let Go of Your Labels with Unsupervised Transfer, ICML 2024, arXiv:2406.07236",
        idea="Searches the groups that a simple classifier would learn to tell apart the fastest.",
        family=Family.CONTRASTIVE,
        architecture="parallel linear classifiers of given features",
        non_clustering="none",
        clustering="cross-entropy of classifiers that learn the groups, groups of equal size",
        combination="from the start",
        update="joint",
        knobs=Knobs,
        curves={
            "cross-entropy": "How badly classifiers have learned the groups after a few steps, mean over labelings.",
            "imbalance": "How uneven the groups are in size, mean over labelings.",
            "groups in use": "How many groups of equal size would be as evenly used.",
            "agreement of heads": "How alike the groups of the other labelings are to those of the best: 1 is equal, 0 is as by "
            "chance (adjusted Rand index).",
        },
        shows=(Shows.SOFT_LABELS, Shows.MEDOIDS),
        caution="Groups are parted by straight borders and of similar size: where they are not, choose other features or another "
        "method.",
    )
    mean: Tensor
    spread: Tensor
    losses: Tensor
    marginals: Tensor
    agreement: Tensor
    best: Tensor
    examples: Tensor

    def __init__(self, data: Data, k: int | None, knobs: Knobs) -> None:
        super().__init__(data, k, knobs)
        self.groups = k = self.require_k(k)
        self.keeps_groups = False  # random weights group the samples at first: what they lose of that is no loss
        mean = sum(
            (x.flatten(1).double().sum(0) for _, x in data.chunks()),
            torch.zeros(prod(self.shape), dtype=torch.float64, device=data.device),
        )
        self.register_buffer("mean", (mean / max(1, len(data))).float())
        spread = data.mean_and_spread()[1]
        self.register_buffer("spread", spread.clamp_min(1e-6))
        self.task, self.wide = LinearHeads(knobs.heads, prod(self.shape), k), (COLUMNS / prod(self.shape)) ** 0.5
        self.register_buffer("losses", torch.zeros(knobs.heads))
        self.register_buffer("marginals", torch.full((knobs.heads, k), 1 / k))
        self.register_buffer("agreement", torch.full((), torch.nan))
        self.register_buffer("best", torch.zeros(1, dtype=torch.int64))
        self.register_buffer("examples", torch.zeros(k, *self.shape))

    def plan(self, data: Data) -> Iterator[Stage]:
        knobs = self.knobs
        require(data.x.flatten(1), self.groups, least=2)
        step = Step(self.search, [self.task], knobs.lr * self.wide)
        epochs = ceil(knobs.steps / ceil(len(data) / knobs.batch))
        yield Stage("labelings", "Searching labelings", [step], epochs, knobs.batch, cuda_graphs=True)
        self.choose(data)

    def search(self, batch: Batch) -> Terms:
        """The outer loss of all labelings, by classifiers that start anew and learn them for a few steps."""
        x = self.standard(batch.x)
        with torch.autocast(x.device.type, enabled=False):
            task = torch.softmax(self.task(x), -1)
            cross_entropy, imbalance = turtle_loss(task, self.learned(x, task, x), self.knobs.gamma)
        self.marginals.lerp_(task.detach().mean(1), 1 - KEPT)
        self.losses.lerp_((cross_entropy + imbalance).detach(), 1 - KEPT)
        self.best.copy_(self.losses.argmin(0, keepdim=True))
        return {"cross-entropy": cross_entropy.mean(), "imbalance": imbalance.mean()}

    @torch.no_grad()
    def learned(self, x: Tensor, task: Tensor, other: Tensor) -> Tensor:
        """Logits [heads, m, k] of `other` [m, d] by classifiers that learned labelings [heads, n, k] of rows [n, d]."""
        weight, bias = fit_linear(x, task, self.knobs.inner_steps, INNER_RATE * self.wide)
        return linear_logits(other, weight, bias, len(task))

    def choose(self, data: Data) -> None:
        """Keep the labeling that is learned best from half of the samples, of those that use all groups; find its examples."""
        x = self.standard(data.take(torch.randperm(len(data))[:JUDGED]).x)
        p = torch.softmax(self.task(x), -1).detach()
        losses, half = torch.zeros_like(self.losses), len(x) // 2
        for _ in range(TRIALS):
            order = torch.randperm(len(x)).to(x.device)
            one, other = order[:half], order[half:]
            losses += sum(turtle_loss(p[:, other], self.learned(x[one], p[:, one], x[other]), self.knobs.gamma))
        best, agreement = best_head(losses, p.argmax(2), self.groups)
        self.best.copy_(best)
        self.agreement.fill_(agreement)
        self.marginals.copy_(p.mean(1))
        self.examples.copy_(data.take(representatives(data.x.flatten(1), self.soft_labels(data))).x)

    def standard(self, x: Tensor) -> Tensor:
        """Samples [n, ...] as rows [n, columns]: columns at mean 0, and of variance 1 over all entries."""
        return (x.flatten(1) - self.mean) / self.spread

    def soft_labels(self, data: Data) -> Tensor:
        return self.map_batches(data, lambda x: torch.softmax(self.task(self.standard(x), self.best), -1), exact=True)

    def labels(self, data: Data) -> Tensor:
        return self.soft_labels(data).argmax(1)

    def prototypes(self) -> Tensor | None:
        return self.examples

    def report(self) -> dict[str, float]:
        found = {"groups in use": float(marginal_entropy(self.marginals[self.best]).exp())}
        return found if self.agreement.isnan() else found | {"agreement of heads": float(self.agreement)}
