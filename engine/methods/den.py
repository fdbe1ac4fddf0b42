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
- The joint rate rises in the first batches, or Adam would undo the pretraining.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import torch
from torch import Tensor

from engine.clusters import require
from engine.core.card import Card, Family, Shows, knob
from engine.core.data import Batch, Data
from engine.core.method import Stage, Terms
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
    former_names: ClassVar = {"near": "neighbors", "likeness": "similarity", "speaking": "active_blocks"}
    neighbors: Tensor
    """[n, neighbors] int64: rows of the most similar samples of each."""
    similarity: Tensor
    """[n, neighbors] how similar they are, from 0 to 1."""
    active_blocks: Tensor
    """How many blocks describe a sample, on average."""

    def __init__(self, data: Data, k: int | None, knobs: Any) -> None:
        blocks = max(1, k or 1)
        super().__init__(data, k, replace(knobs, latent=blocks * -(-knobs.latent // blocks)))
        self.blocks = blocks
        self.register_buffer("neighbors", torch.zeros(0, dtype=torch.int64))
        self.register_buffer("similarity", torch.zeros(0))
        self.register_buffer("active_blocks", torch.zeros(()))

    def plan(self, data: Data) -> Iterator[Stage]:
        require(data.x.flatten(1), self.groups)
        yield from self.pretraining()
        self.neighbors, self.similarity = neighborhood(data, self.knobs.neighbors)
        yield self.tuning(data)
        self.neighbors, self.similarity = self.neighbors.new_zeros(0), self.similarity.new_zeros(0)
        self.start(data)
        self.active_blocks.copy_(self.map_codes(data, self.count_active_blocks).mean())

    def tuning(self, data: Data) -> Stage:
        """Reconstruction under both constraints. Neighbors that wait on another device cannot be part of a recording."""
        knobs = self.knobs
        step = self.joint_step(self.embedding, [self.net], knobs.cluster_lr)
        in_place = data.x.device == data.device
        return Stage(
            "embedding",
            "Training code and blocks",
            [step],
            knobs.epochs,
            self.batch,
            groups=False,
            tolerance=knobs.tolerance,
            cuda_graphs=in_place,
        )

    def embedding(self, batch: Batch) -> Terms:
        knobs, views = self.knobs, self.augmented(batch)
        rows = self.neighbors[views.index]
        source = batch.source.x
        others = source.index_select(0, rows.flatten().to(source.device)).to(batch.x.device)
        batch.source.release()
        codes = self.encode(torch.cat([views.x, others]))
        z, near = codes[: len(rows)], codes[len(rows) :].view(*rows.shape, codes.shape[1])
        return {
            "reconstruction": self.reconstruction_loss(views.target, z),
            "locality": knobs.locality * locality_loss(z, near, self.similarity[views.index]),
            "sparsity": knobs.sparsity * group_sparsity(z, self.blocks),
        }

    def count_active_blocks(self, z: Tensor) -> Tensor:
        """How many blocks describe each sample [n], by its code [n, latent]: (sum_g |z_g|)^2 / sum_g |z_g|^2."""
        lengths: Tensor = torch.linalg.vector_norm(z.float().view(len(z), self.blocks, -1), dim=2)
        return lengths.sum(1).square() / lengths.square().sum(1).clamp_min(1e-12)

    def report(self) -> dict[str, float]:
        return {"active blocks": float(self.active_blocks)}
