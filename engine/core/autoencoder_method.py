"""What all methods with an autoencoder share: the network, its settings, and its pretraining by reconstruction.

Autoencoder of Hinton & Salakhutdinov, Science 313, 2006, trained end to end by Adam from He's initial weights, as later
implementations do. A dense network may learn layer by layer first, in DEC's form of a stacked denoising autoencoder (Vincent et
al., JMLR 11, 2010), each layer in a fifth of the passes; a deep belief network is a pile of Boltzmann machines (Hinton &
Salakhutdinov 2006, with a constant momentum of 0.9) before all learns together.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from math import ceil
from typing import Any

import torch
from torch import Tensor

from engine.core.card import knob
from engine.core.data import Batch, Data
from engine.core.errors import InputError
from engine.core.method import Method, Stage, Step, Terms
from engine.losses import BoltzmannMachine, contrastive_divergence, reconstruction
from engine.nets import Autoencoder, autoencoder, layerwise
from engine.nets.convolutional import LARGE

CORRECTIONS = 72
"""Corrections that a pass makes at least, as far as the smallest batch allows: small data would leave the network unfinished.

ACC of AE + k-means after 50 passes with 72 and with 28 or 36 corrections in each (one seed): 0.925 and 0.827 on 5,620 digits of
8 x 8 (after 20 passes 0.902 and 0.814), 0.907 and 0.765 on USPS; a pass takes 1.3 times as long.
"""
STRETCH = CORRECTIONS
"""Corrections after which a method looks at its groups, at least: in fewer, hardly any member changes group, which is no
convergence, and a target that is set anew is hardly another."""
SMALLEST_BATCH = 32
FEW = 20
"""Passes in which a network that must undo what was altered leads: on 10,000 digits of MNIST the ACC of AE + k-means after 15 is
0.651 undone, 0.533 never, 0.504 always (one seed)."""
LAYER_SHARE = 5
"""A layer that learns alone takes this part of all passes."""
REAL_RATE, BINARY_RATE, DECAY = 1e-3, 0.1, 2e-4
"""Of Boltzmann machines with and without Gaussian units (Hinton & Salakhutdinov 2006, supporting material)."""


def alter(default: str) -> Any:
    """The setting of how pictures are augmented while the network learns; methods differ in the default."""
    return knob(
        default,
        choices=("auto", "never", "always", "beside", "undone"),
        help="While learning, pictures are shown slightly turned, sheared and shifted: always; beside the picture as it is, "
        "where both belong to the same group; or undone, to be reconstructed as they were, which helps in few passes. Auto is "
        "beside for pictures smaller than 16 x 16, which blur when they are turned; for others always, or undone in few passes.",
        label="Alter pictures",
    )


@dataclass(frozen=True)
class Network:
    """Settings of the network that every autoencoder method shares."""

    network: str = knob(
        "auto",
        choices=("dense", "convolutional", "dilated", "recurrent", "belief", "auto"),
        help="How the network looks at a sample: dense, all at once; convolutional, patch by patch (pictures); dilated, from "
        "ever farther apart, and recurrent, step by step (series); belief, all at once by a deep belief network, which is "
        "trained layer by layer before it learns to reconstruct; auto, convolutional for pictures from 16 x 16, else dense.",
        quick="dense",
    )
    # Quick: a quarter of the weights in a third of the time; IDEC on 1,797 digits keeps its ACC (0.832, at full size 0.831).
    layers: str = knob("500-500-2000", help="Sizes of the hidden layers of the dense network.", quick="250-250-1000")
    latent: int = knob(10, 1, 1000, "How many numbers describe a sample in the code.", label="Code size")
    pretrain_epochs: int = knob(
        50, 0, 2000, "Passes over the data that teach the network to reconstruct it.", quick=15, thorough=200
    )
    batch: int = knob(
        256,
        2,
        65536,
        "Samples looked at before each correction, at most; small data use fewer, so that a pass corrects often enough.",
        label="Batch size",
        unit="samples",
        log=True,
    )
    lr: float = knob(
        1e-3, 1e-6, 1.0, "Size of each correction while learning to reconstruct.", label="Learning rate", log=True
    )
    tolerance: float = knob(
        0.001,
        0.0,
        0.5,
        "Stop when less than this share of the members still changes group, or the reconstruction gets better by less than "
        "this in each pass; 0 never stops early.",
    )
    warmup: int = knob(
        70,
        0,
        100_000,
        "Corrections after pretraining in which their size rises to its full one: from the start it would undo what was "
        "learned.",
        label="Warm-up",
        unit="corrections",
    )
    layerwise: bool = knob(
        False,
        help="Before all layers of the dense network learn together, each learns alone to repair what it sees.",
        label="Layer by layer",
    )
    noise: float = knob(
        0.0,
        0.0,
        0.9,
        "Share of the numbers of every sample that is blanked while learning to reconstruct, and must be repaired.",
        label="Blanked",
    )
    augment: str = alter("auto")


@dataclass(frozen=True)
class AugmentedBatch:
    """A batch as the network sees it while it learns."""

    x: Tensor
    """[m, *sample shape]: the batch itself, altered, or both one after the other."""
    target: Tensor
    """[m, *sample shape]: what each is to be reconstructed as."""
    index: Tensor
    """[m] rows of the data: an altered picture belongs to the group of the picture."""


class AutoencoderMethod(Method):
    """A method whose network learns to reconstruct samples from a code, and then more."""

    mean: Tensor
    spread: Tensor

    def __init__(self, data: Data, k: int | None, knobs: Any) -> None:
        super().__init__(data, k, knobs)
        mean, spread = data.mean_and_spread()
        self.register_buffer("mean", mean)
        self.register_buffer("spread", spread.clamp_min(1e-6))
        self.batch = min(knobs.batch, max(SMALLEST_BATCH, len(data) // CORRECTIONS))
        self.steps_per_pass = max(1, ceil(len(data) / self.batch))
        self.passes = ceil(STRETCH / self.steps_per_pass)
        self.net = autoencoder(self.shape, knobs.latent, knobs.layers, knobs.network)
        self.augment = self.altered(knobs.augment)

    def altered(self, augment: str) -> str:
        """The augmentation for samples of this shape; only pictures have any."""
        if self.kind != "image" or len(self.shape) != 3:
            return "never"
        if augment != "auto":
            return augment
        if min(self.shape[1:]) < LARGE:
            return "beside"
        return "undone" if self.knobs.pretrain_epochs <= FEW else "always"

    @property
    def autoencoder(self) -> Any:
        """The part of the network that learns to reconstruct."""
        return self.net

    def pretraining(self) -> Iterator[Stage]:
        """Reconstruction of the samples, layers first where asked for; shared by all methods with the same network.

        InputError where layers shall learn one by one in a network that is not dense.
        """
        if self.knobs.network == "belief":
            for level in range(len(layerwise.pairs(self.autoencoder))):
                yield self.boltzmann_stage(level)
            layerwise.unroll(self.autoencoder)
        elif self.knobs.layerwise:
            if not isinstance(self.autoencoder, Autoencoder):
                raise InputError(
                    "Only the dense network learns layer by layer: choose it, or let all layers learn together."
                )
            for level, pair in enumerate(layerwise.pairs(self.autoencoder)):
                step = Step(partial(self.layer_loss, level), pair, self.knobs.lr)
                yield self.pretraining_stage(
                    f"pretrain-layer-{level + 1}",
                    f"Learning layer {level + 1}",
                    step,
                    max(1, self.knobs.pretrain_epochs // LAYER_SHARE),
                )
        step = Step(self.reconstruct_loss, [self.autoencoder], self.knobs.lr)
        yield self.pretraining_stage("pretrain", "Learning to reconstruct", step, self.knobs.pretrain_epochs)

    def joint_step(
        self, loss: Callable[[Batch], Terms], train: Sequence[torch.nn.Module | torch.nn.Parameter], lr: float
    ) -> Step:
        """A step that goes on with the pretrained network."""
        return Step(loss, train, lr, warmup_steps=self.knobs.warmup)

    def stretches(self, epochs: int) -> Iterator[tuple[int, int]]:
        """The passes over the data after pretraining, `epochs` in all, in stretches: after each the method looks at its
        groups, to set its targets anew and to end when few members change group. A stretch is a pass, or on small data as
        many as make `STRETCH` corrections. Yields the passes that are done after each, and how many of them are its own.
        """
        for done in range(0, epochs, self.passes):
            passes = min(self.passes, epochs - done)
            yield done + passes, passes

    def pretraining_stage(self, id: str, title: str, step: Step, epochs: int) -> Stage:
        """A stage of the pretraining, which runs with the same network, data and seed share."""
        knobs = self.knobs
        settings = (knobs.network, knobs.layers, knobs.latent, knobs.lr, knobs.layerwise, knobs.noise, self.augment)
        return Stage(
            id,
            title,
            [step],
            epochs,
            self.batch,
            pretrained=(id, *settings),
            groups=False,
            tolerance=knobs.tolerance,
            cuda_graphs=True,
        )

    def boltzmann_stage(self, level: int) -> Stage:
        """One Boltzmann machine: a layer learns to model the output of the layer below it."""
        inwards, outwards = layerwise.pairs(self.autoencoder)[level]
        trained: list[Any] = [inwards.weight, inwards.bias, outwards.bias]
        rate = REAL_RATE if level == 0 or self.code_above(level) else BINARY_RATE
        step = Step(partial(self.boltzmann_loss, level), trained, rate, optimizer="sgd", weight_decay=DECAY)
        id, title = f"boltzmann-layer-{level + 1}", f"Training layer {level + 1}"
        return replace(self.pretraining_stage(id, title, step, self.knobs.pretrain_epochs), tolerance=0.0)

    def code_above(self, level: int) -> bool:
        """Whether the output of the layer is the code."""
        return level + 1 == len(layerwise.pairs(self.autoencoder))

    def boltzmann_loss(self, level: int, batch: Batch) -> Terms:
        """The loss of one Boltzmann machine."""
        inwards, outwards = layerwise.pairs(self.autoencoder)[level]
        machine = BoltzmannMachine(
            inwards.weight, inwards.bias, outwards.bias, real=level == 0, code=self.code_above(level)
        )
        values = layerwise.layer_input(self.autoencoder, self.standard(self.augmented(batch).x), level)
        with torch.autocast(values.device.type, enabled=False):
            return {"divergence": contrastive_divergence(machine, values.float())[0]}

    def layer_loss(self, level: int, batch: Batch) -> Terms:
        """How far one layer and its counterpart are from reconstructing its input, of which a part is dropped."""
        values = layerwise.layer_input(self.autoencoder, self.standard(self.augmented(batch).x), level)
        return {
            "reconstruction": reconstruction(
                values.float(), layerwise.layer_reconstruction(self.autoencoder, values, level)
            )
        }

    def reconstruct_loss(self, batch: Batch) -> Terms:
        """Reconstruction error of the samples."""
        views = self.augmented(batch)
        if not self.knobs.noise:
            return {"reconstruction": self.reconstruction_loss(views.target, self.code(views.x))}
        # Masked numbers are at the mean: that is zero for the network.
        masked = torch.where(torch.rand_like(views.x) < self.knobs.noise, self.mean, views.x)
        return {"reconstruction": self.reconstruction_loss(views.target, self.code(masked))}

    def augmented(self, batch: Batch) -> AugmentedBatch:
        """What the network sees: pictures altered (DEC-DA: Guo, Zhu, Liu & Yin, ACML 2018), or the picture and an altered one,
        half the loss each (same-cluster augmentation: Leiber, Miklautz, Plant & Böhm, CIKM 2023), at random every time.

        To undo what was altered is of our own: a network that has to learns in few passes what pictures have in common.
        """
        if self.augment == "never":
            return AugmentedBatch(batch.x, batch.x, batch.index)
        if self.augment == "undone":
            return AugmentedBatch(batch.view(), batch.x, batch.index)
        altered = batch.moved()
        if self.augment == "always":
            return AugmentedBatch(altered, altered, batch.index)
        both = torch.cat([batch.x, altered])
        return AugmentedBatch(both, both, batch.index.repeat(2))

    def reconstruction_loss(self, x: Tensor, z: Tensor) -> Tensor:
        """Reconstruction error of the standardized samples [n, *sample shape] from their codes [n, latent], a scalar."""
        return reconstruction(self.standard(x), self.net.decode(z))

    def standard(self, x: Tensor) -> Tensor:
        """Samples [n, *sample shape] at mean 0 and variance 1 over all entries: Student's t assumes codes of about unit scale."""
        return (x - self.mean) / self.spread

    def code(self, x: Tensor) -> Tensor:
        """Codes [n, latent] of samples [n, *sample shape], from which they are reconstructed."""
        return self.net.encode(self.standard(x))

    def encode(self, x: Tensor) -> Tensor:
        """The embedding [n, latent] of samples [n, *sample shape]: their codes, unless a method overrides it."""
        return self.code(x)

    def decode(self, z: Tensor) -> Tensor:
        """Samples [n, *sample shape] in prepared input units from codes [n, latent]."""
        return self.net.decode(z) * self.spread + self.mean

    def decoded(self, z: Tensor) -> Tensor | None:
        """Samples [m, *sample shape] decoded from places [m, d] in the embedding."""
        return self.decode(z)

    def reconstruct(self, x: Tensor) -> Tensor | None:
        """Reconstructions of samples, both [m, *sample shape]; None where the encoder goes on learning without its decoder."""
        return None if self.prototypes() is None else self.decode(self.code(x))
