"""IDEC, Improved Deep Embedded Clustering.

X. Guo, L. Gao, X. Liu, J. Yin, IJCAI 2017, "Improved Deep Embedded Clustering with Local Structure Preservation".

DEC that keeps its decoder and the reconstruction loss while it sharpens.

Deviations
----------
- Those of DEC.
- `gamma` is 1 per column of unit variance, which matches the authors' 0.1 for a mean over pixels in [0, 1].
"""

from dataclasses import dataclass, replace
from math import prod

import torch
from torch import Tensor

from engine.core.card import Shows, knob
from engine.core.data import Batch
from engine.core.method import Terms
from engine.losses import hardening, student_t
from engine.methods import dec
from engine.methods.ae_kmeans import AEKMeans
from engine.methods.dec import DEC


@dataclass(frozen=True)
class Knobs(dec.Knobs):
    """Settings of IDEC; those of DEC come first."""

    cluster_lr: float = knob(
        1e-3, 1e-6, 1.0, "Size of each correction while sharpening.", label="Sharpening rate", log=True
    )
    gamma: float = knob(1.0, 0.0, 100.0, "Weight of sharpening against reconstruction, per column of unit variance.")


class IDEC(DEC):
    card = replace(
        DEC.card,
        id="idec",
        name="Improved Deep Embedded Clustering",
        short="IDEC",
        authors="X. Guo, L. Gao, X. Liu, J. Yin",
        year=2017,
        paper="Improved Deep Embedded Clustering with Local Structure Preservation, IJCAI 2017",
        idea="Sharpens groups like DEC, but must still be able to reconstruct every sample, so that nothing is torn apart.",
        non_clustering="reconstruction",
        combination="pretraining, then joint",
        knobs=Knobs,
        shows=(Shows.SOFT_LABELS, Shows.TARGET_SHARPENING, Shows.PROTOTYPES),
        caution="",
    )

    def trained_in_clustering(self) -> list[torch.nn.Module | torch.nn.Parameter]:
        return [self.net, self.centers]

    def cluster(self, batch: Batch) -> Terms:
        views = self.augmented(batch)
        z = self.encode(views.x)
        q = student_t(z, self.centers, self.knobs.alpha)
        weight = self.knobs.gamma * prod(self.shape)
        return {
            "reconstruction": self.reconstruction_loss(views.target, z),
            "hardening": weight * hardening(self.target_of(batch, q), q),
        }

    def prototypes(self) -> Tensor | None:
        return AEKMeans.prototypes(self)
