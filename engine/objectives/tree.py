"""A cluster tree that grows and is pruned at its leaves while they are trained; `engine.clusters.tree` says how it is one matrix.

References
----------
D. Mautz, C. Plant, C. Böhm, ICDM 2019, "Deep Embedded Cluster Tree" (DeepECT).
"""

from typing import Any

import torch
from torch import Tensor, nn

from engine.clusters.splitting import split_widest
from engine.clusters.tree import clearest_first, cut, cut_means, grow, nodes, prune, root, side_means
from engine.losses import node_center_loss, node_data_compression, squared_distances
from engine.nets.centers import Centers

LEAST = 0.1
"""Members per batch below which a leaf is pruned."""


class ClusterTree(nn.Module):
    """The splits, and of every leaf its center, its weight and its size.

    Examples
    --------
    >>> _ = torch.manual_seed(0)
    >>> z = torch.tensor([[0.0], [1.0], [8.0], [9.0]])
    >>> tree = ClusterTree()
    >>> tree.initialize(z)
    >>> sorted(tree.means(None).flatten().tolist())
    [0.5, 8.5]
    >>> tree.grow(z), len(tree.leaves)
    (True, 3)
    >>> tree.count_members(tree.nearest(z))
    >>> [node["size"] for node in tree.nodes(2)[3:]]  # of the two splits
    [4, 2]
    """

    sides: Tensor
    """[splits, leaves] int64"""
    weights: Tensor
    """[leaves] members per batch, moved half way at a time."""
    sizes: Tensor
    """[leaves] int64 members when they were last counted."""

    def __init__(self) -> None:
        super().__init__()
        self.leaves = Centers()
        self.register_buffer("sides", root())
        self.register_buffer("weights", torch.zeros(0))
        self.register_buffer("sizes", torch.zeros(0, dtype=torch.int64))

    def initialize(self, z: Tensor) -> None:
        """The tree of one leaf over all codes [n, latent], split once."""
        self.sides, self.weights = root(z.device), torch.ones(1, device=z.device)
        self.leaves.assign([z.mean(0)], z.device)
        self.grow(z)

    def grow(self, z: Tensor) -> bool:
        """Split the leaf whose members have the largest summed squared distance from its center, by 2-means.

        Parameters
        ----------
        z : Tensor of shape (n, latent)
            Codes of all samples.

        Returns
        -------
        bool
            False where no leaf can be split.
        """
        found = split_widest(z, self.leaves.stacked())
        if found is None:
            return False
        leaf, pair, side = found
        share = self.weights[leaf] * side.bincount(minlength=2) / len(side)
        self.weights = torch.cat([self.weights, share[1:]])
        self.weights[leaf] = share[0]
        self.sides = grow(self.sides, leaf)
        centers: list[Tensor] = list(self.leaves.values())
        centers[leaf] = pair[0]
        self.leaves.assign([*centers, pair[1]], pair.device)
        return True

    def update_weights(self, nearest: Tensor, batches: int) -> None:
        """Move the weights half way to the members per batch, and count the members.

        Parameters
        ----------
        nearest : Tensor of shape (n,), int64
            Leaf of each sample.
        batches : int
            Number of batches that the samples make.
        """
        self.count_members(nearest)
        self.weights = (self.weights + self.sizes / batches) / 2

    def count_members(self, nearest: Tensor) -> None:
        """Set the sizes from the nearest leaf [n] int64 of each sample."""
        self.sizes = nearest.bincount(minlength=len(self.leaves))

    def prune(self, fewest: int) -> None:
        """Remove the leaves that have lost their members, the lightest first, as long as more than `fewest` are left."""
        while len(self.leaves) > fewest and float(self.weights.min()) < LEAST:
            leaf = int(self.weights.argmin())
            self.sides = prune(self.sides, leaf)
            others = torch.arange(len(self.weights), device=self.weights.device) != leaf
            self.weights, self.sizes = self.weights[others], self.sizes[others]
            self.leaves.assign([center for i, center in enumerate(self.leaves.values()) if i != leaf], others.device)

    def nearest(self, z: Tensor) -> Tensor:
        """The leaf [n] int64 of each code [n, latent]."""
        return squared_distances(z, self.leaves.stacked().detach()).argmin(1)

    def losses(self, z: Tensor, nearest: Tensor) -> tuple[Tensor, Tensor]:
        """The two losses of the tree, see `engine.losses.hierarchy`.

        Parameters
        ----------
        z : Tensor of shape (n, latent)
        nearest : Tensor of shape (n,), int64
            Leaf of each code.

        Returns
        -------
        node_center, data_compression : Tensor of shape ()
        """
        centers = self.leaves.stacked()
        left, right = side_means(self.sides, centers.detach(), self.weights)
        return node_center_loss(z, centers, nearest), node_data_compression(z, self.sides.T[nearest], left, right)

    def cut(self, k: int | None) -> Tensor:
        """The group [leaves] int64 of each leaf in the cut at k groups, which undoes the splits that part the least; without k,
        every leaf is a group."""
        sides = clearest_first(self.sides, self.leaves.stacked().detach(), self.weights)
        return cut(sides, k or len(self.leaves))

    def means(self, k: int | None) -> Tensor:
        """Centers [k, latent] of the groups of that cut."""
        return cut_means(self.cut(k), self.leaves.stacked().detach(), self.weights)

    def nodes(self, k: int | None) -> list[dict[str, Any]]:
        """Every node, as in `Outcome.tree`, with the groups of that cut."""
        return nodes(self.sides, self.leaves.stacked().detach(), self.sizes, self.cut(k))
