"""ClusterGAN.

S. Mukherjee, H. Asnani, E. Lin, S. Kannan, AAAI 2019, "ClusterGAN: Latent Space Clustering in Generative Adversarial
Networks", arXiv:1809.03627. (Another system of this name is by Ghasedi et al., CVPR 2019.)

A generator turns a group number and a style into samples that a critic cannot tell from real ones; an encoder reads
both back.

Deviations
----------
- Far fewer updates of the generator than the paper's 500,000, and a larger learning rate, so that a training takes
  minutes.
- Networks are dense by default, also for pictures, because they get further in the same time on a CPU; those of the
  paper are there as "convolutional", with a quarter of the filters.
- No seed is chosen by its validation purity, as the authors do, since that needs labels.
- Groups are the most likely group number by the encoder instead of k-means on the whole code, so that every group can
  generate new members; on digits both agree within a hundredth.
- Tables and series are standardized.
- No weight decay.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import torch
import torch.nn.functional as F
from torch import Tensor

from engine.clusters.kmeans import require
from engine.core.card import Card, Family, Shows, knob
from engine.core.data import Batch, Data
from engine.core.method import Method, Stage, Step, Terms
from engine.losses import gradient_penalty, reconstruction, wasserstein
from engine.nets import convolutional, widths
from engine.nets.gan import encoder, generator

PENALTY = 10.0


@dataclass(frozen=True)
class Knobs:
    """Settings of ClusterGAN."""

    network: str = knob("dense", choices=("dense", "convolutional", "auto"), help="How the networks look at a sample.")
    epochs: int = knob(200, 1, 5000, "Passes over the data.", quick=50, thorough=1000)
    batch: int = knob(
        64, 8, 65536, "Samples looked at before each correction.", label="Batch size", unit="samples", log=True
    )
    lr: float = knob(1e-3, 1e-6, 1.0, "Size of each correction.", label="Learning rate", log=True)
    critic_steps: int = knob(5, 1, 50, "Corrections of the critic for one of the generator.")
    latent: int = knob(
        10, 1, 1000, "How many numbers describe the style of a sample within its group.", label="Style size"
    )
    sigma: float = knob(
        0.1, 0.01, 2.0, "Spread of the style numbers: a group number must stand out against it.", log=True
    )
    style_weight: float = knob(10.0, 0.0, 1000.0, "Weight (beta n) of reading the style back.")
    group_weight: float = knob(10.0, 0.0, 1000.0, "Weight (beta c) of reading the group back.")
    width: int = knob(
        16, 4, 256, "Filters of the first layer of convolutional networks.", label="Filters", log=True, thorough=64
    )
    layers: str = knob("256-256", help="Sizes of the hidden layers of dense networks.")


class ClusterGAN(Method):
    card = Card(
        id="clustergan",
        name="ClusterGAN",
        authors="S. Mukherjee, H. Asnani, E. Lin, S. Kannan",
        year=2019,
        paper="ClusterGAN: Latent Space Clustering in Generative Adversarial Networks, AAAI 2019, arXiv:1809.03627",
        idea="Learns to generate samples from a group number and a style, and to read both back from real samples.",
        family=Family.GENERATIVE,
        architecture="generator, critic and encoder",
        non_clustering="adversarial, style read back",
        clustering="cross-entropy of the group number read back",
        combination="joint",
        update="joint",
        knobs=Knobs,
        curves={
            "penalty": "What keeps the critic's judgment smooth.",
            "generator": "How far generated members are from passing as real; it works against the critic, so it need not fall.",
            "style": "How badly the style of a generated member is read back from it.",
            "group": "How badly the group of a generated member is read back from it.",
        },
        shows=(Shows.GENERATED, Shows.SOFT_LABELS),
        caution="Slow to train, and results differ much between seeds: give it many passes and compare several seeds.",
    )
    shift: Tensor
    scale: Tensor

    former_names: ClassVar = {"reader": "encoder"}

    def __init__(self, data: Data, k: int | None, knobs: Knobs) -> None:
        super().__init__(data, k, knobs)
        self.groups = k = self.require_k(k)
        self.keeps_groups = False  # they come and go while generator and critic compete
        picture = len(self.shape) == 3
        low, high = (data.x.amin(), data.x.amax()) if picture else (data.x.mean(), data.x.mean() + data.x.std())
        self.register_buffer("shift", low.nan_to_num())
        self.register_buffer("scale", (high - low).nan_to_num(1.0).clamp_min(1e-6))
        size = knobs.width if convolutional(self.shape, knobs.network) else widths(knobs.layers)
        self.generator = generator(self.shape, knobs.latent + k, size)
        self.critic = encoder(self.shape, 1, size)
        self.encoder = encoder(self.shape, knobs.latent + k, size)

    def plan(self, data: Data) -> Iterator[Stage]:
        knobs = self.knobs
        require(data.x, 1, least=2)
        critic_step = Step(self.critic_loss, [self.critic], knobs.lr, momentum=0.5, beta2=0.9)
        generator_step = Step(
            self.generator_loss, [self.generator, self.encoder], knobs.lr, knobs.critic_steps, momentum=0.5, beta2=0.9
        )
        yield Stage(
            "adversarial",
            "Training against a critic",
            [critic_step, generator_step],
            knobs.epochs,
            knobs.batch,
            cuda_graphs=True,
        )

    def critic_loss(self, batch: Batch) -> Terms:
        """The critic learns to tell real samples from generated ones."""
        real = self.scaled(batch.x)
        with torch.no_grad():
            generated = self.generator(torch.cat(self.codes(len(batch)), 1))
        return {
            "critic": wasserstein(self.critic(real), self.critic(generated)),
            "penalty": PENALTY * gradient_penalty(self.critic, real, generated),
        }

    def generator_loss(self, batch: Batch) -> Terms:
        """The generator learns to pass as real, and the encoder to recover what the generator was given."""
        style, group = self.codes(len(batch))
        generated = self.generator(torch.cat([style, group], 1))
        encoded_style, encoded_group = self.style_and_group(generated)
        return {
            "generator": -self.critic(generated).float().mean(),
            "style": self.knobs.style_weight * reconstruction(style, encoded_style),
            "group": self.knobs.group_weight * F.cross_entropy(encoded_group.float(), group),
        }

    def codes(self, n: int) -> tuple[Tensor, Tensor]:
        """Random styles [n, latent] and one-hot groups [n, k]."""
        device = self.shift.device
        style = self.knobs.sigma * torch.randn(n, self.knobs.latent, device=device)
        group = torch.randint(self.groups, (n, 1), device=device)
        return style, (group == torch.arange(self.groups, device=device)).to(style)

    def style_and_group(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Style [n, latent] of scaled samples [n, ...], and the logits [n, k] of their group."""
        both: Tensor = self.encoder(x)
        return both[:, : self.knobs.latent], both[:, self.knobs.latent :]

    def scaled(self, x: Tensor) -> Tensor:
        """Samples [n, ...] in the units of the networks."""
        return (x - self.shift) / self.scale

    def encode(self, x: Tensor) -> Tensor:
        """Style and probability of each group of samples [n, ...], one after the other: [n, latent + k]."""
        style, group = self.style_and_group(self.scaled(x))
        return torch.cat([style.float(), torch.softmax(group.float(), 1)], 1)

    def soft_labels(self, data: Data) -> Tensor:
        return self.map_batches(data, lambda x: torch.softmax(self.style_and_group(self.scaled(x))[1].float(), 1))

    def labels(self, data: Data) -> Tensor:
        return self.soft_labels(data).argmax(1)

    def generate(self, group: int, n: int, seed: int = 0) -> Tensor:
        """[n, *sample shape] generated members of a group, in prepared input units; the first has the average style."""
        random = torch.Generator().manual_seed(seed)
        style = self.knobs.sigma * torch.randn(n, self.knobs.latent, generator=random).to(self.shift)
        style[0] = 0
        wanted = torch.full((n,), group, device=style.device)
        return self._generated(style, F.one_hot(wanted, self.groups).to(style))

    def prototypes(self) -> Tensor | None:
        group = torch.eye(self.groups).to(self.shift)
        return self._generated(torch.zeros(self.groups, self.knobs.latent).to(group), group)

    def _generated(self, style: Tensor, group: Tensor) -> Tensor:
        training = self.training
        self.eval()
        with torch.no_grad():
            x: Tensor = self.generator(torch.cat([style, group], 1)) * self.scale + self.shift
        self.train(training)
        return x
