"""Mini-batch k-means.

D. Sculley, WWW 2010, "Web-Scale K-Means Clustering".

k-means whose centers move after each small random batch.

Deviations
----------
- Centers that catch almost no samples are placed anew, as scikit-learn does, so that no group stays empty.
- Every start is trained to its end (on 10,000 rows at most, the best then goes on over all): which start is the best shows only
  there.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from sklearn.cluster import MiniBatchKMeans as Sculley

from engine.clusters import require, seed
from engine.core.card import knob
from engine.core.data import Data
from engine.core.method import Stage
from engine.methods.kmeans import KMeans

TRIED = 10_000
"""Rows on which starts are tried, at most."""


@dataclass(frozen=True)
class Knobs:
    """Settings of mini-batch k-means."""

    batch: int = knob(
        1024, 2, 65536, "Samples looked at before the centers move.", label="Batch size", unit="samples", log=True
    )
    epochs: int = knob(100, 1, 5000, "Passes over the data, at most.", quick=20, thorough=300)
    restarts: int = knob(20, 1, 200, "How often to start anew; the best start is kept.", quick=5, thorough=50)


class MiniBatchKMeans(KMeans):
    card = replace(
        KMeans.card,
        id="minibatch_kmeans",
        name="Mini-batch k-means",
        authors="D. Sculley",
        year=2010,
        paper="Web-Scale K-Means Clustering, WWW 2010",
        idea="k-means that looks at small random handfuls, far faster on large data and nearly as good.",
        knobs=Knobs,
    )

    def plan(self, data: Data) -> Iterator[Stage]:
        points = data.x.flatten(1)
        require(points, self.groups)
        rows = torch.randperm(len(points))[: max(TRIED, self.groups)].to(points.device)
        some = points[rows].cpu().numpy()
        best = min((self.fitted(some) for _ in range(self.knobs.restarts)), key=lambda found: found.inertia_)
        centers = best.cluster_centers_
        if len(some) < len(points):
            centers = self.fitted(points.cpu().numpy(), centers).cluster_centers_
        self.centers = torch.from_numpy(centers.astype(np.float32)).to(data.device)
        yield from ()

    def fitted(self, points: npt.NDArray[np.float32], init: npt.NDArray[np.float32] | str = "k-means++") -> Any:
        """Mini-batch k-means of points [n, d] from centers [k, d] or k-means++, as scikit-learn's estimator."""
        knobs = self.knobs
        found = Sculley(
            self.groups, init=init, batch_size=knobs.batch, max_iter=knobs.epochs, n_init=1, random_state=seed()
        )
        return found.fit(points)
