"""N2D, (not too) deep clustering.

R. McConville, R. Santos-Rodríguez, R. J. Piechocki, I. Craddock, ICPR 2020, "N2D: (Not Too) Deep Clustering via Clustering the
Local Manifold of an Autoencoded Embedding", arXiv:1908.05968.

UMAP of an autoencoder's code, then a Gaussian mixture of its coordinates: no network learns to cluster.

Deviations
----------
- The code has as many numbers as everywhere here, not as many as there are groups; so has the manifold, unless it is told.
- 50 passes instead of 1,000, and pictures are augmented while the network learns, as in the other methods.
- The mixture starts from k-means and is fitted several times; the likeliest is kept.
- Of more than 20,000 samples as many are drawn for UMAP. Others, and new ones, get their places from the nearest of these by
  Shepard's interpolation instead of UMAP's own, which would have to be stored with its graph.
- Without `autoencode`, the manifold is that of the samples themselves: for features that a network has made already.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from engine.clusters import centroids, require
from engine.clusters.manifold import interpolated, manifold_coordinates
from engine.clusters.mixture import gaussian_mixture, log_joint
from engine.core.autoencoder_method import AutoencoderMethod, Network
from engine.core.card import Card, Family, Shows, knob
from engine.core.data import Data
from engine.core.method import Stage

MOST = 20_000
"""Samples that UMAP sees at most."""
AROUND = 5
"""Members from which a sample that UMAP has not seen gets its place."""
TOLERANCE, ROUNDS = 1e-3, 200
"""Gain of the mean log-likelihood below which a mixture is done, and its rounds at most."""


@dataclass(frozen=True)
class Knobs(Network):
    """Settings of N2D."""

    autoencode: bool = knob(
        True,
        help="Neighbors are looked for in the code of an autoencoder; otherwise among the samples as they are.",
        label="Autoencoder first",
    )
    neighbors: int = knob(20, 2, 500, "Nearest samples that each is kept close to on the manifold.", unit="samples")
    dimensions: int = knob(
        0, 0, 100, "Coordinates on the manifold; 0 is as many as groups, 10 at most.", label="Manifold size"
    )
    restarts: int = knob(
        5, 1, 100, "How often the mixture is fitted anew; the likeliest is kept.", quick=2, thorough=20
    )
    regularization: float = knob(
        1e-3, 1e-9, 1.0, "Variance added to every direction of a group.", label="Smoothing", log=True
    )


class N2D(AutoencoderMethod):
    card = Card(
        id="n2d",
        name="N2D, the manifold of a code",
        short="N2D",
        authors="R. McConville, R. Santos-Rodríguez, R. J. Piechocki, I. Craddock",
        year=2020,
        paper="N2D: (Not Too) Deep Clustering via Clustering the Local Manifold of an Autoencoded Embedding, ICPR 2020, "
        "arXiv:1908.05968",
        idea="Describes each sample by a few numbers, unrolls these so that only neighbors stay close, and fits clouds to the "
        "result.",
        family=Family.AUTOENCODER_FIRST,
        architecture="autoencoder",
        non_clustering="reconstruction",
        clustering="none",
        combination="pretraining only",
        update="after training",
        knobs=Knobs,
        shows=(Shows.RECONSTRUCTIONS, Shows.PROTOTYPES, Shows.SOFT_LABELS),
        caution="Unrolling can tear one group into several and says little about how far groups are from each other.",
    )
    members: Tensor
    places: Tensor
    averages: Tensor
    log_weights: Tensor
    means: Tensor
    factors: Tensor

    def __init__(self, data: Data, k: int | None, knobs: Any) -> None:
        super().__init__(data, k, knobs)
        self.groups = self.require_k(k)
        for name in ("members", "places", "averages"):
            self.register_buffer(name, torch.zeros(0))
        for name in ("log_weights", "means", "factors"):
            self.register_buffer(name, torch.zeros(0, dtype=torch.float64))

    def plan(self, data: Data) -> Iterator[Stage]:
        if self.knobs.autoencode:
            yield from self.pretraining()
        self.start(data)
        yield Stage("manifold", "Unrolling neighborhoods", (), batch=None)

    def start(self, data: Data) -> None:
        """Unroll the codes and fit the mixture."""
        codes = self.map_batches(data, self.local, exact=True)
        require(codes, self.groups, least=2)
        drawn = torch.arange(len(codes)) if len(codes) <= MOST else torch.randperm(len(codes))[:MOST].sort().values
        self.members = codes[drawn.to(codes.device)]
        dimensions = self.knobs.dimensions or max(2, min(10, self.groups))
        self.places = manifold_coordinates(self.members, self.knobs.neighbors, dimensions)
        limits = {"regularization": self.knobs.regularization, "tolerance": TOLERANCE, "rounds": ROUNDS}
        shape = "full" if len(self.places) >= 2 * self.groups * self.places.shape[1] else "diag"
        fitted = [gaussian_mixture(self.places, self.groups, shape, **limits) for _ in range(self.knobs.restarts)]
        best = max(fitted, key=lambda one: one.log_likelihood)
        self.log_weights, self.means, self.factors = best.log_weights, best.means, best.factors
        self.averages = centroids(self.members, self.joint(self.places).argmax(1), self.groups)

    def local(self, x: Tensor) -> Tensor:
        """What neighbors are looked for in, [n, d] of samples [n, *sample shape]: always in float32, or members would not be
        found again.
        """
        with torch.autocast(x.device.type, enabled=False):
            return self.code(x.float()) if self.knobs.autoencode else x.float().flatten(1)

    def encode(self, x: Tensor) -> Tensor:
        """Coordinates on the manifold [n, dimensions] of samples [n, *sample shape]."""
        if not len(self.places):
            return self.local(x)
        return interpolated(self.local(x), self.members, self.places, AROUND)

    def joint(self, z: Tensor) -> Tensor:
        """[n, k] log of weight times density at places [n, dimensions]."""
        return log_joint(z, self.log_weights, self.means, self.factors)

    def labels(self, data: Data) -> Tensor:
        return self.map_codes(data, lambda z: self.joint(z).argmax(1), exact=True)

    def soft_labels(self, data: Data) -> Tensor:
        return self.map_codes(data, lambda z: self.joint(z).softmax(1), exact=True)

    def group_centers(self) -> Tensor | None:
        return self.means.float()

    def decoded(self, z: Tensor) -> Tensor | None:
        """No place on the manifold can be decoded."""
        return None

    def prototypes(self) -> Tensor | None:
        """The mean code of each group, decoded; without an autoencoder the mean of its samples."""
        if not self.knobs.autoencode:
            return self.averages.view(-1, *self.shape)
        with torch.no_grad():
            return self.decode(self.averages)

    def reconstruct(self, x: Tensor) -> Tensor | None:
        return super().reconstruct(x) if self.knobs.autoencode else None
