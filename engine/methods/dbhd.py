"""DBHD.

W. Durani, D. Mautz, C. Plant, C. Böhm, ICDM 2022, "DBHD: Density-based clustering for highly varying density".

Starts a group at the densest sample and grows it while newcomers are mostly surrounded by it, then starts the next
one.

Deviations
----------
- The rest, fewer rows than a group may have, belongs to no group, where the authors give it a label of its own.
- Where the number of neighbors is not chosen, it follows from rows and columns (see `usual`), because log2(rows) +
  columns alone splits tables of few columns into dozens of groups.
- New rows, for which no rule was at hand, take the group of their nearest member where it is within that group's
  reach, else none.
- Rows that come together are visited nearest first.
- The first row of a group stays in it whoever leaves, or a group could become empty.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from engine.clusters import centroids, require
from engine.clusters.cores import assign_within_reach
from engine.clusters.varying import default_neighbors, grow_groups
from engine.core.card import Card, Family, Shows, knob
from engine.core.data import Data
from engine.core.method import Method, Stage


@dataclass(frozen=True)
class Knobs:
    """Settings of DBHD."""

    neighbors: int = knob(
        0,
        0,
        10_000,
        "About how many samples make a group at least, and over how many density is measured; 0 is twice the square "
        "root of the rows or a little more than the columns, whichever is more, up to a fifth of the rows and 200.",
        label="Smallest group",
        unit="samples",
    )
    rho: float = knob(
        1.2,
        0.0,
        100.0,
        "How many around a newcomer must be in the group already, for each that is not: more makes more and tighter groups.",
        label="Known for each new one",
    )
    beta: float = knob(
        0.0,
        0.0,
        1.0,
        "How dense the surroundings of a newcomer must be, as a share of the density where the group began; 0 asks nothing.",
        label="Density kept",
    )


class DBHD(Method):
    identity = True
    card = Card(
        id="dbhd",
        name="DBHD",
        authors="W. Durani, D. Mautz, C. Plant, C. Böhm",
        year=2022,
        paper="DBHD: Density-based clustering for highly varying density, ICDM 2022",
        idea="Starts at the densest spot and grows a group while newcomers are mostly surrounded by it, then starts anew at the "
        "next: dense and sparse groups side by side.",
        family=Family.CLASSICAL,
        architecture="none",
        non_clustering="none",
        clustering="density",
        combination="no network",
        update="one group after the other",
        knobs=Knobs,
        needs_k=False,
        transductive=True,
        shows=(Shows.NOISE,),
        caution="Hardly any sample stays outside: strays become part of a sparse group; a given number of groups is ignored.",
    )
    members: Tensor
    assigned: Tensor
    reach: Tensor
    outside: Tensor
    centers: Tensor

    def __init__(self, data: Data, k: int | None, knobs: Knobs) -> None:
        super().__init__(data, None, knobs)
        self.register_buffer("assigned", torch.zeros(0, dtype=torch.int64))
        for name, shape in (("members", 0), ("reach", 0), ("centers", 0), ("outside", ())):
            self.register_buffer(name, torch.zeros(shape))

    def plan(self, data: Data) -> Iterator[Stage]:
        x = data.x.flatten(1)
        require(x, 1, least=2)
        # Sorted by their coordinates: of rows in equally dense places, that with the smaller ones goes first.
        different, which = np.unique(x.cpu().numpy() + np.float32(0), axis=0, return_inverse=True)
        neighbors = min(self.knobs.neighbors or default_neighbors(*different.shape), len(different))
        points = different.astype(np.float64) - different.mean(0, dtype=np.float64)
        found = grow_groups(points, neighbors, self.knobs.rho, self.knobs.beta)
        self.members, self.assigned = (
            torch.from_numpy(different).to(data.device),
            torch.from_numpy(found.labels).to(data.device),
        )
        self.reach = torch.from_numpy(found.reach).float().to(data.device)
        labels = torch.from_numpy(found.labels[which.ravel()]).to(x.device)
        self.outside = (labels < 0).float().mean().to(data.device)
        self.centers = centroids(x, labels, len(self.reach)).to(data.device)
        yield Stage("dense-clusters", "Growing groups", (), batch=None)

    def labels(self, data: Data) -> Tensor:
        return self.map_batches(data, lambda x: assign_within_reach(x, self.members, self.assigned, self.reach))

    def group_centers(self) -> Tensor | None:
        return self.centers

    def prototypes(self) -> Tensor | None:
        return self.centers.view(-1, *self.shape)

    def report(self) -> dict[str, float]:
        return {"groups": float(len(self.reach)), "share outside": float(self.outside)}
