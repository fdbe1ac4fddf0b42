"""TEMI, teacher ensemble-weighted pointwise mutual information.

N. Adaloglou, F. Michels, H. Kalisch, M. Kollmann, BMVC 2023, "Exploring the Limits of Deep Image Clustering using
Pretrained Models", arXiv:2303.17896.

Several small classifiers of frozen features learn to put a sample and its neighbors into one group, while using all groups;
the one with the lowest loss is kept.

Deviations
----------
- 500 corrections with 256 pairs and 6 heads of 128 and 128 units instead of 4,900 with 1,024, 16 and 512 and 256, so that a
  CPU takes seconds.
- The learning rate is larger and the teacher follows faster in the same proportion: it remembers a twentieth of the training.
- Neighbors are half as many as a group of fair size has members, and at most 120 instead of 50: heads that see less of a group
  end in very different groups, depending on their start.
- Neighbors are by the cosine with a constant column of 3 added, because where there are few columns directions alone say little;
  where there are many it is the cosine.
- With more than 20,000 rows, neighbors are sought among that many, drawn at random.
- Weights start as PyTorch's do, of a spread that falls with the columns as the paper's fits 768, so that the features of any
  width are as large in the hidden layer.
- The loss by which the best head is chosen is that of all its pairs at the end, and a head that leaves a group empty comes after
  those that do not.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil, prod

import torch
from torch import Tensor

from engine.clusters import require
from engine.clusters.heads import best_head
from engine.clusters.neighbors import partners
from engine.clusters.representatives import representatives
from engine.core.card import Card, Family, Shows, knob
from engine.core.data import Batch, Data
from engine.core.method import Method, Stage, Step, Terms
from engine.losses import marginal_entropy, temi_loss
from engine.nets.heads import MLPHeads

DECAY = 1e-4
WARMUP = 0.2
MARGINAL = 0.9
"""How much of a group's share is kept at a correction."""
MEMORY = 0.05
"""The share of the training that the teacher remembers: 1 / (1 - 0.996) of the authors' 4,900 corrections."""
SHARE = 2
"""Of a group of fair size, one in so many members is a neighbor of another."""
JUDGED = 2**24
"""Memberships at most by which heads are compared at the end."""


@dataclass(frozen=True)
class Knobs:
    """Settings of TEMI."""

    heads: int = knob(6, 1, 64, "Classifiers trained side by side; the best is kept.", quick=4, thorough=16)
    neighbors: int = knob(
        120,
        1,
        500,
        "Nearest samples that are to share a group, at most; small groups have fewer: half of their fair size.",
        unit="samples",
    )
    beta: float = knob(0.6, 0.5, 1.0, "Lower keeps groups alike in size; near 1 some may be lost.")
    steps: int = knob(500, 1, 100_000, "Corrections of the classifiers.", quick=300, thorough=2000, log=True)
    batch: int = knob(256, 8, 65536, "Pairs seen at each correction.", label="Batch size", unit="pairs", log=True)
    lr: float = knob(5e-3, 1e-6, 1.0, "Size of each correction.", label="Learning rate", log=True)
    temperature: float = knob(0.1, 0.02, 1.0, "Smaller makes the classifiers sure of their groups earlier.")
    hidden: int = knob(128, 4, 4096, "Units of the hidden layer.", label="Hidden units", log=True)
    latent: int = knob(128, 2, 2048, "How many numbers describe a sample.", label="Code size", log=True)


class TEMI(Method):
    card = Card(
        id="temi",
        name="Teacher ensemble mutual information",
        short="TEMI",
        authors="N. Adaloglou, F. Michels, H. Kalisch, M. Kollmann",
        year=2023,
        paper="Exploring the Limits of Deep Image Clustering using Pretrained Models, BMVC 2023, arXiv:2303.17896",
        idea="Teaches small classifiers to give a member and its nearest neighbors the same group, while all groups are used.",
        family=Family.CONTRASTIVE,
        architecture="parallel classifiers of given features",
        non_clustering="none",
        clustering="mutual information of neighbors",
        combination="from the start",
        update="joint",
        knobs=Knobs,
        curves={
            "pair information": "How little the groups of neighbors tell about each other, mean over classifiers; the more "
            "negative, the clearer the groups are.",
            "neighbors together": "How surely a member and its neighbor are put into the same group.",
            "groups in use": "How many groups of equal size would be as evenly used.",
            "agreement of heads": "How alike the groups of the other classifiers are to those of the best: 1 is equal, 0 "
            "is as by chance (adjusted Rand index).",
        },
        percent=frozenset({"neighbors together"}),
        shows=(Shows.SOFT_LABELS, Shows.MEDOIDS),
        caution="It finds what neighbors have in common, and groups of similar size: where neighbors are seldom of one kind, as "
        "raw photographs are, choose features first.",
    )
    mean: Tensor
    spread: Tensor
    marginals: Tensor
    losses: Tensor
    together: Tensor
    agreement: Tensor
    best: Tensor
    examples: Tensor

    def __init__(self, data: Data, k: int | None, knobs: Knobs) -> None:
        super().__init__(data, k, knobs)
        self.groups = k = self.require_k(k)
        self.keeps_groups = False  # random weights group the samples at first: what they lose of that is no loss
        mean, spread = data.mean_and_spread()
        self.register_buffer("mean", mean)
        self.register_buffer("spread", spread.clamp_min(1e-6))
        sizes = (knobs.heads, prod(self.shape), knobs.hidden, knobs.latent, k)
        self.student, self.teacher = MLPHeads(*sizes), MLPHeads(*sizes).requires_grad_(False)
        self.teacher.load_state_dict(self.student.state_dict())
        self.register_buffer("marginals", torch.full((knobs.heads, k), 1 / k))
        self.register_buffer("losses", torch.zeros(knobs.heads))
        self.register_buffer("together", torch.full((), 1 / k))
        self.register_buffer("agreement", torch.full((), torch.nan))
        self.register_buffer("best", torch.zeros(1, dtype=torch.int64))
        self.register_buffer("examples", torch.zeros(k, *self.shape))

    def plan(self, data: Data) -> Iterator[Stage]:
        knobs, x = self.knobs, data.x.flatten(1)
        require(x, self.groups, least=2)
        fair = len(data) // (SHARE * self.groups)
        self.neighbors = partners(self.standard(x), max(2, min(knobs.neighbors, fair))).to(data.device)
        step = Step(self.compare, [self.student], knobs.lr, optimizer="adamw", weight_decay=DECAY, warmup=WARMUP)
        epochs = ceil(knobs.steps / ceil(len(data) / knobs.batch))
        yield Stage("heads", "Training heads", [step], epochs, knobs.batch, after_step=self.follow, cuda_graphs=True)
        self.choose(data)
        del self.neighbors

    def compare(self, batch: Batch) -> Terms:
        """TEMI's loss of the samples and of a random neighbor of each."""
        choice = torch.randint(self.neighbors.shape[1], (len(batch),), device=batch.index.device)
        other = batch.source.batch(self.neighbors[batch.index, choice]).x
        x = self.standard(torch.cat([batch.x, other]).flatten(1))
        student, teacher = self.pairs(self.student(x)), self.pairs(self.teacher(x))
        self.marginals.lerp_(teacher.mean((0, 2)), 1 - MARGINAL)
        losses = temi_loss(student, teacher, self.marginals, self.knobs.beta)
        self.losses.lerp_(losses.detach(), 1 - MARGINAL)
        self.together.lerp_((teacher[0] * teacher[1]).sum(2).mean(), 1 - MARGINAL)
        return {"pair information": losses.mean()}

    def pairs(self, logits: Tensor) -> Tensor:
        """Memberships [2, heads, n, k] of samples and partners, by their logits [heads, 2 n, k]."""
        return self.memberships(logits).view(len(logits), 2, -1, self.groups).transpose(0, 1)

    def follow(self, batch: Batch) -> None:
        """The teacher moves toward the student, and the head of the lowest loss comes first."""
        share = min(1.0, 1 / (MEMORY * self.knobs.steps))
        for teacher, student in zip(self.teacher.parameters(), self.student.parameters(), strict=True):
            teacher.lerp_(student, share)
        self.best.copy_(self.losses.argmin(0, keepdim=True))

    def choose(self, data: Data) -> None:
        """Keep the head that leaves fewest groups empty, and of those the one with the lowest loss; find its examples."""
        rows = torch.randperm(len(data))[: JUDGED // self.marginals.numel()].to(data.device)
        choice = torch.randint(self.neighbors.shape[1], (len(rows),)).to(data.device)
        pairs = data.take(torch.cat([rows, self.neighbors[rows, choice]]))
        p = self.map_batches(pairs, self.judged).view(2, len(rows), -1, self.groups).transpose(1, 2)
        losses, labels = temi_loss(p, p, p[0].mean(1), self.knobs.beta), p[0].argmax(2)
        best, agreement = best_head(losses, labels, self.groups)
        self.best.copy_(best)
        self.agreement.fill_(agreement)
        self.marginals.copy_(p[0].mean(1))
        with self.cached_embedding(data):
            self.examples.copy_(data.take(representatives(self.embed(data), self.soft_labels(data))).x)

    def standard(self, x: Tensor) -> Tensor:
        """Features [n, columns] at mean 0 and variance 1 over all entries."""
        return (x - self.mean) / self.spread

    def memberships(self, logits: Tensor) -> Tensor:
        return torch.softmax(logits.float() / self.knobs.temperature, -1)

    def judged(self, x: Tensor) -> Tensor:
        """Memberships [n, heads, k] of samples [n, ...] by all heads."""
        return self.memberships(self.teacher(self.standard(x.flatten(1)))).transpose(0, 1)

    def encode(self, x: Tensor) -> Tensor:
        """The code of the best head, of length one."""
        return self.teacher.encode(self.standard(x.flatten(1)), self.best)

    def soft_labels(self, data: Data) -> Tensor:
        return self.map_codes(data, lambda z: self.memberships(self.teacher.classify(z, self.best)))

    def labels(self, data: Data) -> Tensor:
        return self.soft_labels(data).argmax(1)

    def prototypes(self) -> Tensor | None:
        return self.examples

    def report(self) -> dict[str, float]:
        used = marginal_entropy(self.marginals[self.best]).exp()
        found = {"neighbors together": float(self.together), "groups in use": float(used)}
        return found if self.agreement.isnan() else found | {"agreement of heads": float(self.agreement)}
