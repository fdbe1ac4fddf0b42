"""ACe/DeC, Autoencoder Centroid-based Deep Cluster.

L. Miklautz, L. G. M. Bauer, D. Mautz, S. Tschiatschek, C. Böhm, C. Plant, IJCAI 2021, "Details (Don't) Matter:
Isolating Cluster Information in Deep Embedded Spaces".

ENRC with the groups as one grouping, all samples as the only group of another, and a start of its own.

Deviations
----------
- Those of ENRC in batches, weights and lost groups.
- The start finds axes, shares and groups by their closed forms in turn, with k-means before and after, on at most
  10,000 codes, instead of by 20,000 steps of gradient descent, to save time.
- Shares start at the exact minimum of the loss, where each is inversely proportional to its squared error.
- At most 150 passes, fewer when few members still change group; the groups of the last pass are not clustered anew.
- The groups weigh as much as the sum of reconstruction errors, as in ClustPy; a weight that grows with the columns
  helps small networks but ruins large ones.
"""

from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor

from engine.clusters.isolation import isolate
from engine.core.autoencoder_method import Network
from engine.core.card import Family, Shows, knob
from engine.core.data import Data
from engine.losses import squared_distances
from engine.methods.enrc import ENRC

SHARED = 0.45
"""Share of the common part from which on an axis counts as shared in reconstructions, as the authors' plots have it."""


@dataclass(frozen=True)
class Knobs(Network):
    """Settings of ACe/DeC; those of the autoencoder come first."""

    latent: int = knob(
        20, 2, 1000, "How many numbers describe a sample; groups and details share them.", label="Code size"
    )
    restarts: int = knob(10, 1, 200, "How often the start is tried anew; the best is kept.", thorough=50)
    epochs: int = knob(
        150, 1, 5000, "Passes over the data that separate groups from details, at most.", quick=30, thorough=300
    )
    cluster_lr: float = knob(
        1e-4, 1e-6, 1.0, "Size of each correction while separating.", label="Separating rate", log=True
    )
    weight: float = knob(1.0, 0.0, 100.0, "Weight of the groups against reconstruction.")


class ACeDeC(ENRC):
    card = replace(
        ENRC.card,
        id="acedec",
        name="Autoencoder Centroid-based Deep Cluster",
        short="ACe/DeC",
        authors="L. Miklautz, L. G. M. Bauer, D. Mautz, S. Tschiatschek, C. Böhm, C. Plant",
        year=2021,
        paper="Details (Don't) Matter: Isolating Cluster Information in Deep Embedded Spaces, IJCAI 2021",
        idea="Keeps one part of the description for what tells groups apart, and another for details that all groups share.",
        family=Family.AUTOENCODER_JOINT,
        clustering="k-means loss in a subspace, one center for all in the other",
        knobs=Knobs,
        curves={
            "axes of the groups": "Directions of the code that belong to the groups.",
            "share of the groups": "How much of the code belongs to the groups; the rest holds what all of them share.",
        },
        percent=frozenset({"share of the groups"}),
        shows=(Shows.PROTOTYPES,),
        caution="",
    )

    def numbers_of(self, k: int | None, knobs: Any) -> tuple[int, ...]:
        return self.require_k(k), 1

    def start(self, data: Data) -> Tensor:
        """Axes, shares and centers from the code; returns the labels [n, 2]."""
        found = isolate(self.some_codes(data), self.subspaces.numbers[0], self.knobs.restarts)
        self.subspaces.initialize(found.rotation, found.shares, found.centers)
        self.subspaces.count_members(torch.stack([found.labels, torch.zeros_like(found.labels)], 1), self.batch)
        return self.groupings(data)

    @property
    def weight(self) -> float:
        return float(self.knobs.weight)

    def assignment_weights(self) -> Tensor:
        return self.subspaces.weights().detach()

    def encode(self, x: Tensor) -> Tensor:
        """Codes [n, latent] of samples [n, *sample shape], rotated, each axis scaled by its weight for the groups."""
        z = self.code(x)
        with torch.autocast(z.device.type, enabled=False):
            # In float64, a code does not depend on the place of its sample among others.
            return (z.double() @ self.subspaces.rotation.double() * self.assignment_weights()[0].double()).float()

    def labels(self, data: Data) -> Tensor:
        return self.map_codes(data, lambda z: squared_distances(z, self.group_centers()).argmin(1))

    def alternatives(self, data: Data) -> dict[str, Tensor]:
        return {}

    def group_centers(self) -> Tensor:
        return self.subspaces.centers()[0] * self.assignment_weights()[0]

    def prototypes(self) -> Tensor | None:
        """Decoded with the center of all samples on the axes that are shared."""
        groups, everyone = self.subspaces.centers()
        with torch.no_grad():
            return self.decode(
                self.subspaces.rotate_back(torch.where(self.assignment_weights()[1] > SHARED, everyone, groups))
            )

    def decoded(self, z: Tensor) -> Tensor | None:
        """None for any places [m, d]: shared axes have no length in the embedding, so nothing leads back."""
        return None

    def report(self) -> dict[str, float]:
        if not self.subspaces.initialized:
            return {}
        own = self.assignment_weights()[0]
        return {"axes of the groups": float((own >= 1 - SHARED).sum()), "share of the groups": float(own.mean())}
