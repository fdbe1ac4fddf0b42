"""DeepECT, Deep Embedded Cluster Tree.

D. Mautz, C. Plant, C. Böhm, ICDM 2019; extended in Data Science and Engineering 5, 2020, "DeepECT: The Deep Embedded
Cluster Tree".

Grows a tree of clusters in the code of an autoencoder, which is trained to compress members along the splits.

Deviations
----------
- The autoencoder is trained end to end with Adam instead of layer by layer.
- The weight of a leaf changes once an epoch, by its members per batch in the whole data, instead of at every batch:
  small leaves otherwise die of a few unlucky batches, and trees of digits are known to be pruned back to 2 or 3
  leaves.
- For the same reason pruning leaves at least as many leaves as groups are asked for.
- The cut at k groups undoes the splits that explain the least scatter, not the latest: the leaf of the largest scatter, which is
  split next, is often a single large group, while two small ones are still together.
- The tree grows every so many epochs instead of every 500 batches.
- The directions of the splits are constants of the compression loss.
- The losses have weight 1 beside a reconstruction error that is a mean over features; with a sum over features that
  is 1 times the number of features.
- The rate rises in the first batches, or Adam would undo the pretraining.
- Training stops when few members change leaf after the tree is grown.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil, prod
from typing import Any, ClassVar

import torch
from torch import Tensor

from engine.core.autoencoder_method import AutoencoderMethod, Network, alter
from engine.core.card import Card, Family, Shows, knob
from engine.core.data import Batch, Data
from engine.core.method import Stage, Terms
from engine.nets.centers import Centers
from engine.objectives.tree import ClusterTree


@dataclass(frozen=True)
class Knobs(Network):
    """Settings of DeepECT; those of the autoencoder come first."""

    leaves: int = knob(20, 2, 500, "Grow the tree until it has this many leaves.", label="Leaves at most", quick=12)
    grow_every: int = knob(2, 1, 100, "Passes over the data between two splits.", unit="epochs", quick=1)
    epochs: int = knob(
        100, 1, 5000, "Passes over the data that grow and shape the tree, at most.", quick=20, thorough=200
    )
    cluster_lr: float = knob(1e-4, 1e-6, 1.0, "Size of each correction while shaping.", label="Shaping rate", log=True)
    weight: float = knob(1.0, 0.0, 100.0, "Weight of the tree against reconstruction, per column of unit variance.")
    # The paper shows altered pictures beside the originals, and for digits only.
    augment: str = alter("never")


class DeepECT(AutoencoderMethod):
    card = Card(
        id="deepect",
        name="Deep Embedded Cluster Tree",
        short="DeepECT",
        authors="D. Mautz, C. Plant, C. Böhm",
        year=2019,
        paper="Deep Embedded Cluster Tree, ICDM 2019; Data Science and Engineering 5, 2020",
        idea="Splits the data into two, then each part again where it is most mixed; the tree can be cut at any height.",
        family=Family.TREES,
        architecture="autoencoder",
        non_clustering="reconstruction",
        clustering="node centers and compression along splits",
        combination="pretraining, then joint",
        update="joint, with growing and pruning",
        streams=True,
        knobs=Knobs,
        needs_k=False,
        estimates_k=True,
        curves={
            "centers": "How far the centers of the tree are from the members that lie at them.",
            "compression": "How far members are from the line between the two centers they choose from.",
            "leaves": "Ends of the tree so far.",
        },
        shows=(Shows.TREE, Shows.ALL_CUTS, Shows.PROTOTYPES),
        caution="Without a number of groups every leaf is a group: the tree has as many as you allow.",
    )

    former_names: ClassVar = {"growing": "cluster_tree"}

    def __init__(self, data: Data, k: int | None, knobs: Knobs) -> None:
        super().__init__(data, k, knobs)
        self.cluster_tree = ClusterTree()

    def plan(self, data: Data) -> Iterator[Stage]:
        yield from self.pretraining()
        knobs, tree, most = self.knobs, self.cluster_tree, max(self.knobs.leaves, self.k or 0)
        tree.initialize(self.embed(data))
        self.update_weights(data)
        for epoch in range(1, knobs.epochs + 1):
            step = self.joint_step(self.shape_tree, [self.net, tree], knobs.cluster_lr)
            yield Stage("tree", "Growing the tree", [step], 1, self.batch, total_epochs=knobs.epochs)
            if self.label_change(self.update_weights(data)) < knobs.tolerance and epoch > knobs.grow_every * most:
                break
            tree.prune(max(2, self.k or 2))
            if epoch % knobs.grow_every == 0 and len(tree.leaves) < most:
                tree.grow(self.embed(data))
        self.finish(data)

    def update_weights(self, data: Data) -> Tensor:
        """The leaf [n] of each member; the leaves' weights move half way to their members per batch."""
        nearest = self.nearest_leaf(data)
        self.cluster_tree.update_weights(nearest, max(1, ceil(len(data) / self.batch)))
        return nearest

    def finish(self, data: Data) -> None:
        """A training too short to grow the groups asked for grows them now."""
        while self.k and len(self.cluster_tree.leaves) < self.k and self.cluster_tree.grow(self.embed(data)):
            pass
        self.cluster_tree.count_members(self.nearest_leaf(data, exact=True))

    def shape_tree(self, batch: Batch) -> Terms:
        views = self.augmented(batch)
        z = self.encode(views.x)
        nearest = self.cluster_tree.nearest(z.detach()[: len(batch)])
        nearest = nearest.repeat(len(z) // len(batch))  # an altered picture keeps the leaf of the picture
        drift, compression = self.cluster_tree.losses(z, nearest)
        weight = self.knobs.weight * prod(self.shape)
        return {
            "reconstruction": self.reconstruction_loss(views.target, z),
            "centers": weight * drift,
            "compression": weight * compression,
        }

    def nearest_leaf(self, data: Data, exact: bool = False) -> Tensor:
        """[n] int64"""
        return self.map_codes(data, self.cluster_tree.nearest, exact=exact)

    def labels(self, data: Data) -> Tensor:
        return self.cluster_tree.cut(self.k)[self.nearest_leaf(data)]

    def alternatives(self, data: Data) -> dict[str, Tensor]:
        nearest, most = self.nearest_leaf(data), len(self.cluster_tree.leaves)
        return {f"{k} groups": self.cluster_tree.cut(k)[nearest] for k in range(2, most + 1) if k != (self.k or most)}

    def group_centers(self) -> Tensor:
        return self.cluster_tree.means(self.k)

    def prototypes(self) -> Tensor | None:
        with torch.no_grad():
            return self.decode(self.group_centers())

    def tree(self) -> list[dict[str, Any]] | None:
        return self.cluster_tree.nodes(self.k)

    def report(self) -> dict[str, float]:
        return {"leaves": float(len(self.cluster_tree.leaves))}

    def restore(self, state: dict[str, Tensor]) -> None:
        """Take saved weights, by name, of as many leaves [latent] as there are."""
        state = self.present_names(state)
        self.cluster_tree.leaves.assign(Centers.from_state(state, "cluster_tree.leaves"), self.mean.device)
        super().restore(state)
