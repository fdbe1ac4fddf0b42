"""Autoencoder, then k-means: the sequential baseline beside which every deep method is shown.

Autoencoder of Hinton & Salakhutdinov, Science 313, 2006; k-means with 20 restarts on its code.

Deviations: trained end to end by Adam from He's initial weights instead of greedy layers, as later implementations do.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from engine.card import Card, knob
from engine.clusters import kmeans
from engine.data import Batch, Data
from engine.losses import reconstruction, squared_distances
from engine.method import Method, Stage, Step, Terms
from engine.nets import autoencoder

CORRECTIONS = 28
"""Corrections that a pass makes at least, as far as the smallest batch allows: on 1,797 digits, the 7 of batches of 256 left the
network unfinished (ACC of AE + k-means after 15 passes 0.755, with 28 corrections 0.793; mean of three seeds)."""
SMALLEST_BATCH = 32


@dataclass(frozen=True)
class Knobs:
    """Settings that every autoencoder method shares."""

    network: str = knob("dense", choices=("dense", "convolutional", "auto"), help="How the network looks at a sample.")
    # Quick: a quarter of the weights in a third of the time; IDEC on 1,797 digits keeps its ACC (0.832, at full size 0.831).
    layers: str = knob("500-500-2000", help="Sizes of the hidden layers of the dense network.", quick="250-250-1000")
    latent: int = knob(10, 1, 1000, "How many numbers describe a sample in the code.", label="Code size")
    pretrain_epochs: int = knob(
        50, 0, 2000, "Passes over the data that teach the network to redraw it.", quick=15, thorough=200
    )
    batch: int = knob(
        256,
        2,
        65536,
        "Samples looked at before each correction, at most; small data use fewer, so that a pass corrects often enough.",
        label="Batch size",
        unit="samples",
        log=True,
    )
    lr: float = knob(
        1e-3, 1e-6, 1.0, "Size of each correction while learning to redraw.", label="Learning rate", log=True
    )
    tolerance: float = knob(
        0.001,
        0.0,
        0.5,
        "Stop when less than this share of the members still changes group, or redrawing gets better by less than this in "
        "each pass; 0 never stops early.",
    )
    augment: bool = knob(
        True,
        help="While learning, pictures are shown slightly turned, shifted and scaled, and redrawn as they were.",
        label="Alter pictures",
    )


class AEKMeans(Method):
    card = Card(
        id="ae_kmeans",
        name="Autoencoder + k-means",
        authors="G. Hinton, R. Salakhutdinov; S. Lloyd",
        year=2006,
        paper="Reducing the Dimensionality of Data with Neural Networks, Science 313",
        idea="First learn to describe each sample by a few numbers from which it can be redrawn, then group these numbers.",
        family="Autoencoder, then clusters",
        architecture="autoencoder",
        non_clustering="reconstruction",
        clustering="none",
        combination="pretraining only",
        update="after training",
        knobs=Knobs,
        shows=("reconstructions", "prototypes"),
    )
    mean: Tensor
    spread: Tensor

    def __init__(self, data: Data, k: int | None, knobs: Any) -> None:
        super().__init__(data, k, knobs)
        self.groups = k = self.known(k)
        mean, spread = data.mean_and_spread()
        self.register_buffer("mean", mean)
        self.register_buffer("spread", spread.clamp_min(1e-6))
        self.batch = min(knobs.batch, max(SMALLEST_BATCH, len(data) // CORRECTIONS))
        self.net = autoencoder(self.shape, knobs.latent, knobs.layers, knobs.network)
        self.augment = knobs.augment and self.kind == "image" and len(self.shape) == 3
        self.centers = torch.nn.Parameter(torch.zeros(k, knobs.latent))

    def plan(self, data: Data) -> Iterator[Stage]:
        yield self.pretrain()
        self.start(data)

    def pretrain(self) -> Stage:
        """Learning to redraw the samples; shared by all methods with the same network, data and seed."""
        knobs = self.knobs
        step = Step(self.redraw, [self.net], knobs.lr)
        return Stage(
            "Learning to redraw",
            [step],
            knobs.pretrain_epochs,
            self.batch,
            reuse=f"autoencoder {knobs.network} {knobs.layers} {knobs.latent} {knobs.lr} {self.augment}",
            groups=False,
            tolerance=knobs.tolerance,
            replay=True,
        )

    def start(self, data: Data) -> Tensor:
        """k-means on the code: sets the centers, returns the labels [n]."""
        centers, labels = kmeans(self.embed(data), self.groups)
        self.centers.data = centers
        return labels

    def redraw(self, batch: Batch) -> Terms:
        return {"reconstruction": self.redrawn(batch.x, self.encode(self.shown(batch)))}

    def shown(self, batch: Batch) -> Tensor:
        """What the network sees of a batch while it learns: of pictures a random view."""
        return batch.view() if self.augment else batch.x

    def redrawn(self, x: Tensor, z: Tensor) -> Tensor:
        """Reconstruction error of the standardized input from its code."""
        return reconstruction(self.standard(x), self.net.decode(z))

    def standard(self, x: Tensor) -> Tensor:
        """Input at mean 0 and variance 1 over all entries; Student's t and alpha assume codes of about unit scale."""
        return (x - self.mean) / self.spread

    def encode(self, x: Tensor) -> Tensor:
        return self.net.encode(self.standard(x))

    def decode(self, z: Tensor) -> Tensor:
        """[n, latent] -> [n, *sample shape] in prepared input units."""
        return self.net.decode(z) * self.spread + self.mean

    def labels(self, data: Data) -> Tensor:
        return self.over_codes(data, lambda z: squared_distances(z, self.centers).argmin(1))

    def group_centers(self) -> Tensor | None:
        return self.centers.detach()

    def prototypes(self) -> Tensor | None:
        with torch.no_grad():
            return self.decode(self.centers)
