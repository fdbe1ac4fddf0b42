"""DBSCAN.

M. Ester, H.-P. Kriegel, J. Sander, X. Xu, KDD 1996, "A Density-Based Algorithm for Discovering Clusters in Large
Spatial Databases with Noise"; the bend of the sorted distances: the same, section 4.2.

Connects core samples, which have enough neighbors within reach; what no core sample reaches is noise.

Deviations
----------
- A sample at the border of several groups joins that of its nearest core member instead of the one that reached it
  first, so that the order of the rows does not matter.
- New rows follow the same rule, because the paper has none for them.
- The bend, which the paper leaves to the eye, is the point farthest below the line between the ends of the curve.
- Where the number of neighbors is not chosen, it is twice the number of columns (Sander et al. 1998), from 10 to 20.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from engine.clusters import centroids, require
from engine.clusters.cores import assign_within_reach, core_samples, knee
from engine.core.card import Card, Family, Shows, knob
from engine.core.data import Data
from engine.core.method import Method, Stage

SLACK = 1 + 1e-6
"""The reach is this much longer, so that rounding parts no two rows that are exactly as far from each other."""


@dataclass(frozen=True)
class Knobs:
    """Settings of DBSCAN."""

    eps: float = knob(
        0.0,
        0.0,
        1e9,
        "How near another sample must be to count as a neighbor, in prepared units; 0 finds it: where the sorted distances "
        "to the last neighbor bend.",
        label="Reach",
    )
    min_samples: int = knob(
        0,
        0,
        1000,
        "Samples that must be within reach, itself counted, for one to be in a dense region: more leaves more of them outside; "
        "0 is twice the number of columns, from 10 to 20.",
        label="Neighbors",
    )


class DBSCAN(Method):
    identity = True
    card = Card(
        id="dbscan",
        name="DBSCAN",
        authors="M. Ester, H.-P. Kriegel, J. Sander, X. Xu",
        year=1996,
        paper="A Density-Based Algorithm for Discovering Clusters in Large Spatial Databases with Noise, KDD 1996",
        idea="Walks from sample to sample as long as each has enough others nearby; what lies in no dense region stays outside.",
        family=Family.CLASSICAL,
        architecture="none",
        non_clustering="none",
        clustering="density",
        combination="no network",
        update="once",
        knobs=Knobs,
        needs_k=False,
        transductive=True,
        curves={
            "reach": "How near another member must be to count as a neighbor.",
        },
        shows=(Shows.NOISE,),
        caution="One reach cannot serve groups of differing density, and with dozens of columns all distances become alike; "
        "a given number of groups is ignored.",
    )
    members: Tensor
    assigned: Tensor
    reach: Tensor
    outside: Tensor
    centers: Tensor

    def __init__(self, data: Data, k: int | None, knobs: Knobs) -> None:
        super().__init__(data, None, knobs)
        self.register_buffer("assigned", torch.zeros(0, dtype=torch.int64))
        for name, shape in (("members", 0), ("centers", 0), ("reach", ()), ("outside", ())):
            self.register_buffer(name, torch.zeros(shape))

    def plan(self, data: Data) -> Iterator[Stage]:
        x = data.x.flatten(1)
        require(x, 1, least=2)
        neighbors = self.knobs.min_samples or min(max(10, 2 * x.shape[1]), 20)
        reach = SLACK * (self.knobs.eps or knee(x, neighbors))
        found = core_samples(x, reach, neighbors)
        self.reach = self.reach.new_tensor(reach)
        self.members, self.assigned = x[found.rows].to(data.device), found.labels.to(data.device)
        labels = self.labels(data).to(x.device)
        self.outside = (labels < 0).float().mean().to(data.device)
        self.centers = centroids(x, labels, int(labels.max()) + 1).to(data.device)
        yield Stage("dense-clusters", "Finding dense regions", (), batch=None)

    def labels(self, data: Data) -> Tensor:
        reach = self.reach.expand(int(self.assigned.max()) + 1 if len(self.assigned) else 0)
        return self.map_batches(data, lambda x: assign_within_reach(x, self.members, self.assigned, reach))

    def group_centers(self) -> Tensor | None:
        return self.centers

    def prototypes(self) -> Tensor | None:
        return self.centers.view(-1, *self.shape)

    def report(self) -> dict[str, float]:
        return {"groups": float(len(self.centers)), "share outside": float(self.outside), "reach": float(self.reach)}
