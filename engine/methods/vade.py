"""VaDE, Variational Deep Embedding.

Z. Jiang, Y. Zheng, H. Tan, B. Tang, H. Zhou, IJCAI 2017, "Variational Deep Embedding: An Unsupervised and Generative
Approach to Clustering", arXiv:1611.05148.

A variational autoencoder whose prior is a mixture of Gaussians, one per group.

Deviations
----------
- The decoder is Gaussian for every kind of data, with a fixed variance: inputs have mean 0 and variance 1, not a
  range of 0 to 1.
- Pretraining is end to end with Adam.
- The Gaussians start from a mixture with full covariances, fitted from the groups of k-means, and the code is rotated
  to axes in which groups are round on average, which changes no reconstruction: the authors' diagonal mixture finds
  worse groups than k-means along an autoencoder's arbitrary axes.
- The weights of the Gaussians are a softmax, start at those of the mixture and count once, not once for every
  dimension of the code as in the authors' code.
- Log-variances are bounded; those of the samples start small and equal instead of random.
- The first rate is half the authors', and the first pass, or as many batches as after any pretraining, leads up to it,
  or it would undo the start: their Adam is damped by an epsilon of 1e-4.
- A hundred passes instead of 3,000, fewer when few members still change group.
- Augmented pictures serve the pretraining alone; the bound is of the unaltered ones, or the code would have to encode
  how each was turned.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from math import prod
from typing import Any

import torch
from torch import Tensor, nn

from engine.clusters import require
from engine.clusters.mixture import covariances, gaussian_mixture
from engine.core.card import Card, Family, Shows, knob
from engine.core.data import Batch, Data
from engine.core.method import Stage, Terms
from engine.losses import GaussianMixture, category_divergence, gaussian_divergence, log_responsibilities
from engine.methods import ae_kmeans
from engine.methods.ae_kmeans import AEKMeans
from engine.nets import VariationalAutoencoder, clamp_log_variance, reparameterize

MOST = 50_000
"""Codes that the start looks at."""
SMOOTH = 1e-3
"""Share of the variance of all codes that is added to that of each group of the start, so that none has the width zero."""


@dataclass(frozen=True)
class Knobs(ae_kmeans.Knobs):
    """Settings of VaDE; those of the autoencoder come first."""

    epochs: int = knob(
        100, 1, 5000, "Passes over the data that train code and clouds, at most.", quick=30, thorough=300
    )
    cluster_lr: float = knob(
        1e-3,
        1e-6,
        1.0,
        "Size of each correction of code and clouds at first; every ten passes it becomes a tenth smaller.",
        label="Joint rate",
        log=True,
    )
    weight: float = knob(
        80.0,
        0.1,
        1e4,
        "Weight of reconstructing a sample against the clouds: larger reconstructs more sharply, smaller makes rounder groups.",
        log=True,
    )


class VaDE(AEKMeans):
    card = Card(
        id="vade",
        name="Variational Deep Embedding",
        short="VaDE",
        authors="Z. Jiang, Y. Zheng, H. Tan, B. Tang, H. Zhou",
        year=2017,
        paper="Variational Deep Embedding: An Unsupervised and Generative Approach to Clustering, IJCAI 2017, arXiv:1611.05148",
        idea="Assumes that each sample was generated from the cloud of its group, and learns clouds and generator together.",
        family=Family.AUTOENCODER_JOINT,
        architecture="variational autoencoder",
        non_clustering="reconstruction, divergence of the code (one bound)",
        clustering="mixture of Gaussians as prior of the code",
        combination="pretraining, then joint",
        update="joint",
        streams=True,
        knobs=Knobs,
        curves={
            "choice": "How far the groups that members seem to come from are from the sizes the groups have.",
            "groups in use": "How many groups of equal size would be as varied: fewer than asked for where some stand empty.",
        },
        shows=(Shows.SOFT_LABELS, Shows.PROTOTYPES, Shows.GENERATED),
        caution="Groups may differ in width: a dense core and what lies scattered around it can become two groups.",
    )
    net: VariationalAutoencoder  # type: ignore[assignment]

    def __init__(self, data: Data, k: int | None, knobs: Knobs) -> None:
        super().__init__(data, k, knobs)
        plain: Any = self.net
        self.net = VariationalAutoencoder(plain)
        self.logits = nn.Parameter(torch.zeros(self.groups))
        self.log_variances = nn.Parameter(torch.zeros(self.groups, knobs.latent))

    def plan(self, data: Data) -> Iterator[Stage]:
        yield from self.pretraining()
        self.label_change(self.start(data))
        for done, passes in self.stretches(self.knobs.epochs):
            yield self.joint(done - passes, passes)
            if self.converged(data, self.knobs.tolerance):
                break

    def joint(self, epoch: int, passes: int = 1) -> Stage:
        """Some passes at the authors' rate: a tenth less every ten, down to a tenth; it rises to it in the first."""
        rate = self.knobs.cluster_lr * max(0.1, 0.9 ** (epoch // 10))
        step = self.joint_step(self.bound, [self.net, self.logits, self.centers, self.log_variances], rate)
        step.warmup_steps = max(step.warmup_steps, self.steps_per_pass)
        return Stage(
            "cluster",
            "Training code and clouds",
            [step],
            passes,
            self.batch,
            total_epochs=self.knobs.epochs,
            cuda_graphs=True,
        )

    @property
    def autoencoder(self) -> Any:
        """The plain autoencoder, which learns to reconstruct without clouds."""
        return self.net.plain

    def start(self, data: Data) -> Tensor:
        """A mixture of Gaussians on the code sets the clouds; returns the labels [n]."""
        z = self.embed(data)
        z = z[torch.randperm(len(z), device="cpu")[:MOST].to(z.device)]
        require(z, self.require_k(self.k), least=2)
        labels = self.first_groups(z)[1]
        k = int(labels.max()) + 1
        shape = "full" if len(z) >= 2 * k * z.shape[1] else "diag"
        limits = {"regularization": SMOOTH * float(z.var(0).mean()), "tolerance": 1e-3}
        found = gaussian_mixture(z, k, shape, rounds=200, labels=labels, **limits)
        spreads = covariances(found)
        within = (found.log_weights.exp().view(-1, 1, 1) * spreads).sum(0)
        basis = torch.linalg.inv(torch.linalg.cholesky(within)).mT
        self.net.rotate(basis)
        self.logits.data = found.log_weights.float()
        self.centers.data = (found.means @ basis).float()
        self.log_variances.data = (basis.mT @ spreads @ basis).diagonal(dim1=1, dim2=2).log().float()
        return self.labels(data)

    @property
    def clouds(self) -> GaussianMixture:
        """The groups as the mixture from which codes come."""
        return GaussianMixture(torch.log_softmax(self.logits, 0), self.centers, clamp_log_variance(self.log_variances))

    def bound(self, batch: Batch) -> Terms:
        """What -log p(x) is at most, up to a constant: the negative of the paper's evidence lower bound."""
        mean, log_variance = self.net.posterior(self.standard(batch.x))
        z = reparameterize(mean, log_variance)
        log_gamma = log_responsibilities(z, self.clouds)
        return {
            "reconstruction": self.knobs.weight / prod(self.shape) * self.reconstruction_loss(batch.x, z),
            "cloud": gaussian_divergence(mean, log_variance, log_gamma, self.clouds),
            "choice": category_divergence(log_gamma, self.clouds.log_weights),
        }

    def soft_labels(self, data: Data) -> Tensor:
        return self.map_codes(data, lambda z: log_responsibilities(z, self.clouds).exp())

    def labels(self, data: Data) -> Tensor:
        return self.soft_labels(data).argmax(1)

    def generate(self, group: int, n: int, seed: int = 0) -> Tensor:
        """[n, *sample shape] generated members of a group, in prepared input units; the first is its prototype."""
        random = torch.Generator().manual_seed(seed)
        away = torch.randn(n, self.knobs.latent, generator=random).to(self.centers)
        away[0] = 0
        with torch.no_grad():
            return self.decode(self.centers[group] + away * torch.exp(self.clouds.log_variances[group] / 2))

    def report(self) -> dict[str, float]:
        log_weights = self.clouds.log_weights.detach()
        return {"groups in use": float(torch.exp(-(log_weights.exp() * log_weights).sum()))}
