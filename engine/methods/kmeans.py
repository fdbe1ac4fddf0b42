"""k-means.

S. Lloyd, IEEE Trans. Inf. Theory 28, 1982 (written 1957), "Least squares quantization in PCM"; start: D. Arthur, S.
Vassilvitskii, SODA 2007, "k-means++".

Alternates between assigning every sample to its nearest center and moving every center to the mean of its members.

Deviations
----------
- With more than 200,000 rows (fewer if they are wide) the starts are tried on a random sample of that size and the
  best one continues on all rows, to save time.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from engine.clusters import kmeans
from engine.core.card import Card, Family, Shows, knob
from engine.core.data import Data
from engine.core.method import Method, Stage
from engine.losses import squared_distances


@dataclass(frozen=True)
class Knobs:
    """Settings of k-means."""

    restarts: int = knob(20, 1, 200, "How often to start anew; the best start is kept.", quick=5, thorough=50)


class KMeans(Method):
    identity = True
    card = Card(
        id="kmeans",
        name="k-means",
        authors="S. Lloyd; D. Arthur, S. Vassilvitskii",
        year=1982,
        paper="Least squares quantization in PCM, IEEE Trans. Inf. Theory 28",
        idea="Puts a typical point into the middle of every group, so that each sample is close to one of them.",
        family=Family.CLASSICAL,
        architecture="none",
        non_clustering="none",
        clustering="k-means loss",
        combination="no network",
        update="alternating",
        streams=True,
        knobs=Knobs,
        shows=(Shows.CENTERS,),
    )
    centers: Tensor

    def __init__(self, data: Data, k: int | None, knobs: Any) -> None:
        super().__init__(data, k, knobs)
        self.groups = k = self.require_k(k)
        self.register_buffer("centers", torch.zeros(k, data.x[:1].numel()))

    def plan(self, data: Data) -> Iterator[Stage]:
        self.centers, _ = kmeans(data.x, self.groups, self.knobs.restarts, data.device, data.release)
        yield from ()

    def labels(self, data: Data) -> Tensor:
        return self.map_batches(data, lambda x: squared_distances(self.encode(x), self.centers).argmin(1))

    def group_centers(self) -> Tensor | None:
        return self.centers

    def prototypes(self) -> Tensor | None:
        return self.centers.view(-1, *self.shape)
