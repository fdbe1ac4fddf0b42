"""Agglomerative clustering.

J. H. Ward, J. Am. Stat. Assoc. 58, 1963, "Hierarchical Grouping to Optimize an Objective Function"; G. N. Lance, W.
T. Williams, Computer Journal 9, 1967, "A General Theory of Classificatory Sorting Strategies".

Starts with every sample alone and merges the two closest groups until one is left.

Deviations
----------
- New rows take the group of their nearest member, because the method has no rule for them.
- An unknown number of groups is that of the cut with the highest silhouette.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from engine.clusters import centroids, linkage, require
from engine.clusters.neighbors import nearest
from engine.core.card import Card, Family, Shows, knob
from engine.core.data import Data
from engine.core.method import Method, Stage

SHOWN = 31
"""Leaves of the tree that is kept, or as many as there are groups."""


@dataclass(frozen=True)
class Knobs:
    """Settings of agglomerative clustering."""

    linkage: str = knob(
        "ward",
        choices=("ward", "average", "complete", "single"),
        label="Closeness of two groups",
        help="Ward: how little the spread grows by joining them; average: mean distance of their members; "
        "complete: the two members farthest apart; single: the two nearest members.",
    )
    most: int = knob(20, 2, 200, "Largest number of groups tried where the number is to be found.", unit="groups")


class Agglomerative(Method):
    identity = True
    card = Card(
        id="agglomerative",
        name="Agglomerative clustering",
        authors="J. H. Ward; G. N. Lance, W. T. Williams",
        year=1963,
        paper="Hierarchical Grouping to Optimize an Objective Function, J. Am. Stat. Assoc. 58",
        idea="Starts with every sample alone and joins the two closest groups again and again: a tree that can be cut anywhere.",
        family=Family.CLASSICAL,
        architecture="none",
        non_clustering="none",
        clustering="linkage",
        combination="no network",
        update="bottom-up",
        knobs=Knobs,
        estimates_k=True,
        transductive=True,
        memory="n2",
        most_rows=linkage.LIMIT,
        shows=(Shows.MERGE_TREE, Shows.CUTS),
        caution=f"Compares all pairs of rows: at most {linkage.LIMIT:,} of them.",
    )
    members: Tensor
    merges: Tensor
    leaf: Tensor
    heights: Tensor
    centers: Tensor

    def __init__(self, data: Data, k: int | None, knobs: Knobs) -> None:
        super().__init__(data, k, knobs)
        self.register_buffer("members", torch.zeros(0))
        self.register_buffer("leaf", torch.zeros(0, dtype=torch.int64))
        self.register_buffer("centers", torch.zeros(0))
        for name in ("merges", "heights"):
            self.register_buffer(name, torch.zeros(0, dtype=torch.float64))

    def plan(self, data: Data) -> Iterator[Stage]:
        x = data.x.flatten(1)
        require(x, self.k or 1, least=2)
        tree = linkage.merges(x.cpu().numpy(), self.knobs.linkage)
        k = self.k or linkage.best_cut(tree, x.cpu().numpy(), self.knobs.most)
        top = linkage.truncate(tree, min(len(x), max(k, SHOWN)))
        self.members = x.clone()
        self.merges, self.leaf, self.heights = (
            torch.from_numpy(part).to(x.device) for part in (top.merges, top.leaf, top.heights)
        )
        groups = self.groups(k)[self.leaf]
        self.centers = centroids(x, groups, k)
        yield Stage("merge", "Joining the closest", (), batch=None)

    def groups(self, k: int) -> Tensor:
        """[leaves] group of each leaf of the kept tree at its cut into k."""
        return torch.from_numpy(linkage.cut(self.merges.cpu().numpy(), k)).to(self.leaf.device)

    def leaves(self, data: Data) -> Tensor:
        """[n] leaf of the member nearest to each row; a member's own is its own."""
        return self.map_batches(data, lambda x: self.leaf[nearest(x, self.members)[0][:, 0]])

    def labels(self, data: Data) -> Tensor:
        return self.groups(len(self.centers))[self.leaves(data)]

    def group_centers(self) -> Tensor | None:
        return self.centers

    def prototypes(self) -> Tensor | None:
        return self.centers.view(-1, *self.shape)

    def alternatives(self, data: Data) -> dict[str, Tensor]:
        """Half and twice as many groups, as far as the kept tree goes."""
        k, leaves = len(self.centers), self.leaves(data)
        cuts = sorted({max(2, k // 2), min(2 * k, len(self.heights))} - {k})
        return {f"{other} groups": self.groups(other)[leaves] for other in cuts}

    def tree(self) -> list[dict[str, object]] | None:
        labels = self.groups(len(self.centers)).tolist()
        sizes, heights = np.bincount(self.leaf.cpu().numpy(), minlength=len(labels)).tolist(), self.heights.tolist()
        return linkage.nodes(self.merges.cpu().numpy(), labels, sizes, heights)

    def report(self) -> dict[str, float]:
        return {"groups": float(len(self.centers))}
