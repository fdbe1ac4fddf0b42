"""SimCLR, then k-means.

T. Chen, S. Kornblith, M. Norouzi, G. Hinton, ICML 2020, "A Simple Framework for Contrastive Learning of Visual
Representations", arXiv:2002.05709; views of tables: SCARF (D. Bahri, H. Jiang, Y. Tay, D. Metzler, ICLR 2022).

Learns a representation in which two augmented views of a sample are nearest to each other; groups are spherical
k-means on it, after training.

Deviations
----------
- Three strided convolutions instead of ResNet-50, and AdamW instead of LARS, so that some thousand small pictures
  take minutes on a CPU.
- Batches of 256 with a temperature of 0.5 (the paper: 4096 and 0.1), because few negatives need a softer choice.
- Views of pictures rotate, shear, scale, shift and change contrast, without mirror images, color or blur, because
  digits have none.
- Views of tables: the first is the sample itself; in the second 60 percent of the columns take the values of other
  rows.
- Views of series: scaling, noise and masked stretches, which the paper does not cover.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from engine.clusters.spherical import spherical_kmeans
from engine.core.card import Card, Family, Shows, knob
from engine.core.data import Batch, Data
from engine.core.method import Method, Stage, Step, Terms
from engine.losses import nt_xent, partner_accuracy, similarities
from engine.nets import widths
from engine.nets.encoder import dense_normal, encoder

PROJECTED = 64
DECAY = 1e-4


@dataclass(frozen=True)
class Knobs:
    """Settings of SimCLR."""

    epochs: int = knob(
        100, 1, 5000, "Passes over the data that teach the network to find twins.", quick=40, thorough=300
    )
    batch: int = knob(
        256, 8, 65536, "Samples among which a twin is sought.", label="Batch size", unit="samples", log=True
    )
    lr: float = knob(1e-3, 1e-6, 1.0, "Size of each correction at its largest.", label="Learning rate", log=True)
    temperature: float = knob(0.5, 0.05, 2.0, "How softly a twin is chosen: smaller counts the closest strangers more.")
    strength: float = knob(1.0, 0.0, 1.6, "How far a view may differ from its sample.", label="Strength of views")
    latent: int = knob(128, 2, 2048, "How many numbers describe a sample.", label="Code size")
    width: int = knob(
        16, 4, 256, "Filters of the first layer, for pictures and series.", label="Filters", log=True, thorough=32
    )
    layers: str = knob("256-256", help="Sizes of the hidden layers, for tables.")
    restarts: int = knob(10, 1, 200, "How often k-means starts anew; the best start is kept.")


class SimCLR(Method):
    card = Card(
        id="simclr",
        name="SimCLR + k-means",
        authors="T. Chen, S. Kornblith, M. Norouzi, G. Hinton",
        year=2020,
        paper="A Simple Framework for Contrastive Learning of Visual Representations, ICML 2020, arXiv:2002.05709",
        idea="Alters every sample twice and learns to find the twin of each among all others, then groups what looks alike.",
        family=Family.CONTRASTIVE,
        architecture="convolutional or dense encoder with projector",
        non_clustering="contrastive (NT-Xent)",
        clustering="none",
        combination="pretraining only",
        update="after training",
        knobs=Knobs,
        curves={
            "contrast": "How often a stranger is taken for the twin of a member.",
            "share of twins found": "Members whose altered copy is the nearest of all.",
        },
        percent=frozenset({"share of twins found"}),
        shows=(Shows.CONTRASTIVE_ACCURACY,),
        caution="What counts as alike is decided by the views: groups that differ only by what the views alter are lost.",
    )
    mean: Tensor
    spread: Tensor
    centers: Tensor
    twins: Tensor

    def __init__(self, data: Data, k: int | None, knobs: Knobs) -> None:
        super().__init__(data, k, knobs)
        self.groups = k = self.require_k(k)
        mean, spread = data.mean_and_spread()
        self.register_buffer("mean", mean)
        self.register_buffer("spread", spread.clamp_min(1e-6))
        self.register_buffer("centers", torch.zeros(k, knobs.latent))
        self.register_buffer("twins", torch.zeros(()))
        self.net = encoder(self.shape, knobs.latent, knobs.width, widths(knobs.layers))
        self.projector = dense_normal((knobs.latent, knobs.latent), PROJECTED)

    def plan(self, data: Data) -> Iterator[Stage]:
        knobs = self.knobs
        step = Step(
            self.find_twins,
            [self.net, self.projector],
            knobs.lr,
            optimizer="adamw",
            weight_decay=DECAY,
            schedule="cosine",
            warmup=0.05,
        )
        yield Stage(
            "contrast", "Learning to find twins", [step], knobs.epochs, knobs.batch, groups=False, cuda_graphs=True
        )
        self.centers, _ = spherical_kmeans(self.embed(data), self.groups, knobs.restarts)

    def find_twins(self, batch: Batch) -> Terms:
        z = self.projector(self.represent(torch.cat(self.views(batch))))
        similar = similarities(*z.chunk(2))
        self.twins.lerp_(partner_accuracy(similar), 0.1)
        return {"contrast": nt_xent(similar, self.knobs.temperature)}

    def views(self, batch: Batch) -> tuple[Tensor, Tensor]:
        """Two views of each sample; of tables and texts one is the sample itself."""
        strength = self.knobs.strength
        if len(self.shape) == 1:
            return batch.x, batch.view(strength=2 * strength)
        return batch.view(strength=strength), batch.view(strength=strength)

    def represent(self, x: Tensor) -> Tensor:
        """The representation h [n, latent] of samples [n, ...], from which the projector starts."""
        h: Tensor = self.net((x - self.mean) / self.spread)
        return h

    def encode(self, x: Tensor) -> Tensor:
        """The representation of samples [n, ...] at length one, [n, latent]."""
        return F.normalize(self.represent(x).float(), dim=1)

    def labels(self, data: Data) -> Tensor:
        return self.map_codes(data, lambda z: (z @ self.centers.T).argmax(1))

    def group_centers(self) -> Tensor | None:
        return self.centers

    def report(self) -> dict[str, float]:
        return {"share of twins found": float(self.twins)}
