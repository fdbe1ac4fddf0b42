"""DynAE, Dynamic Autoencoder.

N. Mrabah, N. M. Khan, R. Ksantini, Z. Lachiri, Neural Networks 130, 2020, "Deep clustering with a Dynamic
Autoencoder: From reconstruction towards centroids construction", arXiv:1901.07752.

Pretrains an autoencoder whose blends of two codes must pass a critic (`engine.losses.interpolation`); then each
sample is reconstructed while it is in conflict between groups, and decoded to the center of its group from then on.

Deviations
----------
- Errors are sums over columns of unit variance instead of means over pixels in [0, 1]; `weight` is converted
  accordingly.
- `blending` is a tenth of the authors', which gives better groups.
- Adam at 1e-3 and then 3e-4 instead of 1e-4 and SGD, and tens of passes instead of up to 230,000 updates, so that a
  training takes minutes.
- Conflicted members are counted once a pass, not every 140 updates.
- The rate rises in the first batches, or Adam would undo the pretraining.
- Memberships are Student's t, as in DEC.
- The critic's output is a single number from a layer of its own, and it is updated right after the network on the
  same reconstructions.
- The threshold of three equal shares is 0.75 with fewer than four groups, where it would be out of reach.
- New centers take the numbers of the old ones they are nearest to.
- With `tolerance` 0 the training does not end when no member is conflicted.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from math import prod
from typing import ClassVar

import torch
from torch import Tensor

from engine.clusters.conflict import conflicted, nearest_samples, recluster, threshold
from engine.core.autoencoder_method import alter
from engine.core.card import Card, Family, Shows, knob
from engine.core.data import Batch, Data
from engine.core.method import Stage, Step, Terms, copy_into
from engine.losses import (
    acai_critic_loss,
    acai_loss,
    interpolate,
    interpolation_weights,
    kmeans_loss,
    reconstruction,
    student_t,
)
from engine.methods import ae_kmeans
from engine.methods.ae_kmeans import AEKMeans
from engine.nets import convolutional, widths
from engine.nets.gan import encoder

FILTERS = 32
"""Of the first layer of a convolutional critic."""
REAL = 0.2
"""Share of the sample itself in what the critic must find unblended; the rest is reconstructed."""
DONE = 0.01
"""Share of conflicted members below which nothing is left to do."""


@dataclass(frozen=True)
class Knobs(ae_kmeans.Knobs):
    """Settings of DynAE; those of the autoencoder come first."""

    # What the measurements in docs/methods/dynae.md are of.
    augment: str = alter("undone")
    blending: float = knob(
        0.5,
        0.0,
        1000.0,
        "Weight of decoding what lies between two samples as if it were one, against reconstruction, per column of unit "
        "variance; 0 learns reconstruction alone.",
    )
    epochs: int = knob(
        100, 1, 5000, "Passes over the data that decode clear members to their group, at most.", quick=30, thorough=300
    )
    cluster_lr: float = knob(
        3e-4, 1e-6, 1.0, "Size of each correction while learning groups.", label="Grouping rate", log=True
    )
    weight: float = knob(
        0.1,
        0.0,
        100.0,
        "Weight of moving codes to their centers against decoding, per column of unit variance and number of the code.",
    )


class DynAE(AEKMeans):
    card = Card(
        id="dynae",
        name="Dynamic Autoencoder",
        short="DynAE",
        authors="N. Mrabah, N. M. Khan, R. Ksantini, Z. Lachiri",
        year=2020,
        paper="Deep clustering with a Dynamic Autoencoder: From reconstruction towards centroids construction, "
        "Neural Networks 130, arXiv:1901.07752",
        idea="Learns to reconstruct each sample, then, one by one as it becomes sure of them, to decode the typical member of "
        "its group instead.",
        family=Family.AUTOENCODER_JOINT,
        architecture="autoencoder and critic",
        non_clustering="reconstruction, adversarially constrained interpolation",
        clustering="k-means loss (hard), construction of the centers",
        combination="pretraining, then sample by sample from reconstruction to clustering",
        update="alternating",
        knobs=Knobs,
        curves={
            "blends": "How well the critic still sees that a blend of two members is no single member.",
            "construction": "How far a clear member's decoding is from its group's center, and any other's from the member.",
            "share of conflicted members": "Members that could belong to more than one group; they are "
            "reconstructed as themselves until they cannot.",
        },
        percent=frozenset({"share of conflicted members"}),
        shows=(Shows.PROTOTYPES, Shows.SOFT_LABELS, Shows.CONFLICTED),
        caution="Made for pictures, which it sees altered while it learns; tables, series and texts have little to gain from it "
        "over k-means on the code.",
    )
    former_names: ClassVar = {
        "goal": "assigned",
        "target": "target_codes",
        "drawn": "decoded_centers",
        "course": "conflicted_shares",
        "lowered": "thresholds_lowered",
    }
    assigned: Tensor
    """[n] the group to which each member is decoded, -1 while it is conflicted."""
    target_codes: Tensor
    """[n, latent] where its code should be."""
    decoded_centers: Tensor
    """[k, *sample shape] what each center was decoded to when the targets were set."""
    conflicted_shares: Tensor
    """[epochs] share of conflicted members before each pass, -1 where it was not yet counted."""
    thresholds_lowered: Tensor
    """How often the thresholds were lowered."""

    def __init__(self, data: Data, k: int | None, knobs: Knobs) -> None:
        super().__init__(data, k, knobs)
        self.register_buffer("assigned", torch.zeros(0, dtype=torch.int64))
        self.register_buffer("target_codes", torch.zeros(0))
        self.register_buffer("decoded_centers", torch.zeros(0))
        self.register_buffer("conflicted_shares", torch.full((knobs.epochs,), -1.0))
        self.register_buffer("thresholds_lowered", torch.zeros((), dtype=torch.int64))
        if knobs.blending:
            filters = convolutional(self.shape, knobs.network)
            self.critic = encoder(self.shape, 1, FILTERS if filters else widths(knobs.layers))
        self.critic_input: tuple[Tensor, ...] = ()

    def plan(self, data: Data) -> Iterator[Stage]:
        yield from self.pretraining()
        for epoch in range(self.knobs.epochs):
            if self.update_targets(data, epoch) < DONE and self.knobs.tolerance:
                break
            step = self.joint_step(self.construct, [self.net], self.knobs.cluster_lr)
            yield Stage(
                "cluster", "Learning groups", [step], 1, self.batch, total_epochs=self.knobs.epochs, cuda_graphs=True
            )
        buffers = (self.assigned, self.target_codes, self.decoded_centers)
        self.assigned, self.target_codes, self.decoded_centers = (buffer.new_zeros(0) for buffer in buffers)

    def pretraining_stage(self, id: str, title: str, step: Step, epochs: int) -> Stage:
        stage = super().pretraining_stage(id, title, step, epochs)
        if not self.knobs.blending or step.loss != self.reconstruct_loss:
            return stage
        critic = Step(self.critic_loss, [self.critic], step.lr)
        return replace(stage, steps=[step, critic], pretrained=("blending", self.knobs.blending, *stage.pretrained))

    def reconstruct_loss(self, batch: Batch) -> Terms:
        if not self.knobs.blending:
            return super().reconstruct_loss(batch)
        views = self.augmented(batch)
        masked = torch.where(torch.rand_like(views.x) < self.knobs.noise, self.mean, views.x)
        z, x = self.code(masked), self.standard(views.target)
        decoded, share = self.net.decode(z), interpolation_weights(len(z), z.device)
        between = self.net.decode(interpolate(z, share))
        # The critic, whose turn is next, looks at the same reconstructions.
        self.critic_input = (between.detach(), share, torch.lerp(decoded.detach().float(), x, REAL))
        weight = self.knobs.blending * prod(self.shape)
        return {"reconstruction": reconstruction(x, decoded), "blends": weight * acai_loss(self.critic(between))}

    def critic_loss(self, batch: Batch) -> Terms:
        """The critic learns how much of a second sample there is in what was just decoded."""
        between, share, decoded = self.critic_input
        return {"critic": acai_critic_loss(self.critic(between), share, self.critic(decoded))}

    def update_targets(self, data: Data, epoch: int) -> float:
        """Share of conflicted members before a pass; sets the targets, and where the share has not fallen, new centers.

        A resumed plan finds the shares stored: it takes the same turns, whatever the network has become.
        """
        if self.conflicted_shares[epoch] < 0:
            z = self.embed(data)
            if not epoch:
                self.centers.data = nearest_samples(self.first_groups(z)[0], z)
            share = self.set_targets(z)
            if epoch and share >= self.conflicted_shares[epoch - 1]:
                self.thresholds_lowered += 1
                self.centers.data = copy_into(self.centers.data, recluster(z, self.centers.detach()))
                share = self.set_targets(z)
            self.conflicted_shares[epoch] = share
        return float(self.conflicted_shares[epoch])

    def set_targets(self, z: Tensor) -> float:
        """Set the targets by the codes [n, latent]: the center of its group for a clear member, else the member itself.

        Returns the share of conflicted members.
        """
        centers, q = self.centers.detach(), student_t(z, self.centers.detach())
        unclear = conflicted(q, threshold(self.groups, int(self.thresholds_lowered)))
        self.assigned = copy_into(self.assigned, q.argmax(1).masked_fill(unclear, -1))
        self.target_codes = copy_into(self.target_codes, torch.where(unclear.unsqueeze(1), z, centers[q.argmax(1)]))
        with torch.no_grad():
            self.decoded_centers = copy_into(self.decoded_centers, self.net.decode(centers))
        return float(unclear.float().mean())

    def construct(self, batch: Batch) -> Terms:
        views = self.augmented(batch)
        z, assigned = self.code(views.x), self.assigned[views.index]
        clear = (assigned >= 0).view(-1, *[1] * len(self.shape))
        target = torch.where(clear, self.decoded_centers[assigned.clamp_min(0)], self.standard(views.target))
        weight = self.knobs.weight * prod(self.shape) / z.shape[1]
        return {
            "construction": reconstruction(target, self.net.decode(z)),
            "k-means": weight * kmeans_loss(z, self.target_codes[views.index]),
        }

    def soft_labels(self, data: Data) -> Tensor:
        return self.map_codes(data, lambda z: student_t(z, self.centers))

    def labels(self, data: Data) -> Tensor:
        return self.soft_labels(data).argmax(1)

    def report(self) -> dict[str, float]:
        counted = self.conflicted_shares[self.conflicted_shares >= 0]
        return {"share of conflicted members": float(counted[-1])} if len(counted) else {}
