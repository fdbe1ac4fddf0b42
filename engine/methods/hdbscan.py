"""HDBSCAN.

R. J. G. B. Campello, D. Moulavi, J. Sander, PAKDD 2013, "Density-Based Clustering Based on Hierarchical Density
Estimates".

Builds the hierarchy of DBSCAN's groups over all reaches and keeps the groups that persist.

Deviations
----------
- New rows join the group of their nearest member where they are as dense as that group's edge, and no group
  elsewhere, because the paper has no rule for them.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from engine.clusters import centroids, require
from engine.clusters.density import dense_clusters, nearest_dense_member
from engine.core.card import Card, Family, Shows, knob
from engine.core.data import Data
from engine.core.method import Method, Stage


@dataclass(frozen=True)
class Knobs:
    """Settings of HDBSCAN."""

    min_cluster_size: int = knob(
        0,
        0,
        100_000,
        "Members that make a group at least; 0 is a hundredth of the rows, from 5 to 500.",
        label="Smallest group",
        unit="members",
    )
    min_samples: int = knob(
        5,
        2,
        1000,
        "Neighbors that a sample must have to be in a dense region: more leaves more of them outside.",
        label="Neighbors",
    )
    selection: str = knob(
        "eom",
        choices=("eom", "leaf"),
        help="Eom takes the groups that last longest, leaf the finest ones.",
        label="Groups kept",
    )
    single: bool = knob(False, help="Whether all samples may turn out to be one group.", label="Allow a single group")


class HDBSCAN(Method):
    identity = True
    card = Card(
        id="hdbscan",
        name="HDBSCAN",
        authors="R. J. G. B. Campello, D. Moulavi, J. Sander",
        year=2013,
        paper="Density-Based Clustering Based on Hierarchical Density Estimates, PAKDD 2013",
        idea="Finds dense regions of any shape and says what lies outside of all; how many there are, it finds by itself.",
        family=Family.CLASSICAL,
        architecture="none",
        non_clustering="none",
        clustering="density",
        combination="no network",
        update="hierarchy of densities",
        knobs=Knobs,
        needs_k=False,
        transductive=True,
        shows=(Shows.NOISE, Shows.MEMBERSHIP_STRENGTH),
        caution="With dozens of columns dense regions thin out and many samples stay outside; "
        "a given number of groups is ignored.",
    )
    members: Tensor
    assigned: Tensor
    strength: Tensor
    reach: Tensor
    centers: Tensor

    def __init__(self, data: Data, k: int | None, knobs: Knobs) -> None:
        super().__init__(data, None, knobs)
        self.register_buffer("assigned", torch.zeros(0, dtype=torch.int64))
        for name in ("members", "strength", "reach", "centers"):
            self.register_buffer(name, torch.zeros(0))

    def plan(self, data: Data) -> Iterator[Stage]:
        x = data.x.flatten(1)
        require(x, 1, least=2)
        smallest = self.knobs.min_cluster_size or min(max(5, len(x) // 100), 500)
        found = dense_clusters(
            x, max(2, smallest), self.knobs.min_samples, selection=self.knobs.selection, single=self.knobs.single
        )
        self.members, self.assigned, self.strength, self.reach = x.clone(), found.labels, found.strength, found.reach
        self.centers = centroids(x, found.labels, len(found.reach))
        yield Stage("dense-clusters", "Finding dense regions", (), batch=None)

    def places(self, data: Data) -> Tensor:
        """[n] the member whose place each row takes, -1 for none."""
        return self.map_batches(
            data, lambda x: nearest_dense_member(x, self.members, self.assigned, self.reach, self.knobs.min_samples)
        )

    def labels(self, data: Data) -> Tensor:
        member = self.places(data)
        return torch.where(member >= 0, self.assigned[member], -1)

    def soft_labels(self, data: Data) -> Tensor:
        """[n, k]: a member of strength s is in its group with probability s, the rest is spread evenly."""
        k, member = len(self.reach), self.places(data)
        group = torch.where(member >= 0, self.assigned[member], -1)
        strength = torch.where(group >= 0, self.strength[member], 0.0).unsqueeze(1)
        own = group.unsqueeze(1) == torch.arange(k, device=group.device)
        return strength * own + (1 - strength) / max(1, k)

    def group_centers(self) -> Tensor | None:
        return self.centers

    def prototypes(self) -> Tensor | None:
        return self.centers.view(-1, *self.shape)

    def report(self) -> dict[str, float]:
        outside = float((self.assigned < 0).float().mean()) if len(self.assigned) else 0.0
        return {"groups": float(len(self.reach)), "share outside": outside}
