"""DEC, Deep Embedded Clustering.

J. Xie, R. Girshick, A. Farhadi, ICML 2016, "Unsupervised Deep Embedding for Clustering Analysis", arXiv:1511.06335.

Sharpens soft assignments of the code (Student's t) towards a target made from these assignments themselves.

Deviations
----------
- The autoencoder is trained end to end with Adam instead of greedily layer by layer; later implementations reach the
  paper's accuracy this way.
- The clustering phase uses Adam at 1e-4 instead of SGD at 0.01.
- The rate rises in the first batches, or Adam would undo the pretraining.
- The target is refreshed once an epoch (of small data, every 72 batches) instead of every 20 to 160 batches, or
  (`target` "batch", as in ClustPy) made from each batch.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from engine.core.card import Card, Family, Shows, knob
from engine.core.data import Batch, Data
from engine.core.method import Stage, Terms, copy_into
from engine.losses import hardening, sharpen, student_t
from engine.methods import ae_kmeans
from engine.methods.ae_kmeans import AEKMeans


@dataclass(frozen=True)
class Knobs(ae_kmeans.Knobs):
    """Settings of DEC; those of the autoencoder come first."""

    epochs: int = knob(100, 1, 5000, "Passes over the data that sharpen the groups, at most.", quick=30, thorough=300)
    cluster_lr: float = knob(
        1e-4, 1e-6, 1.0, "Size of each correction while sharpening.", label="Sharpening rate", log=True
    )
    target: str = knob(
        "pass",
        choices=("pass", "batch"),
        help="Sharpen towards a goal set once a pass from all samples, or from each batch alone: sooner done, and noisier.",
        label="Goal set every",
    )
    alpha: float = knob(1.0, 0.1, 10.0, "Degrees of freedom of Student's t: larger makes far members count less.")


class DEC(AEKMeans):
    card = Card(
        id="dec",
        name="Deep Embedded Clustering",
        short="DEC",
        authors="J. Xie, R. Girshick, A. Farhadi",
        year=2016,
        paper="Unsupervised Deep Embedding for Clustering Analysis, ICML 2016, arXiv:1511.06335",
        idea="Guesses softly where each sample belongs, then teaches itself to be more confident where it already is.",
        family=Family.AUTOENCODER_JOINT,
        architecture="autoencoder",
        non_clustering="none (reconstruction while pretraining)",
        clustering="cluster assignment hardening",
        combination="pretraining, then fine-tuning",
        update="joint",
        streams=True,
        knobs=Knobs,
        shows=(Shows.SOFT_LABELS, Shows.TARGET_SHARPENING),
        caution="Without a decoder the code can collapse when trained too long; IDEC guards against that.",
    )
    target: Tensor

    def __init__(self, data: Data, k: int | None, knobs: Knobs) -> None:
        super().__init__(data, k, knobs)
        self.register_buffer("target", torch.zeros(0))

    def plan(self, data: Data) -> Iterator[Stage]:
        yield from self.pretraining()
        self.label_change(self.start(data))
        per_epoch, tolerance = self.knobs.target == "pass", self.knobs.tolerance
        q = self.soft_labels(data)
        for _, passes in self.stretches(self.knobs.epochs):
            if per_epoch:
                self.target = copy_into(self.target, sharpen(q))
            yield self.clustering_stage(passes)
            if not per_epoch and not tolerance:
                continue  # nothing needs the soft labels, which cost a pass over the data
            q = self.soft_labels(data)
            if self.label_change(q.argmax(1)) < tolerance:
                break
        # Only training needs the target, which is as long as the data: it is not saved with the method.
        self.target = torch.zeros(0, device=data.device)

    def clustering_stage(self, passes: int) -> Stage:
        """Some passes of the clustering phase."""
        step = self.joint_step(self.cluster, self.trained_in_clustering(), self.knobs.cluster_lr)
        return Stage(
            "cluster", "Sharpening groups", [step], passes, self.batch, total_epochs=self.knobs.epochs, cuda_graphs=True
        )

    def trained_in_clustering(self) -> list[torch.nn.Module | torch.nn.Parameter]:
        """What the clustering phase trains: not the decoder, whose loss DEC drops."""
        return [self.net.encoder, self.centers]

    def cluster(self, batch: Batch) -> Terms:
        q = student_t(self.encode(self.augmented(batch).x), self.centers, self.knobs.alpha)
        return {"hardening": hardening(self.target_of(batch, q), q)}

    def target_of(self, batch: Batch, q: Tensor) -> Tensor:
        """The target distribution of a batch of b samples, given its soft labels.

        Parameters
        ----------
        batch : Batch
            The b samples.
        q : Tensor
            float32 [v * b, k]: soft labels of the samples and, behind them, of their augmented views.

        Returns
        -------
        Tensor
            float32 [v * b, k]; an augmented view has the target of its sample.
        """
        target = self.target[batch.index] if self.knobs.target == "pass" else sharpen(q.detach()[: len(batch)])
        return target.repeat(len(q) // len(batch), 1)

    def soft_labels(self, data: Data) -> Tensor:
        return self.map_codes(data, lambda z: student_t(z, self.centers, self.knobs.alpha))

    def labels(self, data: Data) -> Tensor:
        return self.soft_labels(data).argmax(1)

    def prototypes(self) -> Tensor | None:
        """None: the decoder no longer belongs to the encoder that was fine-tuned without it."""
        return None
