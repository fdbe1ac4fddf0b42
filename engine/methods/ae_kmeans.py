"""Autoencoder, then k-means.

Autoencoder: G. E. Hinton, R. R. Salakhutdinov, Science 313, 2006, "Reducing the Dimensionality of Data with Neural
Networks"; k-means with 20 restarts on its code.

The sequential baseline beside which every deep method is shown.

Deviations
----------
- The autoencoder is trained end to end by default, see `engine.core.autoencoder_method`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from engine.clusters import centroids, kmeans
from engine.core.autoencoder_method import AutoencoderMethod, Network
from engine.core.card import Card, Family, Shows, knob
from engine.core.data import Data
from engine.core.errors import InputError
from engine.core.method import Method, Stage, run_plan
from engine.losses import squared_distances

CLUSTERERS = (
    "kmeans",
    "minibatch_kmeans",
    "sgd_kmeans",
    "kmedoids",
    "gmm",
    "agglomerative",
    "dbscan",
    "hdbscan",
    "spectral",
    "subkmeans",
    "skinnydip",
    "dbhd",
    "xmeans",
    "gmeans",
    "dipmeans",
)
"""Methods without a network, which can group a code; NR-k-means wants several groupings, and has a deep relative, ENRC."""


@dataclass(frozen=True)
class Knobs(Network):
    """Settings of the network, and of the methods that group the code first and last."""

    init: str = knob(
        "kmeans",
        choices=CLUSTERERS,
        label="Groups start from",
        help="The method that groups the code after pretraining; some find the number of groups by themselves.",
    )
    finish: str = knob(
        "none",
        choices=("none", *CLUSTERERS),
        label="Also grouped by",
        help="Another method that groups the finished code; its groups are shown beside the method's own.",
    )


class AEKMeans(AutoencoderMethod):
    card = Card(
        id="ae_kmeans",
        name="Autoencoder + k-means",
        authors="G. Hinton, R. Salakhutdinov; S. Lloyd",
        year=2006,
        paper="Reducing the Dimensionality of Data with Neural Networks, Science 313",
        idea="First learns to describe each sample by a few numbers that suffice to reconstruct it, then groups these numbers.",
        family=Family.AUTOENCODER_FIRST,
        architecture="autoencoder",
        non_clustering="reconstruction",
        clustering="none",
        combination="pretraining only",
        update="after training",
        streams=True,
        knobs=Knobs,
        shows=(Shows.RECONSTRUCTIONS, Shows.PROTOTYPES),
    )

    def __init__(self, data: Data, k: int | None, knobs: Any) -> None:
        super().__init__(data, k, knobs)
        k = self.require_k(k)
        self.centers = torch.nn.Parameter(torch.zeros(k, knobs.latent))
        finish = getattr(knobs, "finish", "none")
        self.last = None if finish == "none" else clusterer(finish, torch.zeros(1, knobs.latent), k)

    @property
    def groups(self) -> int:
        """How many groups there are."""
        return len(self.centers)

    def plan(self, data: Data) -> Iterator[Stage]:
        yield from self.pretraining()
        self.start(data)

    def start(self, data: Data) -> Tensor:
        """Groups of the code by the clusterer of the knobs: sets the centers, returns the labels [n]."""
        self.centers.data, labels = self.first_groups(self.embed(data))
        return labels

    def first_groups(self, z: Tensor) -> tuple[Tensor, Tensor]:
        """Centers [k, d] and labels [n] of codes [n, d]; codes outside of all groups join the nearest."""
        if self.knobs.init == "kmeans":
            return kmeans(z, self.require_k(self.k))
        labels = grouped(self.knobs.init, z, self.k)
        members = labels[labels >= 0].bincount()
        centers = centroids(z, labels, len(members))[members > 0]
        return centers, squared_distances(z, centers).argmin(1)

    def labels(self, data: Data) -> Tensor:
        return self.map_codes(data, lambda z: squared_distances(z, self.centers).argmin(1))

    def finish(self, data: Data) -> None:
        if self.last is not None:
            run_plan(self.last, Data(self.map_batches(data, self.encode, exact=True)))

    def alternatives(self, data: Data) -> dict[str, Tensor]:
        """What the clusterer that came last says of the code."""
        return {} if self.last is None else {self.last.card.name: self.last.labels(Data(self.embed(data)))}

    def group_centers(self) -> Tensor | None:
        return self.centers.detach()

    def prototypes(self) -> Tensor | None:
        with torch.no_grad():
            return self.decode(self.centers)


def clusterer(name: str, z: Tensor, k: int | None) -> Method:
    """Another method of the catalogue with its default settings, for codes like z [n, d]."""
    from engine.methods import METHODS  # the catalogue imports this file

    kind = METHODS[name]
    return kind(Data(z), k, kind.card.knobs()).to(z.device)


def grouped(name: str, z: Tensor, k: int | None) -> Tensor:
    """[n, d] -> [n] the groups that another method finds; -1 is none. InputError where it finds no group at all."""
    method = clusterer(name, z, k)
    run_plan(method, Data(z))
    labels = method.labels(Data(z))
    if not bool((labels >= 0).any()):
        raise InputError(f"{method.card.name} finds no group in the code: let the groups start from another method.")
    return labels
