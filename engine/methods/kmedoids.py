"""k-medoids.

L. Kaufman, P. J. Rousseeuw, 1987, "Clustering by means of medoids" (PAM), and 1990, "Finding Groups in Data" (BUILD,
CLARA); E. Schubert, P. J. Rousseeuw, Information Systems 101, 2021, "Fast and eager k-medoids clustering"
(FasterPAM).

Chooses real members as centers, and swaps them as long as a swap brings the samples closer to their center.

Deviations
----------
- With more than 10,000 rows, groups are sought on samples as in CLARA, so that memory does not grow with the square
  of the rows.
- These samples are larger than CLARA's 40 + 2k rows, because FasterPAM is much faster than the PAM of 1990.
- A swap must gain more than rounding can.
- BUILD is optional and not the rule, because several random starts cost less and end as low.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

import numpy as np
import torch
from torch import Tensor

from engine.clusters import medoids, require
from engine.core.card import Card, Family, Shows, knob
from engine.core.data import Batch, Data
from engine.core.errors import InputError
from engine.core.method import Method, Stage, Terms


@dataclass(frozen=True)
class Knobs:
    """Settings of k-medoids."""

    distance: str = knob(
        "euclidean",
        choices=("euclidean", "manhattan"),
        help="Euclidean: the straight way between two samples; manhattan: the differences of all columns added up, which "
        "lets a single unusual value count less.",
    )
    start: str = knob(
        "random",
        choices=("random", "build"),
        help="Random: begin with any members; build: choose them one by one, each where it helps most, always the same.",
    )
    restarts: int = knob(
        3,
        1,
        200,
        f"How often to start anew, of more than {medoids.LIMIT:,} rows on another sample each time; the best is kept.",
        quick=1,
        thorough=10,
    )
    sample_size: int = knob(
        2000,
        100,
        medoids.LIMIT,
        f"Rows in each sample where there are more than {medoids.LIMIT:,}.",
        unit="samples",
        quick=1000,
        thorough=5000,
    )


class KMedoids(Method):
    identity = True
    card = Card(
        id="kmedoids",
        name="k-medoids",
        authors="L. Kaufman, P. J. Rousseeuw; E. Schubert",
        year=1987,
        paper="Clustering by means of medoids; Fast and eager k-medoids clustering, Information Systems 101, 2021",
        idea="Chooses a few real members as examples, so that every sample is close to one of them.",
        family=Family.CLASSICAL,
        architecture="none",
        non_clustering="none",
        clustering="sum of distances to the medoids",
        combination="no network",
        update="swaps",
        knobs=Knobs,
        curves={
            "mean distance": "How far members are from the example of their group, on average.",
            "total distance": "The same, added up over all members: what the swaps make small.",
        },
        shows=(Shows.MEDOIDS,),
        caution=f"Of more than {medoids.LIMIT:,} rows it looks for the examples in samples.",
    )
    centers: Tensor
    rows: Tensor
    cost: Tensor

    def __init__(self, data: Data, k: int | None, knobs: Knobs) -> None:
        super().__init__(data, k, knobs)
        self.groups = k = self.require_k(k)
        self.register_buffer("centers", torch.zeros(k, data.x[:1].numel()))
        self.register_buffer("rows", torch.zeros(k, dtype=torch.int64))
        self.register_buffer("cost", torch.zeros((), dtype=torch.float64))

    def plan(self, data: Data) -> Iterator[Stage]:
        x = data.x.flatten(1)
        require(x, self.groups)
        whole = len(x) <= medoids.LIMIT
        away = medoids.distances(x, self.knobs.distance) if whole else None
        starts = 1 if whole and (self.groups == 1 or self.knobs.start == "build") else self.knobs.restarts
        best, medoid_rows = float("inf"), np.zeros(0, np.int64)
        for _ in range(starts):
            sample = np.arange(len(x)) if whole else medoids.draw(x, self.groups, self.size(), medoid_rows)
            found = self.attempt(x, sample, away)
            cost = self.total(data, found)
            if cost < best:
                best, medoid_rows = cost, found
                self.rows, self.cost = torch.from_numpy(found).to(data.device), self.cost.new_tensor(cost)
                self.centers = x[self.rows.to(x.device)].to(data.device)
            yield Stage(
                "swap", "Swapping", (), batch=None, after_step=partial(self.plotted, cost / len(x)), total_epochs=starts
            )

    def size(self) -> int:
        """Rows in a sample: those of the knob, more where there are many groups; InputError for more groups than fit."""
        size = max(int(self.knobs.sample_size), 40 + 2 * self.groups)
        if size > medoids.LIMIT:
            most = (medoids.LIMIT - 40) // 2
            raise InputError(
                f"Of more than {medoids.LIMIT:,} rows, k-medoids makes at most {most:,} groups: choose fewer."
            )
        return size

    def attempt(self, x: Tensor, sample: medoids.Ints, away: medoids.Floats | None) -> medoids.Ints:
        """[k] rows that no swap within the sample improves, from one start."""
        if away is None:
            away = medoids.distances(x[torch.from_numpy(sample).to(x.device)], self.knobs.distance)
        random = self.knobs.start == "random"
        start = torch.randperm(len(away))[: self.groups].numpy() if random else medoids.build(away, self.groups)
        return sample[medoids.swap(away, start)[0]]

    def total(self, data: Data, rows: medoids.Ints) -> float:
        """The sum of the distances of all samples to the nearest of these."""
        chosen = data.x.flatten(1)[torch.from_numpy(rows).to(data.x.device)].to(data.device)
        away = self.map_batches(
            data, lambda x: medoids.closest(self.encode(x), chosen, self.knobs.distance)[1], exact=True
        )
        return float(away.double().sum())

    def plotted(self, cost: float, batch: Batch) -> Terms:
        return {"mean distance": torch.tensor(cost)}

    def labels(self, data: Data) -> Tensor:
        return self.map_batches(data, lambda x: medoids.closest(self.encode(x), self.centers, self.knobs.distance)[0])

    def group_centers(self) -> Tensor | None:
        return self.centers

    def prototypes(self) -> Tensor | None:
        return self.centers.view(-1, *self.shape)

    def report(self) -> dict[str, float]:
        return {"total distance": float(self.cost)}
