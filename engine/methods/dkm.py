"""DKM, Deep k-Means.

M. Moradi Fard, T. Thonet, E. Gaussier, Pattern Recognition Letters 138, 2020, "Deep k-Means: Jointly clustering with
k-Means and learning representations", arXiv:1806.10069.

Replaces the hard assignment of k-means by a sharp softmax, so that code and centers are trained together. Both
variants: pretrained (a constant, large alpha) and annealed (no pretraining, alpha grows over 40 values).

Deviations
----------
- Batches are permutations of the data instead of random draws.
- The size of the code is `latent` instead of the number of groups.
- The joint rate rises in the first batches, or Adam would undo the pretraining.
- Joint training of the pretrained variant stops when few members still change group.
- The annealed variant gives each value a fortieth of the epochs instead of five.
- `weight` is chosen for inputs of unit variance.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from math import log

import torch
from torch import Tensor

from engine.core.card import Card, Family, Shows, knob
from engine.core.data import Batch, Data
from engine.core.method import Stage, Terms
from engine.losses import softmin_distance, squared_distances
from engine.methods import ae_kmeans
from engine.methods.ae_kmeans import AEKMeans

STEPS = 40


@dataclass(frozen=True)
class Knobs(ae_kmeans.Knobs):
    """Settings of DKM; those of the autoencoder come first."""

    variant: str = knob(
        "pretrained", choices=("pretrained", "annealed"), help="Start from a pretrained code, or anneal alpha."
    )
    epochs: int = knob(
        100, 1, 5000, "Passes over the data that train code and centers, at most.", quick=30, thorough=300
    )
    cluster_lr: float = knob(
        1e-4, 1e-6, 1.0, "Size of each correction of code and centers.", label="Joint rate", log=True
    )
    weight: float = knob(10.0, 0.0, 100.0, "Weight (lambda) of the soft k-means loss against reconstruction.")
    alpha: float = knob(1000.0, 0.01, 1e6, "Sharpness of the soft choice of a center (pretrained variant).", log=True)


class DKM(AEKMeans):
    card = Card(
        id="dkm",
        name="Deep k-Means",
        short="DKM",
        authors="M. Moradi Fard, T. Thonet, E. Gaussier",
        year=2020,
        paper="Deep k-Means: Jointly clustering with k-Means and learning representations, arXiv:1806.10069",
        idea="Replaces the hard choice of a center by a very sharp soft one, so that code and centers learn together.",
        family=Family.AUTOENCODER_JOINT,
        architecture="autoencoder",
        non_clustering="reconstruction",
        clustering="k-means loss (soft)",
        combination="pretraining, then joint; or variable schedule",
        update="joint",
        streams=True,
        knobs=Knobs,
        curves={
            "soft k-means": "How far members are from the centers, each weighed by how near it is.",
            "sharpness": "How nearly the soft choice of a center is a hard one; where it is annealed, it grows on purpose.",
        },
        shows=(Shows.SOFT_LABELS, Shows.PROTOTYPES, Shows.SHARPNESS),
    )
    sharpness: Tensor

    def __init__(self, data: Data, k: int | None, knobs: Knobs) -> None:
        super().__init__(data, k, knobs)
        self.register_buffer("sharpness", torch.tensor(knobs.alpha))
        if knobs.variant == "annealed":
            self.keeps_groups = False  # nothing was grouped before: at the first values of alpha all centers are alike

    def plan(self, data: Data) -> Iterator[Stage]:
        if self.knobs.variant == "annealed":
            yield from self.annealed(data)
            return
        yield from self.pretraining()
        self.label_change(self.start(data))
        for _, passes in self.stretches(self.knobs.epochs):
            yield self.joint(passes, self.knobs.epochs, self.knobs.cluster_lr)
            if self.converged(data, self.knobs.tolerance):
                break

    def annealed(self, data: Data) -> Iterator[Stage]:
        """40 values of alpha from 0.1 on, each for its share of the epochs; centers start uniform in (-1, 1).

        Nothing was pretrained, so the rate is that of pretraining.
        """
        torch.nn.init.uniform_(self.centers, -1, 1)
        each = max(1, self.knobs.epochs // STEPS)
        for alpha in annealing():
            self.sharpness.fill_(alpha)
            yield self.joint(each, each * STEPS, self.knobs.lr)

    def joint(self, epochs: int, total_epochs: int, lr: float) -> Stage:
        """Code and centers together, by gradient."""
        step = self.joint_step(self.cluster, [self.net, self.centers], lr)
        return Stage(
            "cluster",
            "Training code and centers",
            [step],
            epochs,
            self.batch,
            total_epochs=total_epochs,
            cuda_graphs=True,
        )

    def cluster(self, batch: Batch) -> Terms:
        views = self.augmented(batch)
        z = self.encode(views.x)
        return {
            "reconstruction": self.reconstruction_loss(views.target, z),
            "soft k-means": self.knobs.weight * softmin_distance(z, self.centers, self.sharpness),
        }

    def soft_labels(self, data: Data) -> Tensor:
        def memberships(z: Tensor) -> Tensor:
            """Memberships [n, k] of codes [n, latent]."""
            return torch.softmax(-self.sharpness * squared_distances(z, self.centers), 1)

        return self.map_codes(data, memberships)

    def report(self) -> dict[str, float]:
        return {"sharpness": float(self.sharpness)}


def annealing(steps: int = STEPS) -> list[float]:
    """alpha_1 = 0.1, alpha_{n+1} = 2^(1 / ln(n + 1)^2) alpha_n (section 4 of the paper)."""
    values = [0.1]
    for n in range(1, steps):
        values.append(values[-1] * 2 ** (1 / log(n + 1) ** 2))
    return values
