"""ENRC, Embedded Non-Redundant Clustering.

L. Miklautz, D. Mautz, M. C. Altinigneli, C. Böhm, C. Plant, AAAI 2020, "Deep Embedded Non-Redundant Clustering";
start: NR-Kmeans (D. Mautz, W. Ye, C. Plant, C. Böhm, KDD 2018) on the code.

Several k-means in soft subspaces of a rotated code, trained together with the autoencoder. The weights of the axes
are squared in the distance, by the authors' erratum.

Deviations
----------
- Batches have the size that pretraining uses.
- The losses have weight 1 beside a reconstruction error that is a mean over features; with a sum over features that
  is 1 times the number of features.
- The weights of the axes learn ten times as fast as the rest: they stand ten times smaller in the network, which is
  the same under Adam.
- A group is placed anew when an epoch ends without a member of it in the whole data, instead of after the square root
  of the number of batches.
- Centers are never averaged with zero.
- Training stops when few members change group, measured as a share over all groupings instead of by NMI.
- The rate rises in the first batches, or Adam would undo the pretraining.
- After every pass (of small data, every 72 batches) the rotation is replaced by the nearest orthogonal matrix, because
  the reconstruction loss alone lets it drift.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from math import prod
from typing import Any, ClassVar

import numpy as np
import torch
from torch import Tensor

from engine.clusters.kmeans import require, seed
from engine.clusters.nrkmeans import nrkmeans, parse_sizes
from engine.clusters.sharing import centers_on_own_axes, initial_shares
from engine.core.autoencoder_method import AutoencoderMethod, Network, alter
from engine.core.card import Card, Family, Shows, knob
from engine.core.data import Batch, Data
from engine.core.errors import InputError
from engine.core.method import Stage, Terms
from engine.objectives.subspaces import SubspaceClusters

OWN = 0.9
"""Share of an axis that its grouping has at the start."""
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
    weight: float = knob(
        1.0, 0.0, 100.0, "Weight of the groupings against reconstruction, per column of unit variance."
    )


class ENRC(AutoencoderMethod):
    card = Card(
        id="enrc",
        name="Embedded Non-Redundant Clustering",
        short="ENRC",
        authors="L. Miklautz, D. Mautz, M. C. Altinigneli, C. Böhm, C. Plant",
        year=2020,
        paper="Deep Embedded Non-Redundant Clustering, AAAI 2020",
        idea="Finds several groupings of the same data at once, such as one by shape and one by color, each in its own part.",
        family=Family.GROUPINGS,
        architecture="autoencoder",
        non_clustering="reconstruction",
        clustering="k-means loss in subspaces",
        combination="pretraining, then joint",
        update="alternating",
        knobs=Knobs,
        shows=(Shows.GROUPINGS, Shows.PROTOTYPES),
        caution="The number of groupings and of groups in each must be right: compare a few.",
    )

    former_names: ClassVar = {"sharing": "subspaces"}

    def __init__(self, data: Data, k: int | None, knobs: Any) -> None:
        groups = self.numbers_of(k, knobs)
        if len(groups) > knobs.latent:
            raise InputError(f"{len(groups)} groupings need a code of at least {len(groups)} numbers.")
        super().__init__(data, k, knobs)
        self.subspaces = SubspaceClusters(groups, knobs.latent)

    def numbers_of(self, k: int | None, knobs: Any) -> tuple[int, ...]:
        """Groups in each grouping."""
        return parse_sizes(knobs.groupings, k)

    def plan(self, data: Data) -> Iterator[Stage]:
        yield from self.pretraining()
        self.label_change(self.subspaces.changeable_labels(self.start(data)))
        for _, passes in self.stretches(self.knobs.epochs):
            step = self.joint_step(self.joint_loss, [self.net, self.subspaces], self.knobs.cluster_lr)
            yield Stage(
                "cluster",
                "Sharing out the code",
                [step],
                passes,
                self.batch,
                after_step=self.update_centers,
                total_epochs=self.knobs.epochs,
            )
            self.subspaces.orthogonalize()
            labels = self.groupings(data)
            self.reinitialize_empty(data, labels)
            if self.label_change(self.subspaces.changeable_labels(labels)) < self.knobs.tolerance:
                break

    def start(self, data: Data) -> Tensor:
        """NR-k-means on the code sets rotation, axes and centers; returns the labels [n, groupings]."""
        some = self.some_codes(data).cpu().numpy().astype(np.float64)
        found = nrkmeans(some, self.subspaces.numbers, seed(), self.knobs.restarts)
        centers = torch.from_numpy(np.concatenate(found.centers) @ found.rotation)
        self.subspaces.initialize(torch.from_numpy(found.rotation), initial_shares(found.axes, OWN), centers)
        self.subspaces.count_members(torch.from_numpy(found.labels), self.batch)
        return self.groupings(data)

    def some_codes(self, data: Data) -> Tensor:
        """Codes [m, latent] before rotation, of at most `MOST` samples."""
        z = self.map_batches(data, self.code)
        require(z, max(self.subspaces.numbers))
        return z[torch.randperm(len(z), device="cpu")[:MOST].to(z.device)]

    def joint_loss(self, batch: Batch) -> Terms:
        views = self.augmented(batch)
        z = self.rotated(views.x)
        return {
            "reconstruction": self.reconstruction_loss(views.target, self.subspaces.rotate_back(z)),
            "groupings": self.weight * self.subspaces.loss(z),
        }

    @property
    def weight(self) -> float:
        """Weight of the groupings against a reconstruction error that is summed over columns."""
        return float(self.knobs.weight * prod(self.shape))

    def update_centers(self, batch: Batch) -> None:
        """Mini-batch k-means."""
        self.subspaces.update_centers(self.rotated(batch.x))

    def reinitialize_empty(self, data: Data, labels: Tensor) -> None:
        """Groups without members, by labels [n, groupings], restart at some random codes."""
        some = self.map_batches(data.take(torch.randperm(len(data))[:SOME].to(data.device)), self.rotated)
        self.subspaces.reinitialize_empty(some, labels, self.assignment_weights())

    def assignment_weights(self) -> Tensor:
        """How much each axis counts for the choice of a group, [groupings, latent]."""
        return self.subspaces.hard_weights()

    def encode(self, x: Tensor) -> Tensor:
        """The rotated code [n, latent] of samples [n, *sample shape]."""
        return self.rotated(x)

    def rotated(self, x: Tensor) -> Tensor:
        """The rotated code [n, latent] of samples [n, *sample shape]."""
        return self.subspaces.rotate(self.code(x))

    def groupings(self, data: Data) -> Tensor:
        """The group of each sample in each grouping, [n, groupings] int64."""
        weights = self.assignment_weights()
        return self.map_batches(data, lambda x: self.subspaces.nearest(self.rotated(x), weights))

    def labels(self, data: Data) -> Tensor:
        return self.groupings(data)[:, 0]

    def alternatives(self, data: Data) -> dict[str, Tensor]:
        found = zip(self.groupings(data).T, self.subspaces.numbers, strict=True)
        return {f"grouping {j}": own for j, (own, k) in enumerate(found, 1) if k > 1}

    def group_centers(self) -> Tensor:
        """Centers of the first grouping on its own axes, and the mean of all samples on the others."""
        return centers_on_own_axes(
            self.subspaces.centers()[0], self.subspaces.members()[0], self.subspaces.hard_weights()[0]
        )

    def prototypes(self) -> Tensor | None:
        with torch.no_grad():
            return self.decode(self.subspaces.rotate_back(self.group_centers()))

    def decoded(self, z: Tensor) -> Tensor | None:
        """Samples [m, *sample shape] decoded from rotated codes [m, latent]."""
        return self.decode(self.subspaces.rotate_back(z))

    def report(self) -> dict[str, float]:
        if not self.subspaces.initialized:
            return {}
        own = self.subspaces.weights().argmax(0).bincount(minlength=len(self.subspaces.numbers)).tolist()
        return {f"axes of grouping {j}": float(count) for j, count in enumerate(own, 1)}
