"""ENRC, Embedded Non-Redundant Clustering. L. Miklautz, D. Mautz, M. C. Altinigneli, C. Böhm, C. Plant, AAAI 2020, "Deep
Embedded Non-Redundant Clustering". Start: NR-k-means (Mautz, Ye, Plant, Böhm, KDD 2018) on the code.

The weights of the axes are squared in the distance, by the authors' erratum.

Deviations: batches of the size that pretraining uses; the losses have weight 1 beside a reconstruction error that is a mean
over features: with a sum over features that is 1 times the number of features. The weights of the axes learn ten times as fast
as the rest by standing ten times smaller in the network, which is the same under Adam. A group is placed anew when an epoch ends
without a member of it in the whole data, instead of after the square root of the number of batches; centers are never averaged
with zero. Training stops when few members change group, measured as a share over all groupings instead of by NMI.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from engine.card import Card, knob
from engine.clusters.kmeans import require, seed
from engine.clusters.nrkmeans import nrkmeans, numbers
from engine.clusters.revival import revive
from engine.clusters.sharing import apart, dealt, forgetting, nearest, owned
from engine.data import Batch, Data
from engine.errors import InputError
from engine.losses import subspace_pull
from engine.method import Stage, Step, Terms
from engine.redrawing import Network, Redrawing, alter

OWN = 0.9
"""Share of an axis that its grouping has at the start."""
FASTER = 10.0
MOST = 10_000
"""Codes that the start looks at."""
SOME = 512
"""Codes among which a lost group finds a new place."""


@dataclass(frozen=True)
class Knobs(Network):
    """Settings of ENRC; those of the autoencoder come first."""

    latent: int = knob(20, 2, 1000, "How many numbers describe a sample; the groupings share them.", label="Code size")
    # A turn or a color may be what one of the groupings is about.
    augment: str = alter("never")
    groupings: str = knob(
        "2", help="How many groupings to look for, or the number of groups in each, like 3-4.", main=True
    )
    restarts: int = knob(20, 1, 200, "How often the start is tried anew; the best is kept.", quick=10, thorough=50)
    epochs: int = knob(100, 1, 5000, "Passes over the data that share out the code, at most.", quick=12, thorough=200)
    cluster_lr: float = knob(1e-4, 1e-6, 1.0, "Size of each correction while sharing.", label="Sharing rate", log=True)
    weight: float = knob(1.0, 0.0, 100.0, "Weight of the groupings against redrawing, per column of unit variance.")


class ENRC(Redrawing):
    card = Card(
        id="enrc",
        name="Embedded Non-Redundant Clustering",
        short="ENRC",
        authors="L. Miklautz, D. Mautz, M. C. Altinigneli, C. Böhm, C. Plant",
        year=2020,
        paper="Deep Embedded Non-Redundant Clustering, AAAI 2020",
        idea="Finds several groupings of the same data at once, such as one by shape and one by color, each in its own part.",
        family="Several groupings",
        architecture="autoencoder",
        non_clustering="reconstruction",
        clustering="k-means loss in subspaces",
        combination="pretraining, then joint",
        update="alternating",
        knobs=Knobs,
        shows=("several groupings", "prototypes"),
        caution="The number of groupings and of groups in each must be right: compare a few.",
    )
    means: Tensor
    counts: Tensor

    def __init__(self, data: Data, k: int | None, knobs: Any) -> None:
        self.numbers = self.numbers_of(k, knobs)
        if len(self.numbers) > knobs.latent:
            raise InputError(f"{len(self.numbers)} groupings need a code of at least {len(self.numbers)} numbers.")
        super().__init__(data, k, knobs)
        total = sum(self.numbers)
        self.register_buffer("means", torch.zeros(total, knobs.latent))
        self.register_buffer("counts", torch.ones(total))
        self.rotation = nn.Parameter(torch.eye(knobs.latent))
        self.shares = nn.Parameter(torch.zeros(len(self.numbers), knobs.latent))

    def numbers_of(self, k: int | None, knobs: Any) -> tuple[int, ...]:
        """Groups in each grouping."""
        return numbers(knobs.groupings, k)

    def plan(self, data: Data) -> Iterator[Stage]:
        yield from self.pretraining()
        self.moved(self.grouped(self.start(data)))
        for _ in range(self.knobs.epochs):
            step = Step(self.share, [self.net, self.rotation, self.shares], self.knobs.cluster_lr)
            yield Stage(
                "Sharing out the code", [step], 1, self.batch, after_step=self.move_centers, of=self.knobs.epochs
            )
            labels = self.groupings(data)
            self.revive(data, labels)
            if self.moved(self.grouped(labels)) < self.knobs.tolerance:
                break

    def start(self, data: Data) -> Tensor:
        """NR-k-means on the code sets rotation, axes and centers; returns the labels [n, groupings]."""
        some = self.some_codes(data)
        found = nrkmeans(some.cpu().numpy().astype(np.float64), self.numbers, seed(), self.knobs.restarts)
        centers = torch.from_numpy(np.concatenate(found.centers) @ found.rotation)
        self.begin(torch.from_numpy(found.rotation), dealt(found.axes, OWN), centers, torch.from_numpy(found.labels))
        return self.groupings(data)

    def some_codes(self, data: Data) -> Tensor:
        """[at most `MOST`, latent] codes before rotation."""
        z = self.over(data, self.code)
        require(z, max(self.numbers))
        return z[torch.randperm(len(z), device="cpu")[:MOST].to(z.device)]

    def begin(self, rotation: Tensor, shares: Tensor, centers: Tensor, labels: Tensor) -> None:
        """Take a start: what each axis belongs to [groupings, latent], rotated centers, and labels [n, groupings]."""
        self.rotation.data = rotation.to(self.rotation)
        self.shares.data = (shares.log() / FASTER).to(self.shares)
        self.means = centers.to(self.means)
        sizes = [own.bincount(minlength=k) for own, k in zip(labels.T, self.numbers, strict=True)]
        self.counts = torch.cat(sizes).to(self.counts) * self.batch / len(labels)

    def share(self, batch: Batch) -> Terms:
        shown = self.shown(batch)
        z = self.turned(shown.x)
        return {
            "reconstruction": self.redrawn(shown.wanted, self.back(z)),
            "groupings": self.pull * subspace_pull(z, self.centers_of_groupings(), self.beta()),
        }

    @property
    def pull(self) -> float:
        """Weight of the groupings against a redrawing error that is summed over columns."""
        return float(self.knobs.weight * prod(self.shape))

    def move_centers(self, batch: Batch) -> None:
        """Mini-batch k-means on each grouping's axes, forgetting by half."""
        z = self.turned(batch.x)
        for centers, counts, share in zip(
            self.centers_of_groupings(), self.counts_of_groupings(), self.beta(), strict=True
        ):
            moved, left = forgetting(z, centers, counts, share)
            centers.copy_(moved)
            counts.copy_(left)

    def revive(self, data: Data, labels: Tensor) -> None:
        """Groups without members restart among some random codes."""
        some = self.over(data.take(torch.randperm(len(data))[:SOME].to(data.device)), self.turned)
        parts = zip(self.centers_of_groupings(), self.counts_of_groupings(), self.deciding(), labels.T, strict=True)
        for centers, counts, weights, mine in parts:
            lost = mine.bincount(minlength=len(centers)) == 0
            if bool(lost.any()):
                centers.copy_(revive(some, centers, lost, weights))
                counts[lost] = counts[~lost].mean()

    def beta(self) -> Tensor:
        """[groupings, latent] how far each axis belongs to each grouping; columns sum to one."""
        return torch.softmax(FASTER * self.shares.float(), 0)

    def hard(self) -> Tensor:
        """[groupings, latent] 1 on a grouping's own axes, else 0; a grouping that owns none keeps its weights."""
        return owned(self.beta().detach())

    def centers_of_groupings(self) -> tuple[Tensor, ...]:
        """Views [k_j, latent] of the centers of each grouping."""
        return torch.split(self.means, list(self.numbers))

    def counts_of_groupings(self) -> tuple[Tensor, ...]:
        """Views [k_j] of how many members each center counts for."""
        return torch.split(self.counts, list(self.numbers))

    def deciding(self) -> Tensor:
        """[groupings, latent] how far each axis counts when members choose their group."""
        return self.hard()

    def encode(self, x: Tensor) -> Tensor:
        return self.turned(x)

    def turned(self, x: Tensor) -> Tensor:
        """[n, *sample shape] -> [n, latent] the rotated code."""
        z = self.code(x).float()
        with torch.autocast(z.device.type, enabled=False):
            return z @ self.rotation

    def back(self, z: Tensor) -> Tensor:
        """The code before rotation; V V^T is the identity as far as redrawing holds it there."""
        with torch.autocast(z.device.type, enabled=False):
            return z @ self.rotation.T

    def groupings(self, data: Data) -> Tensor:
        """[n, groupings] int64"""
        weights, centers = self.deciding(), self.centers_of_groupings()
        return self.over(data, lambda x: nearest(self.turned(x), centers, weights))

    def grouped(self, labels: Tensor) -> Tensor:
        """Of labels [n, groupings] those that can change: a grouping of one group has none."""
        return labels[:, [j for j, k in enumerate(self.numbers) if k > 1] or [0]]

    def labels(self, data: Data) -> Tensor:
        return self.groupings(data)[:, 0]

    def alternatives(self, data: Data) -> dict[str, Tensor]:
        found = self.groupings(data).T
        return {f"grouping {j}": own for j, (own, k) in enumerate(zip(found, self.numbers, strict=True), 1) if k > 1}

    def group_centers(self) -> Tensor:
        """Centers of the first grouping on its own axes, and the mean of all samples on the others."""
        return apart(self.centers_of_groupings()[0], self.counts_of_groupings()[0], self.hard()[0])

    def prototypes(self) -> Tensor | None:
        with torch.no_grad():
            return self.decode(self.back(self.group_centers()))

    def report(self) -> dict[str, float]:
        if not bool(self.shares.any()):
            return {}
        own = self.beta().argmax(0).bincount(minlength=len(self.numbers)).tolist()
        return {f"axes of grouping {j}": float(count) for j, count in enumerate(own, 1)}
