"""DEN, Deep Embedding Network.

P. Huang, Y. Huang, W. Wang, L. Wang, ICPR 2014, "Deep Embedding Network for Clustering".

An autoencoder whose code keeps neighbors together and describes each sample by few blocks of numbers.

Deviations
----------
- Pretraining uses Adam; Boltzmann machines (`network` "belief") and layer-by-layer training are options.
- The similarity of neighbors is exp(-d^2 / t) with t the median of their squared distances, because a fixed t is
  right for one scale of the data alone.
- With more than 20,000 samples, neighbors are sought among that many random ones, to save time.
- The length of a block is Euclidean, as in the group lasso (M. Yuan, Y. Lin 2006): with sums of absolute values,
  blocks of equal size would not matter.
- The factor lambda is part of `sparsity`.
- Augmented pictures are compared with their neighbors as these are, without augmentation.
- Pairs of a sample and a neighbor are summed over the neighbors and averaged over the samples.
- k-means on the code has 20 restarts.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor

from engine.clusters import require
from engine.core.card import Card, Family, Shows, knob
from engine.core.data import Batch, Data
from engine.core.method import Stage, Step, Terms
from engine.losses import group_sparsity, locality_loss
from engine.methods import ae_kmeans
from engine.methods.ae_kmeans import AEKMeans
from engine.objectives import neighborhood


@dataclass(frozen=True)
class Knobs(ae_kmeans.Knobs):
    """Settings of DEN; those of the autoencoder come first."""

    latent: int = knob(
        20,
        1,
        1000,
        "How many numbers describe a sample in the code; rounded up so that every group has a block of the same size.",
        label="Code size",
    )
    epochs: int = knob(
        100, 1, 5000, "Passes over the data that train code and blocks, at most.", quick=30, thorough=300
    )
    cluster_lr: float = knob(
        1e-3, 1e-6, 1.0, "Size of each correction of code and blocks.", label="Joint rate", log=True
    )
    neighbors: int = knob(4, 1, 100, "How many of the most similar samples each sample is kept close to.")
    locality: float = knob(5.0, 0.0, 100.0, "Weight (alpha) of keeping neighbors close against reconstruction.")
    sparsity: float = knob(
        0.1, 0.0, 100.0, "Weight (beta) of describing each sample by few blocks against reconstruction."
    )


class DEN(AEKMeans):
    card = Card(
        id="den",
        name="Deep Embedding Network",
        short="DEN",
        authors="P. Huang, Y. Huang, W. Wang, L. Wang",
        year=2014,
        paper="Deep Embedding Network for Clustering, ICPR 2014",
        idea="Learns a code in which similar samples stay similar and each sample is described by few blocks of numbers.",
        family=Family.AUTOENCODER_JOINT,
        architecture="autoencoder",
        non_clustering="reconstruction, locality, group sparsity",
        clustering="none",
        combination="pretraining, then fine-tuning",
        update="after training",
        knobs=Knobs,
        curves={
            "locality": "How far apart neighbors are in the code.",
            "sparsity": "How many blocks of numbers describe a member at once.",
            "active blocks": "Blocks of the code that describe a member, on average.",
        },
        shows=(Shows.RECONSTRUCTIONS, Shows.PROTOTYPES, Shows.ACTIVE_BLOCKS),
    )
    near: Tensor
    likeness: Tensor
    speaking: Tensor

    def __init__(self, data: Data, k: int | None, knobs: Any) -> None:
        blocks = max(1, k or 1)
        super().__init__(data, k, replace(knobs, latent=blocks * -(-knobs.latent // blocks)))
        self.blocks = blocks
        self.register_buffer("near", torch.zeros(0, dtype=torch.int64))
        self.register_buffer("likeness", torch.zeros(0))
        self.register_buffer("speaking", torch.zeros(()))

    def plan(self, data: Data) -> Iterator[Stage]:
        require(data.x.flatten(1), self.groups)
        yield from self.pretraining()
        self.near, self.likeness = neighborhood(data, self.knobs.neighbors)
        yield self.tuning(data)
        self.near, self.likeness = self.near.new_zeros(0), self.likeness.new_zeros(0)
        self.start(data)
        self.speaking.copy_(self.map_codes(data, self.active).mean())

    def tuning(self, data: Data) -> Stage:
        """Reconstruction under both constraints. Neighbors that wait on another device cannot be part of a recording."""
        knobs = self.knobs
        step = Step(self.embedding, [self.net], knobs.cluster_lr)
        here = data.x.device == data.device
        return Stage(
            "embedding",
            "Training code and blocks",
            [step],
            knobs.epochs,
            self.batch,
            groups=False,
            tolerance=knobs.tolerance,
            cuda_graphs=here,
        )

    def embedding(self, batch: Batch) -> Terms:
        knobs, shown = self.knobs, self.augmented(batch)
        around = self.near[shown.index]
        source = batch.source.x
        others = source.index_select(0, around.flatten().to(source.device)).to(batch.x.device)
        batch.source.release()
        codes = self.encode(torch.cat([shown.x, others]))
        z, beside = codes[: len(around)], codes[len(around) :].view(*around.shape, codes.shape[1])
        return {
            "reconstruction": self.reconstruction_loss(shown.target, z),
            "locality": knobs.locality * locality_loss(z, beside, self.likeness[shown.index]),
            "sparsity": knobs.sparsity * group_sparsity(z, self.blocks),
        }

    def active(self, z: Tensor) -> Tensor:
        """[n, latent] -> [n] how many blocks describe a sample: (sum_g |z_g|)^2 / sum_g |z_g|^2, one where a single one does."""
        lengths: Tensor = torch.linalg.vector_norm(z.float().view(len(z), self.blocks, -1), dim=2)
        return lengths.sum(1).square() / lengths.square().sum(1).clamp_min(1e-12)

    def report(self) -> dict[str, float]:
        return {"active blocks": float(self.speaking)}
