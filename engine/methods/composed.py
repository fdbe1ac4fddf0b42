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
from typing import Any

import torch
from torch import Tensor

from engine.core.autoencoder_method import AugmentedBatch
from engine.core.card import CHOSEN, Card, Family, Shows, knob
from engine.core.data import Batch, Data
from engine.core.method import Stage, Step, Terms
from engine.losses import self_augmentation
from engine.methods import ae_kmeans
from engine.methods.ae_kmeans import AEKMeans
from engine.objectives import REFUSALS, Parts, Seen

RECIPES: dict[str, dict[str, Any]] = {
    "dec": {"clustering": "hardening", "combination": "fine-tuning", "update": "joint"},
    "idec": {"clustering": "hardening", "combination": "joint", "update": "joint", "cluster_lr": 1e-3},
    "dcn": {"clustering": "k-means", "combination": "joint", "update": "alternating"},
    "dkm": {"clustering": "k-means", "combination": "joint", "update": "joint"},
}
"""Which parts make another method of the catalogue."""


@dataclass(frozen=True)
class Knobs(Parts, ae_kmeans.Knobs):
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
    share: Tensor

    def __init__(self, data: Data, k: int | None, knobs: Any) -> None:
        groups = max(1, k or 1)
        if knobs.clustering == "group sparsity":
            knobs = replace(knobs, latent=groups * -(-knobs.latent // groups))
        prior = knobs.prior(knobs.latent, prod(data.shape))
        super().__init__(data, k, replace(knobs, network="dense") if prior.special else knobs)
        self.knobs, self.prior = knobs, prior
        self.net: Any = prior.net(self.net)
        self.part = knobs.part(self.groups, knobs.latent)
        self.register_buffer("share", torch.ones(()))

    def plan(self, data: Data) -> Iterator[Stage]:
        knobs, part, ask = self.knobs, self.part, partial(self.map_codes, data)
        if knobs.redrawn:
            yield from self.pretraining()
        labels = self.start(data)
        self.label_change(labels)
        part.start(data, self.centers, labels)
        part.between(ask, self.centers)
        for epoch in range(0 if knobs.clustering == "none" and knobs.alone else knobs.epochs):
            if knobs.combination == "schedule":
                self.share.fill_((epoch + 1) / knobs.epochs)
            yield self.composing(recorded=data.x.device == data.device)
            if part.forming and self.label_change(part.between(ask, self.centers)) < knobs.tolerance:
                break
        part.finish(ask, self.centers)
        if not part.forming:
            self.start(data)

    def pretraining_stage(self, id: str, title: str, step: Step, epochs: int) -> Stage:
        stage = super().pretraining_stage(id, title, step, epochs)
        return replace(stage, steps=[step, self.judging(step.lr)], cuda_graphs=False) if self.prior.judged else stage

    def composing(self, recorded: bool) -> Stage:
        """One pass under all chosen losses."""
        knobs = self.knobs
        left = knobs.alone or not knobs.redrawn  # what only redraws is left behind
        network = self.autoencoder.encoder if left else self.net
        steps = [Step(self.compose, [network, *self.part.trained(self.centers)], knobs.cluster_lr)]
        if self.prior.judged and not left:
            steps.append(self.judging(knobs.cluster_lr))
        return Stage(
            "cluster",
            "Training the parts",
            steps,
            1,
            self.batch,
            after_step=self.follow if self.part.following else None,
            total_epochs=knobs.epochs,
            groups=self.part.forming,
            cuda_graphs=recorded and self.part.still and len(steps) == 1,
        )

    def judging(self, lr: float) -> Step:
        """The turn of the critic that an adversarial network has."""
        return Step(lambda batch: self.prior.judge(self.encode(batch.x)), [self.prior], lr, momentum=0.5)

    def compose(self, batch: Batch) -> Terms:
        """All chosen losses, weighted."""
        knobs, shown = self.knobs, self.augmented(batch)
        z, terms = self.drawn(shown) if knobs.redrawn and not knobs.alone else (self.encode(shown.x), {})
        if knobs.non_clustering == "self-augmentation":
            other = self.encode(Batch(shown.x, shown.index, batch.source).view())
            terms = {"self-augmentation": prod(self.shape) * self_augmentation(z, other)}
        if knobs.combination == "schedule":
            terms = {name: (1 - self.share) * term for name, term in terms.items()}
        loss = self.part.loss(Seen(z, shown.index, batch, self.encode), self.centers)
        if loss is not None:
            terms[knobs.clustering] = self.share * knobs.usual(prod(self.shape)) * knobs.weight * loss
        return terms

    def reconstruct_loss(self, batch: Batch) -> Terms:
        return self.drawn(self.augmented(batch))[1] if self.prior.special else super().reconstruct_loss(batch)

    def drawn(self, shown: AugmentedBatch) -> tuple[Tensor, Terms]:
        """Codes [m, latent] of what is shown, and what the network loses on them."""
        z, other, terms = self.prior.look(self.net, self.standard(shown.x))
        return z, {"reconstruction": self.reconstruction_loss(shown.target, other), **terms}

    def follow(self, batch: Batch) -> None:
        """What the part does after a batch."""
        self.part.follow(batch, self.encode(batch.x), self.centers)

    @property
    def autoencoder(self) -> Any:
        return getattr(self.net, "plain", self.net)

    def soft_labels(self, data: Data) -> Tensor:
        return self.map_codes(data, lambda z: self.part.soft(z, self.centers))

    def labels(self, data: Data) -> Tensor:
        return self.map_codes(data, lambda z: self.part.labels(z, self.centers))

    def prototypes(self) -> Tensor | None:
        """None where the decoder was left behind by the encoder."""
        left = self.knobs.alone and self.knobs.clustering != "none"
        return super().prototypes() if self.knobs.redrawn and not left else None
