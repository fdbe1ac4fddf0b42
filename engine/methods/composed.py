"""A method composed of five parts, one of each axis of a taxonomy.

E. Aljalbout, V. Golkov, Y. Siddiqui, M. Strobel, D. Cremers, 2018, "Clustering with Deep Learning: Taxonomy and New
Methods", arXiv:1801.07648.

With the parts of DEC, IDEC, DCN or the pretrained DKM (`RECIPES`) it gives the labels of these methods, to the last
bit.

Deviations
----------
- What cannot work is refused, with the reason.
- Balanced assignments are the mutual information of IMSAT, since the divergence from equal shares alone is least
  where every sample is equally likely in all groups.
- Agglomerative merges groups by Ward's criterion instead of JULE's affinity.
- Self-augmentation compares codes relative to their spread.
- The adversarial network is an adversarial autoencoder (Makhzani et al. 2016) whose critic measures the Wasserstein
  distance, as in ClusterGAN.
- The variational network has a standard normal prior (Kingma & Welling 2014).
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from math import prod
from typing import Any, ClassVar

import torch
from torch import Tensor

from engine.core.autoencoder_method import AugmentedBatch
from engine.core.card import CHOSEN, Card, Family, Shows, knob
from engine.core.data import Batch, Data
from engine.core.method import Stage, Step, Terms
from engine.losses import self_augmentation
from engine.methods import ae_kmeans
from engine.methods.ae_kmeans import AEKMeans
from engine.objectives import REFUSALS, EncodedBatch, TaxonomyKnobs

RECIPES: dict[str, dict[str, Any]] = {
    "dec": {"clustering": "hardening", "combination": "fine-tuning", "update": "joint"},
    "idec": {"clustering": "hardening", "combination": "joint", "update": "joint", "cluster_lr": 1e-3},
    "dcn": {"clustering": "k-means", "combination": "joint", "update": "alternating"},
    "dkm": {"clustering": "k-means", "combination": "joint", "update": "joint"},
}
"""Which parts make another method of the catalogue."""


@dataclass(frozen=True)
class Knobs(TaxonomyKnobs, ae_kmeans.Knobs):
    """The five parts, after the settings of the network."""

    epochs: int = knob(100, 1, 5000, "Passes over the data after pretraining, at most.", quick=30, thorough=300)
    cluster_lr: float = knob(
        1e-4, 1e-6, 1.0, "Size of each correction after pretraining.", label="Clustering rate", log=True
    )
    weight: float = knob(1.0, 0.0, 1000.0, "Weight of the clustering loss, as a multiple of what is usual for it.")


class Composed(AEKMeans):
    card = Card(
        id="composed",
        name="Composed method",
        authors="E. Aljalbout, V. Golkov, Y. Siddiqui, M. Strobel, D. Cremers",
        year=2018,
        paper="Clustering with Deep Learning: Taxonomy and New Methods, arXiv:1801.07648",
        idea="Puts a method together from five parts that you choose, as known methods are, or as none is yet.",
        family=Family.AUTOENCODER_JOINT,
        architecture=CHOSEN,
        non_clustering=CHOSEN,
        clustering=CHOSEN,
        combination=CHOSEN,
        update=CHOSEN,
        knobs=Knobs,
        refusals=REFUSALS,
        curves={
            "agglomerative": "How far members are from the group they were joined with.",
            "self-augmentation": "How far a member and its altered copy are from one another in the code.",
            "balanced assignments": "How far votes are from being sure, and groups from being equally large.",
            "locality-preserving": "How far apart neighbors are in the code.",
            "group sparsity": "How many blocks of numbers describe a member at once.",
            "cluster classification": "How often the network misses the group that was given to a member.",
            "passing for draws": "How well codes pass for samples of the prior: small when the critic is fooled.",
        },
        titles={"passing for draws": "Passing for the prior"},
        shows=(Shows.SOFT_LABELS, Shows.PROTOTYPES),
        caution="Not every combination is a good one; what cannot work is refused, with the reason.",
    )
    former_names: ClassVar = {"part": "objective", "seen": "recency", "near": "neighbors", "likeness": "similarity"}
    share: Tensor
    """Weight of the clustering loss in a schedule; the losses beside it have the rest."""

    def __init__(self, data: Data, k: int | None, knobs: Any) -> None:
        groups = max(1, k or 1)
        if knobs.clustering == "group sparsity":
            knobs = replace(knobs, latent=groups * -(-knobs.latent // groups))
        prior = knobs.prior(knobs.latent, prod(data.shape))
        super().__init__(data, k, replace(knobs, network="dense") if prior.regularizes else knobs)
        self.knobs, self.prior, self.keeps_groups = knobs, prior, knobs.keeps_groups
        self.net: Any = prior.wrap(self.net)
        self.objective = knobs.objective(self.groups, knobs.latent)
        self.register_buffer("share", torch.ones(()))

    def plan(self, data: Data) -> Iterator[Stage]:
        knobs, objective, map_codes = self.knobs, self.objective, partial(self.map_codes, data)
        if knobs.reconstructs:
            yield from self.pretraining()
        labels = self.start(data)
        self.label_change(labels)
        objective.initialize(data, self.centers, labels)
        objective.refresh(map_codes, self.centers)
        for done, passes in self.stretches(0 if knobs.clustering == "none" and knobs.fine_tunes else knobs.epochs):
            if knobs.combination == "schedule":
                self.share.fill_(done / knobs.epochs)
            yield self.clustering_stage(passes, in_place=data.x.device == data.device)
            if objective.has_groups and self.label_change(objective.refresh(map_codes, self.centers)) < knobs.tolerance:
                break
        objective.finish(map_codes, self.centers)
        if not objective.has_groups:
            self.start(data)

    def pretraining_stage(self, id: str, title: str, step: Step, epochs: int) -> Stage:
        stage = super().pretraining_stage(id, title, step, epochs)
        critic = [self.critic_step(step.lr)] if self.prior.has_critic else []
        return replace(stage, steps=[step, *critic], cuda_graphs=not critic)

    def clustering_stage(self, passes: int, in_place: bool) -> Stage:
        """Some passes under all chosen losses; `in_place` where the samples are on the device that trains."""
        knobs = self.knobs
        network = self.autoencoder.encoder if knobs.encoder_only else self.net
        steps = [self.joint_step(self.joint_loss, [network, *self.objective.trainable(self.centers)], knobs.cluster_lr)]
        if self.prior.has_critic and not knobs.encoder_only:
            steps.append(self.critic_step(knobs.cluster_lr))
        return Stage(
            "cluster",
            "Training the parts",
            steps,
            passes,
            self.batch,
            after_step=self.update_centers if self.objective.updates_centers else None,
            total_epochs=knobs.epochs,
            groups=self.objective.has_groups,
            cuda_graphs=in_place and self.objective.cuda_graphs and len(steps) == 1,
        )

    def critic_step(self, lr: float) -> Step:
        """The step of the critic that an adversarial network has."""
        return Step(lambda batch: self.prior.critic_loss(self.encode(batch.x)), [self.prior], lr, momentum=0.5)

    def joint_loss(self, batch: Batch) -> Terms:
        """All chosen losses, weighted."""
        knobs, views = self.knobs, self.augmented(batch)
        z, terms = (self.encode(views.x), {}) if knobs.encoder_only else self.reconstruction_terms(views)
        if knobs.non_clustering == "self-augmentation":
            other = self.encode(Batch(views.x, views.index, batch.source).view())
            terms = {"self-augmentation": prod(self.shape) * self_augmentation(z, other)}
        if knobs.combination == "schedule":
            terms = {name: (1 - self.share) * term for name, term in terms.items()}
        loss = self.objective.loss(EncodedBatch(z, views.index, batch, self.encode), self.centers)
        if loss is not None:
            terms[knobs.clustering] = self.share * knobs.default_weight(prod(self.shape)) * knobs.weight * loss
        return terms

    def reconstruct_loss(self, batch: Batch) -> Terms:
        if not self.prior.regularizes:
            return super().reconstruct_loss(batch)
        return self.reconstruction_terms(self.augmented(batch))[1]

    def reconstruction_terms(self, views: AugmentedBatch) -> tuple[Tensor, Terms]:
        """Codes [m, latent] of the views, their reconstruction error, and what the prior adds to it."""
        z, to_decode, terms = self.prior.encode(self.net, self.standard(views.x))
        return z, {"reconstruction": self.reconstruction_loss(views.target, to_decode), **terms}

    def update_centers(self, batch: Batch) -> None:
        """What the objective does after a batch."""
        self.objective.update_centers(batch, self.encode(batch.x), self.centers)

    @property
    def autoencoder(self) -> Any:
        return getattr(self.net, "plain", self.net)

    def soft_labels(self, data: Data) -> Tensor:
        return self.map_codes(data, lambda z: self.objective.soft_labels(z, self.centers))

    def labels(self, data: Data) -> Tensor:
        return self.map_codes(data, lambda z: self.objective.labels(z, self.centers))

    def prototypes(self) -> Tensor | None:
        """None where the decoder was left behind by the encoder."""
        return None if self.knobs.encoder_only and self.knobs.clustering != "none" else super().prototypes()
