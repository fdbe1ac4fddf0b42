"""A tree that grows and dies back at its leaves while they are trained (Mautz, Plant & Böhm 2019, DeepECT). How a tree is one
small matrix is told in `engine.clusters.tree`.
"""

from typing import Any

import torch
from torch import Tensor, nn

from engine.clusters.splitting import split_widest
from engine.clusters.tree import cut, cut_means, grow, nodes, prune, root, side_means
from engine.losses import node_center_loss, node_data_compression, squared_distances
from engine.nets.centers import Centers

LEAST = 0.1
"""Members per batch below which a leaf dies."""


class ClusterTree(nn.Module):
    """The splits, and of every leaf its center, its weight and its size."""

    sides: Tensor
    """[splits, leaves] int64"""
    weights: Tensor
    """[leaves] members per batch, moved half way at a time."""
    sizes: Tensor
    """[leaves] int64 members when they were last weighed or counted."""

    def __init__(self) -> None:
        super().__init__()
        self.leaves = Centers()
        self.register_buffer("sides", root())
        self.register_buffer("weights", torch.zeros(0))
        self.register_buffer("sizes", torch.zeros(0, dtype=torch.int64))

    def begin(self, z: Tensor) -> None:
        """The tree of one leaf over all codes z [n, latent], split once."""
        self.sides, self.weights = root(z.device), torch.ones(1, device=z.device)
        self.leaves.assign([z.mean(0)], z.device)
        self.grow(z)

    def grow(self, z: Tensor) -> bool:
        """Split the leaf with the largest summed squared distance of codes z [n, latent] by 2-means; False where none can be."""
        found = split_widest(z, self.leaves.stacked())
        if found is None:
            return False
        leaf, pair, side = found
        share = self.weights[leaf] * side.bincount(minlength=2) / len(side)
        self.weights = torch.cat([self.weights, share[1:]])
        self.weights[leaf] = share[0]
        self.sides = grow(self.sides, leaf)
        kept: list[Tensor] = list(self.leaves.values())
        kept[leaf] = pair[0]
        self.leaves.assign([*kept, pair[1]], pair.device)
        return True

    def weigh(self, nearest: Tensor, batches: int) -> None:
        """Weights move half way to the members per batch, where so many batches have these leaves [n] nearest."""
        self.count(nearest)
        self.weights = (self.weights + self.sizes / batches) / 2

    def count(self, nearest: Tensor) -> None:
        """The sizes, from the nearest leaf [n] of each member."""
        self.sizes = nearest.bincount(minlength=len(self.leaves))

    def prune(self, fewest: int) -> None:
        """Remove the leaves that have lost their members, the lightest first, as long as more than `fewest` are left."""
        while len(self.leaves) > fewest and float(self.weights.min()) < LEAST:
            leaf = int(self.weights.argmin())
            self.sides = prune(self.sides, leaf)
            stays = torch.arange(len(self.weights), device=self.weights.device) != leaf
            self.weights, self.sizes = self.weights[stays], self.sizes[stays]
            self.leaves.assign([center for i, center in enumerate(self.leaves.values()) if i != leaf], stays.device)

    def nearest(self, z: Tensor) -> Tensor:
        """[n, latent] -> [n] int64, the leaf of each code."""
        return squared_distances(z, self.leaves.stacked().detach()).argmin(1)

    def losses(self, z: Tensor, nearest: Tensor) -> tuple[Tensor, Tensor]:
        """How far leaves are from their members, and codes z [n, latent] from their side of every split, see
        `engine.losses.hierarchy`; nearest [n].
        """
        centers = self.leaves.stacked()
        left, right = side_means(self.sides, centers.detach(), self.weights)
        return node_center_loss(z, centers, nearest), node_data_compression(z, self.sides.T[nearest], left, right)

    def cut(self, k: int | None) -> Tensor:
        """[leaves] int64: the group of each leaf in the cut at k groups, or at the leaves themselves."""
        return cut(self.sides, k or len(self.leaves))

    def means(self, k: int | None) -> Tensor:
        """[k, latent] centers of the groups of that cut."""
        return cut_means(self.cut(k), self.leaves.stacked().detach(), self.weights)

    def nodes(self, k: int | None) -> list[dict[str, Any]]:
        """Every node, as in `Outcome.tree`, with the groups of that cut."""
        return nodes(self.sides, self.leaves.stacked().detach(), self.sizes, self.cut(k))
