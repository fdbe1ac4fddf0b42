"""DEPICT, Deep Embedded Regularized Clustering.

K. Ghasedi Dizaji, A. Herandi, C. Deng, W. Cai, H. Huang, ICCV 2017, "Deep Clustering via Joint Convolutional
Autoencoder Embedding and Relative Entropy Minimization", arXiv:1704.06327.

Predicts the groups of noisy samples from those of clean ones, and reconstructs every layer from its noisy copy.
`target` "balanced" is the paper's, p / sqrt(f); "sharper" is that of the authors' code, DEC's p^2 / f.

Deviations
----------
- The sharper target is the default, because the balanced one never makes an assignment more certain.
- The network is that of the other methods, for every kind of data, with ReLU and a linear code and output instead of
  leaky ReLU and tanh; its last hidden layer has no dropout, as in the authors' code.
- Hidden layers weigh 0.1, as in the authors' code.
- Reconstruction errors are sums over columns, so the cross-entropy of the assignments, and the mean of each hidden
  layer, count times the number of columns.
- Pretraining ends by its loss, not by that of held-out samples, and has the learning rate of the other methods.
- The softmax layer starts at the assignments that follow from the distances to the centers of k-means, as wide as the
  groups are, and learns the first groups for a few passes, not until held-out samples agree best.
- The rate rises in the first batches, or Adam would undo the pretraining.
- The start is always k-means, never agglomerative.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from math import prod

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from engine.clusters import kmeans
from engine.core.autoencoder_method import AugmentedBatch, Network
from engine.core.card import Card, Family, Shows, knob
from engine.core.data import Batch, Data
from engine.core.errors import InputError
from engine.core.method import Stage, Step, Terms, copy_into
from engine.losses import (
    balanced_target,
    kmeans_loss,
    layerwise_reconstruction,
    reconstruction,
    sharpen,
    soft_cross_entropy,
)
from engine.methods.ae_kmeans import AEKMeans
from engine.nets import SERIES, pathway

RESTARTS = 40
HIDDEN = 0.1
"""Weight of reconstructing the hidden layers."""


@dataclass(frozen=True)
class Knobs(Network):
    """Settings of DEPICT; those of the autoencoder come first."""

    noise: float = knob(
        0.1,
        0.0,
        0.9,
        "Share of the numbers of samples and hidden layers that is left out while learning.",
        label="Left out",
    )
    start_epochs: int = knob(5, 1, 1000, "Passes over the data that teach the first groups to the network, at most.")
    epochs: int = knob(
        100, 1, 5000, "Passes over the data after which the goal is set anew, at most.", quick=30, thorough=300
    )
    cluster_lr: float = knob(
        1e-4, 1e-6, 1.0, "Size of each correction while learning groups.", label="Grouping rate", log=True
    )
    target: str = knob(
        "sharper",
        choices=("balanced", "sharper"),
        help="The goal of every pass: the last guess with groups made more equally large, or also made surer.",
        label="Goal",
    )
    weight: float = knob(
        1.0, 0.0, 100.0, "Weight of guessing the group against reconstruction, per column of unit variance."
    )


class DEPICT(AEKMeans):
    card = Card(
        id="depict",
        name="Deep Embedded Regularized Clustering",
        short="DEPICT",
        authors="K. Ghasedi Dizaji, A. Herandi, C. Deng, W. Cai, H. Huang",
        year=2017,
        paper="Deep Clustering via Joint Convolutional Autoencoder Embedding and Relative Entropy Minimization, "
        "ICCV 2017, arXiv:1704.06327",
        idea="Guesses the group of each whole sample, then learns to guess the same when parts of the sample are left out.",
        family=Family.AUTOENCODER_JOINT,
        architecture="autoencoder",
        non_clustering="reconstruction of all layers under noise",
        clustering="cluster assignment hardening, balanced groups",
        combination="pretraining, then joint",
        update="alternating",
        knobs=Knobs,
        curves={
            "hidden layers": "How far each layer is, under noise, from its values without noise.",
            "guess": "How far the guess of the group under noise is from the goal set without noise.",
        },
        shows=(Shows.SOFT_LABELS, Shows.PROTOTYPES),
        caution="Expects groups of about the same size: the goal moves members from large groups to small ones.",
    )
    target: Tensor

    def __init__(self, data: Data, k: int | None, knobs: Knobs) -> None:
        super().__init__(data, k, knobs)
        if knobs.network in SERIES:
            raise InputError("DEPICT compares networks layer by layer: choose the dense or the convolutional one.")
        self.register_buffer("target", torch.zeros(0))
        self.head = nn.Linear(knobs.latent, self.groups)

    def plan(self, data: Data) -> Iterator[Stage]:
        yield from self.pretraining()
        labels = self.start(data)
        self.label_change(labels)
        self.target = copy_into(self.target, F.one_hot(labels, self.groups).float())
        for _, passes in self.stretches(self.knobs.start_epochs):
            yield self.clustering_stage("initial-groups", "Learning the first groups", passes, self.knobs.start_epochs)
            if self.converged(data, self.knobs.tolerance):
                break
        for _, passes in self.stretches(self.knobs.epochs):
            p = self.soft_labels(data)
            self.target = copy_into(self.target, balanced_target(p) if self.knobs.target == "balanced" else sharpen(p))
            yield self.clustering_stage("cluster", "Guessing under noise", passes, self.knobs.epochs)
            if self.converged(data, self.knobs.tolerance):
                break
        self.target = torch.zeros(0, device=data.device)
        with torch.no_grad():
            self.centers.data = self.centroids(data)

    def pretraining_stage(self, id: str, title: str, step: Step, epochs: int) -> Stage:
        stage = super().pretraining_stage(id, title, step, epochs)
        return replace(stage, pretrained=("all layers", *stage.pretrained))

    def reconstruct_loss(self, batch: Batch) -> Terms:
        return self.both_paths(self.augmented(batch))[0]

    def both_paths(self, views: AugmentedBatch) -> tuple[Terms, Tensor]:
        """Errors of reconstructing the clean path from the noisy one, and the code of the noisy one [m, latent]."""
        x = self.standard(views.target)
        clean = pathway.clean_activations(self.net, x)
        reconstructions, code = pathway.corrupted_pass(self.net, self.standard(views.x), self.knobs.noise)
        hidden = HIDDEN * prod(self.shape) * layerwise_reconstruction(clean[1:-1], reconstructions[1:])
        return {"reconstruction": reconstruction(x, reconstructions[0]), "hidden layers": hidden}, code

    def start(self, data: Data) -> Tensor:
        """k-means on the code; the softmax layer starts as the soft assignment that follows from it. Returns the labels [n]."""
        z = self.embed(data)
        centers, labels = kmeans(z, self.groups, RESTARTS)
        within, around = kmeans_loss(z, centers[labels]), kmeans_loss(z, z.mean(0))
        width = torch.maximum(within, 1e-2 * around).clamp_min(1e-12)
        self.head.weight.data = centers / width
        self.head.bias.data = -centers.square().sum(1) / (2 * width)
        return labels

    def clustering_stage(self, id: str, title: str, passes: int, total_epochs: int) -> Stage:
        """Some passes towards the target."""
        step = self.joint_step(self.cluster, [self.net, self.head], self.knobs.cluster_lr)
        return Stage(id, title, [step], passes, self.batch, total_epochs=total_epochs, cuda_graphs=True)

    def cluster(self, batch: Batch) -> Terms:
        views = self.augmented(batch)
        terms, code = self.both_paths(views)
        weight = self.knobs.weight * prod(self.shape)
        return {**terms, "guess": weight * soft_cross_entropy(self.target[views.index], self.head(code))}

    def soft_labels(self, data: Data) -> Tensor:
        return self.map_codes(data, lambda z: torch.softmax(self.head(z).float(), 1))

    def labels(self, data: Data) -> Tensor:
        return self.soft_labels(data).argmax(1)

    def centroids(self, data: Data) -> Tensor:
        """[k, latent] the mean code of each group, weighted by membership."""
        z = self.map_batches(data, self.encode, exact=True)
        p = torch.softmax(self.head(z), 1)
        return p.T @ z / p.sum(0).clamp_min(1e-12).unsqueeze(1)
