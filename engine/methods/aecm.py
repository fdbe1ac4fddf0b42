"""AE-CM, an autoencoder with the Clustering Module.

A. Boubekki, M. Kampffmeyer, U. Brefeld, R. Jenssen, Machine Learning 110, 2021, "Joint optimization of an autoencoder
for clustering and embedding", arXiv:2012.03740.

An autoencoder whose code feeds the Clustering Module, trained jointly. Both variants: from scratch, and pretrained,
with k-means on the code and the module trained alone first.

Deviations
----------
- Layers are ReLU, as in the other autoencoders.
- Losses are means over samples, so what counts once a batch beside the authors' sums is divided by their batch size:
  `balance` is (alpha - 1) / batch, `slant` is lambda / batch, and `weight` is theirs times the variance of an input
  column times the number of columns.
- Centers start orthogonal instead of random, and assignments start close to hard (see `SURE`): a hundred passes
  instead of a thousand do not get there otherwise.
- In the pretrained variant the code is first mapped, affinely and without changing any reconstruction, to where its
  groups are nearest to such centers, because forcing the centers of k-means to right angles tears groups apart.
- The joint rate rises in the first batches, or Adam would undo the pretraining.
- The prior of equal sizes looks at the sizes in the last 2,048 samples, or in all where there are fewer, because in a
  small batch groups are missing by chance and members of others would be moved to them.
- The code is at least as large as the number of groups, because every center needs a direction.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from math import prod
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from engine.clusters import require
from engine.clusters.alignment import alignment
from engine.core.card import Card, Family, Shows, knob
from engine.core.data import Batch, Data
from engine.core.errors import InputError
from engine.core.method import Stage, Step, Terms
from engine.losses import average_center, balance_prior, kmeans_loss, orthogonality, vote_variance
from engine.methods import ae_kmeans
from engine.methods.ae_kmeans import AEKMeans

SURE = 10.0
"""How much more a center votes for its own group than for any other at the start, as a logarithm."""
REMEMBERED = 2048
"""Samples over which the sizes of the groups are averaged."""
KEPT = 0.1
"""Least width of a direction of the code after its groups were moved to right angles, against the widest."""


@dataclass(frozen=True)
class Knobs(ae_kmeans.Knobs):
    """Settings of AE-CM; those of the autoencoder come first."""

    latent: int = knob(
        10,
        1,
        1000,
        "How many numbers describe a sample in the code; raised to the number of groups, whose centers need a direction each.",
        label="Code size",
    )
    variant: str = knob(
        "pretrained",
        choices=("pretrained", "from scratch"),
        help="Learn to reconstruct and group by k-means first, or learn code and groups together from random numbers.",
    )
    epochs: int = knob(
        100, 1, 5000, "Passes over the data that train code, votes and centers.", quick=30, thorough=1000
    )
    cluster_lr: float = knob(
        1e-3, 1e-6, 1.0, "Size of each correction of code, votes and centers.", label="Joint rate", log=True
    )
    weight: float = knob(3.0, 0.0, 1e5, "Weight of reconstructing a sample against its closeness to the centers.")
    balance: float = knob(0.05, 0.0, 100.0, "Weight of groups of equal size against closeness to the centers.")
    slant: float = knob(0.5, 0.0, 100.0, "Weight of keeping the directions of the centers at right angles.")


class AECM(AEKMeans):
    card = Card(
        id="aecm",
        name="Autoencoder with Clustering Module",
        short="AE-CM",
        authors="A. Boubekki, M. Kampffmeyer, U. Brefeld, R. Jenssen",
        year=2021,
        paper="Joint optimization of an autoencoder for clustering and embedding, Machine Learning 110, arXiv:2012.03740",
        idea="While it learns to describe and reconstruct samples, a small network inside votes for groups in the description.",
        family=Family.AUTOENCODER_JOINT,
        architecture="autoencoder",
        non_clustering="reconstruction",
        clustering="k-means loss (soft), groups of equal size",
        combination="pretraining, then joint; or joint from the start",
        update="joint",
        knobs=Knobs,
        curves={
            "closeness": "How far members are from the centers they voted for.",
            "right angles": "How far the centers are from standing at right angles to each other.",
            "departure from right angles": "The same for each group, without its weight.",
        },
        shows=(Shows.SOFT_LABELS, Shows.PROTOTYPES),
        caution="It prefers groups of similar size: where a small group is expected, lower the balance.",
    )
    shares: Tensor
    """[k] of the groups in the samples seen last."""

    def __init__(self, data: Data, k: int | None, knobs: Any) -> None:
        super().__init__(data, k, replace(knobs, latent=max(knobs.latent, k or 1)))
        latent = self.knobs.latent
        self.votes = nn.Linear(latent, self.groups)
        nn.init.orthogonal_(self.centers)
        self.votes.weight.data = SURE * self.centers.detach().clone()
        nn.init.zeros_(self.votes.bias)
        self.register_buffer("shares", torch.full((self.groups,), 1 / self.groups))
        self.remembered = min(len(data), REMEMBERED)

    def plan(self, data: Data) -> Iterator[Stage]:
        require(data.x.flatten(1), self.groups)
        if self.knobs.variant == "pretrained":
            yield from self.pretraining()
            self.start(data)
            yield self.module()
        yield self.joint()

    def start(self, data: Data) -> Tensor:
        """First groups [n] of the code, which is then mapped to where they are nearest to centers of length one at right angles.

        InputError where more groups are found than the code has dimensions.
        """
        labels = super().start(data)
        if self.groups > self.knobs.latent:
            raise InputError(
                f"{self.groups} groups were found to start from, and each needs a direction of its own in the code: raise the "
                f"code size to {self.groups}, or let the groups start from k-means."
            )
        k, latent = self.groups, self.knobs.latent
        # The code becomes an affine map of itself; reconstructions stay as they are.
        self.net.move(*alignment(self.embed(data), F.one_hot(labels, latent), KEPT))
        self.centers.data = torch.eye(k, latent, device=labels.device)
        self.votes.weight.data = SURE * self.centers.detach().clone()
        self.votes.bias.data = self.votes.bias.data.new_zeros(k)
        self.shares = self.soft_labels(data).mean(0)
        return labels

    def module(self) -> Stage:
        """Votes and centers alone, while the code stays as it is."""
        epochs = max(1, self.knobs.epochs // 10)
        step = Step(self.cluster, [self.votes, self.centers], self.knobs.cluster_lr)
        return Stage("votes", "Training the votes", [step], epochs, self.batch, cuda_graphs=True)

    def joint(self) -> Stage:
        """Code, votes and centers together."""
        step = self.joint_step(self.cluster, [self.net, self.votes, self.centers], self.knobs.cluster_lr)
        return Stage("joint", "Training code and votes", [step], self.knobs.epochs, self.batch, cuda_graphs=True)

    def cluster(self, batch: Batch) -> Terms:
        knobs, views = self.knobs, self.augmented(batch)
        z = self.encode(views.x)
        gamma = self.vote(z)
        with torch.no_grad():
            self.shares.lerp_(gamma.mean(0), min(1.0, len(batch) / self.remembered))
        return {
            "reconstruction": knobs.weight / prod(self.shape) * self.reconstruction_loss(views.target, z),
            "closeness": kmeans_loss(z, average_center(gamma, self.centers)),
            "hesitation": vote_variance(gamma).sum(1).mean(),
            "right angles": knobs.slant * orthogonality(self.centers),
            "balance": knobs.balance * balance_prior(gamma, self.shares),
        }

    def vote(self, z: Tensor) -> Tensor:
        """Memberships [n, k] of codes [n, latent], in float32."""
        with torch.autocast(z.device.type, enabled=False):
            return torch.softmax(self.votes(z.float()), 1)

    def soft_labels(self, data: Data) -> Tensor:
        return self.map_codes(data, self.vote)

    def labels(self, data: Data) -> Tensor:
        return self.soft_labels(data).argmax(1)

    def present_names(self, state: dict[str, Tensor]) -> dict[str, Tensor]:
        """Models of earlier versions have no `shares`, which only training needs."""
        return {"shares": self.shares} | super().present_names(state)

    def report(self) -> dict[str, float]:
        return {"departure from right angles": float(orthogonality(self.centers.detach())) / self.groups}
