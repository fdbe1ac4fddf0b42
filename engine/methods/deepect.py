"""DeepECT, Deep Embedded Cluster Tree. D. Mautz, C. Plant, C. Böhm, ICDM 2019; extended in Data Science and Engineering 5,
2020, "DeepECT: The Deep Embedded Cluster Tree".

Deviations: the autoencoder is trained end to end by Adam instead of layer by layer. The weight of a leaf moves once an epoch,
by its members per batch in the whole data, instead of at every batch: small leaves otherwise die of a few unlucky batches, and
trees of digits are known to be pruned back to 2 or 3 leaves. For the same reason pruning leaves at least as many leaves as
groups are asked for. The tree grows every so many epochs instead of every 500 batches. The directions of the splits are
constants of the compression loss. The losses have weight 1 beside a reconstruction error that is a mean over features; with a
sum over features that is 1 times the number of features. Training stops when few members change leaf after the tree is grown.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil, prod
from typing import Any

import torch
from torch import Tensor

from engine.card import Card, knob
from engine.clusters.splitting import halve_loosest
from engine.clusters.tree import cut, cut_means, grow, nodes, prune, side_means, sprout
from engine.data import Batch, Data
from engine.losses import center_drift, split_compression, squared_distances
from engine.method import Stage, Step, Terms
from engine.nets.centers import Centers
from engine.redrawing import Network, Redrawing, alter

LEAST = 0.1
"""Members per batch below which a leaf dies."""


@dataclass(frozen=True)
class Knobs(Network):
    """Settings of DeepECT; those of the autoencoder come first."""

    leaves: int = knob(20, 2, 500, "Grow the tree until it has this many leaves.", label="Leaves at most", quick=12)
    grow_every: int = knob(2, 1, 100, "Passes over the data between two splits.", unit="epochs", quick=1)
    epochs: int = knob(
        100, 1, 5000, "Passes over the data that grow and shape the tree, at most.", quick=20, thorough=200
    )
    cluster_lr: float = knob(1e-4, 1e-6, 1.0, "Size of each correction while shaping.", label="Shaping rate", log=True)
    weight: float = knob(1.0, 0.0, 100.0, "Weight of the tree against redrawing, per column of unit variance.")
    # The paper shows altered pictures beside the originals, and for digits only.
    augment: str = alter("never")


class DeepECT(Redrawing):
    card = Card(
        id="deepect",
        name="Deep Embedded Cluster Tree",
        short="DeepECT",
        authors="D. Mautz, C. Plant, C. Böhm",
        year=2019,
        paper="Deep Embedded Cluster Tree, ICDM 2019; Data Science and Engineering 5, 2020",
        idea="Splits the data into two, then each part again where it is most mixed; the tree can be cut at any height.",
        family="Trees",
        architecture="autoencoder",
        non_clustering="reconstruction",
        clustering="node centers and compression along splits",
        combination="pretraining, then joint",
        update="joint, with growing and pruning",
        knobs=Knobs,
        needs_k=False,
        estimates_k=True,
        shows=("tree", "cuts at every number of groups", "prototypes"),
        caution="Without a number of groups every leaf is a group: the tree has as many as you allow.",
    )
    sides: Tensor
    weights: Tensor
    sizes: Tensor

    def __init__(self, data: Data, k: int | None, knobs: Knobs) -> None:
        super().__init__(data, k, knobs)
        self.leaves = Centers()
        self.register_buffer("sides", sprout())
        self.register_buffer("weights", torch.zeros(0))
        self.register_buffer("sizes", torch.zeros(0, dtype=torch.int64))

    def plan(self, data: Data) -> Iterator[Stage]:
        yield from self.pretraining()
        knobs, most = self.knobs, max(self.knobs.leaves, self.k or 0)
        self.start(data)
        for epoch in range(1, knobs.epochs + 1):
            step = Step(self.shape_tree, [self.net, self.leaves], knobs.cluster_lr)
            yield Stage("Growing the tree", [step], 1, self.batch, of=knobs.epochs)
            nearest = self.weigh(data)
            if self.moved(nearest) < knobs.tolerance and epoch > knobs.grow_every * most:
                break
            self.prune()
            if epoch % knobs.grow_every == 0 and len(self.leaves) < most:
                self.grow(data)
        self.finish(data)

    def start(self, data: Data) -> Tensor:
        """The tree of one leaf, split once; returns the leaf of each member [n]."""
        z = self.embed(data)
        self.sides, self.weights = sprout(z.device), torch.ones(1, device=z.device)
        self.leaves.plant([z.mean(0)], z.device)
        self.grow(data)
        return self.weigh(data)

    def grow(self, data: Data) -> bool:
        """Split the leaf with the largest summed squared distance by 2-means; False where no leaf can be split."""
        found = halve_loosest(self.embed(data), self.leaves.stacked())
        if found is None:
            return False
        leaf, pair, side = found
        share = self.weights[leaf] * side.bincount(minlength=2) / len(side)
        self.weights = torch.cat([self.weights, share[1:]])
        self.weights[leaf] = share[0]
        self.sides = grow(self.sides, leaf)
        kept: list[Tensor] = list(self.leaves.values())
        kept[leaf] = pair[0]
        self.leaves.plant([*kept, pair[1]], pair.device)
        return True

    def weigh(self, data: Data) -> Tensor:
        """The leaf of each member [n]; the leaves' weights move half way to their members per batch."""
        nearest = self.nearest_leaf(data)
        self.sizes = nearest.bincount(minlength=len(self.leaves))
        batches = max(1, ceil(len(data) / self.batch))
        self.weights = (self.weights + self.sizes / batches) / 2
        return nearest

    def prune(self) -> None:
        """Remove the leaves that have lost their members, the lightest first, down to the groups asked for."""
        while len(self.leaves) > max(2, self.k or 2) and float(self.weights.min()) < LEAST:
            leaf = int(self.weights.argmin())
            self.sides = prune(self.sides, leaf)
            stays = torch.arange(len(self.weights), device=self.weights.device) != leaf
            self.weights, self.sizes = self.weights[stays], self.sizes[stays]
            self.leaves.plant([center for i, center in enumerate(self.leaves.values()) if i != leaf], stays.device)

    def finish(self, data: Data) -> None:
        """A training too short to grow the groups asked for grows them now."""
        while self.k and len(self.leaves) < self.k and self.grow(data):
            pass
        self.sizes = self.nearest_leaf(data, exact=True).bincount(minlength=len(self.leaves))

    def shape_tree(self, batch: Batch) -> Terms:
        shown, centers = self.shown(batch), self.leaves.stacked()
        z = self.encode(shown.x)
        nearest = squared_distances(z.detach()[: len(batch)], centers.detach()).argmin(1)
        nearest = nearest.repeat(len(z) // len(batch))  # an altered picture keeps the leaf of the picture
        left, right = side_means(self.sides, centers.detach(), self.weights)
        weight = self.knobs.weight * prod(self.shape)
        return {
            "reconstruction": self.redrawn(shown.wanted, z),
            "centers": weight * center_drift(z, centers, nearest),
            "compression": weight * split_compression(z, self.sides.T[nearest], left, right),
        }

    def nearest_leaf(self, data: Data, exact: bool = False) -> Tensor:
        """[n] int64"""
        centers = self.leaves.stacked().detach()
        return self.over_codes(data, lambda z: squared_distances(z, centers).argmin(1), exact=exact)

    def cut(self, k: int | None) -> Tensor:
        """[leaves] int64: the group of each leaf in the cut at k groups, or at the leaves themselves."""
        return cut(self.sides, k or len(self.leaves))

    def labels(self, data: Data) -> Tensor:
        return self.cut(self.k)[self.nearest_leaf(data)]

    def alternatives(self, data: Data) -> dict[str, Tensor]:
        nearest, most = self.nearest_leaf(data), len(self.leaves)
        return {f"{k} groups": self.cut(k)[nearest] for k in range(2, most + 1) if k != (self.k or most)}

    def group_centers(self) -> Tensor:
        return cut_means(self.cut(self.k), self.leaves.stacked().detach(), self.weights)

    def prototypes(self) -> Tensor | None:
        with torch.no_grad():
            return self.decode(self.group_centers())

    def tree(self) -> list[dict[str, Any]] | None:
        return nodes(self.sides, self.leaves.stacked().detach(), self.sizes, self.cut(self.k))

    def report(self) -> dict[str, float]:
        return {"leaves": float(len(self.leaves))}

    def restore(self, state: dict[str, Tensor]) -> None:
        self.leaves.plant(Centers.saved(state, "leaves"), self.mean.device)
        super().restore(state)
