"""DCN, Deep Clustering Network.

B. Yang, X. Fu, N. D. Sidiropoulos, M. Hong, ICML 2017, "Towards K-means-friendly Spaces: Simultaneous Deep Learning
and Clustering", arXiv:1610.04794.

An autoencoder whose codes are pulled to the centers of hard k-means while it still reconstructs.

Deviations
----------
- Pretraining is end to end with Adam; after it the rate rises in the first batches, or Adam would undo it.
- The centers of a batch move by their exact running mean at once, which equals the paper's sequential 1/c steps with
  the batch's codes fixed; counts start at 100 as in the authors' code.
- A center without members for an epoch is placed on the worst explained sample of the next batch; the authors' code
  has this commented out.
- `weight` is chosen for inputs of unit variance.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from engine.core.card import Card, Family, Shows, knob
from engine.core.data import Batch, Data
from engine.core.method import Stage, Terms
from engine.losses import kmeans_loss
from engine.methods import ae_kmeans
from engine.methods.ae_kmeans import AEKMeans
from engine.objectives import RunningMeans


@dataclass(frozen=True)
class Knobs(ae_kmeans.Knobs):
    """Settings of DCN; those of the autoencoder come first."""

    epochs: int = knob(
        100, 1, 5000, "Passes over the data that pull members to their centers, at most.", quick=30, thorough=300
    )
    cluster_lr: float = knob(1e-4, 1e-6, 1.0, "Size of each correction while pulling.", label="Pulling rate", log=True)
    weight: float = knob(
        10.0, 0.0, 100.0, "Weight (lambda) of pulling members to their centers against reconstruction."
    )


class DCN(AEKMeans):
    card = Card(
        id="dcn",
        name="Deep Clustering Network",
        short="DCN",
        authors="B. Yang, X. Fu, N. D. Sidiropoulos, M. Hong",
        year=2017,
        paper="Towards K-means-friendly Spaces: Simultaneous Deep Learning and Clustering, ICML 2017, arXiv:1610.04794",
        idea="Squeezes the members of a group together around its center while it can still reconstruct each of them.",
        family=Family.AUTOENCODER_JOINT,
        architecture="autoencoder",
        non_clustering="reconstruction",
        clustering="k-means loss (hard)",
        combination="pretraining, then joint",
        update="alternating",
        streams=True,
        knobs=Knobs,
        shows=(Shows.PROTOTYPES,),
    )
    former_names: ClassVar = {"seen": "recency"}

    def __init__(self, data: Data, k: int | None, knobs: Knobs) -> None:
        super().__init__(data, k, knobs)
        self.running = RunningMeans(self.groups)

    def plan(self, data: Data) -> Iterator[Stage]:
        yield from self.pretraining()
        self.running.initialize(self.start(data), self.groups)
        self.label_change(self.running.assigned)
        for _, passes in self.stretches(self.knobs.epochs):
            step = self.joint_step(self.cluster, [self.net], self.knobs.cluster_lr)
            yield Stage(
                "cluster",
                "Pulling to centers",
                [step],
                passes,
                self.batch,
                after_step=self.update_centers,
                total_epochs=self.knobs.epochs,
                cuda_graphs=True,
            )
            if self.label_change(self.running.assigned) < self.knobs.tolerance:
                break
        self.running.free()

    def cluster(self, batch: Batch) -> Terms:
        views = self.augmented(batch)
        z = self.encode(views.x)
        mine = self.centers.detach()[self.running.assigned[views.index]]
        return {
            "reconstruction": self.reconstruction_loss(views.target, z),
            "k-means": self.knobs.weight / 2 * kmeans_loss(z, mine),
        }

    def update_centers(self, batch: Batch) -> None:
        """New assignments of the batch, and the running means of the centers (eq. 8)."""
        self.running.update(batch, self.encode(batch.x), self.centers)
