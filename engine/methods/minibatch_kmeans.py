"""Mini-batch k-means.

D. Sculley, WWW 2010, "Web-Scale K-Means Clustering".

k-means whose centers move after each small random batch.

Deviations
----------
- Centers that catch almost no samples are placed anew, as scikit-learn does, so that no group stays empty.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import torch
from sklearn.cluster import MiniBatchKMeans as Sculley

from engine.clusters import require, seed
from engine.core.card import knob
from engine.core.data import Data
from engine.core.method import Stage
from engine.methods.kmeans import KMeans


@dataclass(frozen=True)
class Knobs:
    """Settings of mini-batch k-means."""

    batch: int = knob(
        1024, 2, 65536, "Samples looked at before the centers move.", label="Batch size", unit="samples", log=True
    )
    epochs: int = knob(100, 1, 5000, "Passes over the data, at most.", quick=20, thorough=300)
    restarts: int = knob(3, 1, 100, "How often to start anew; the best start is kept.", quick=1, thorough=10)


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
        require(data.x.flatten(1), self.groups)
        points = data.x.flatten(1).cpu().numpy()
        found = Sculley(
            self.groups,
            batch_size=self.knobs.batch,
            max_iter=self.knobs.epochs,
            n_init=self.knobs.restarts,
            random_state=seed(),
        ).fit(points)
        self.centers = torch.from_numpy(found.cluster_centers_.astype(np.float32)).to(data.device)
        yield from ()
