"""Sharpened convolutional autoencoder, then k-means: the method of the taxonomy paper.

E. Aljalbout, V. Golkov, Y. Siddiqui, M. Strobel, D. Cremers, 2018, "Clustering with Deep Learning: Taxonomy and New
Methods", arXiv:1801.07648.

IDEC's objective with a convolutional network, a large code and a target set once a pass; k-means on the finished code
decides on the groups, and those of the sharpening are shown beside them.

Deviations
----------
- The network is that of the other methods: three convolutions that halve the picture (32, 64 and 128 filters) and a
  dense layer to the code, instead of two with 50 filters, each followed by pooling, and one of 120 filters as the
  code (a deeper one with a code of 320 for COIL-20), with batch normalization and unpooling.
- Adam instead of SGD with Nesterov's momentum, and no weight decay.
- Batches of up to 256 pictures instead of 100.
- Pictures are augmented while the network learns, as in the other methods; `augment` "never" is the paper's way.
- Sharpening ends early when few members change group.
- The authors' code can also pull codes to their nearest center instead of sharpening; DCN does that here.
- `gamma` is 1, the weight of IDEC, because groups hardly depend on it from there on, while a larger one makes
  reconstructions worse.
"""

from dataclasses import dataclass, replace

import torch
from torch import Tensor

from engine.clusters import kmeans
from engine.clusters.conflict import match_centers
from engine.core.autoencoder_method import alter
from engine.core.card import Shows, knob
from engine.core.data import Data
from engine.losses import student_t
from engine.methods import idec
from engine.methods.idec import IDEC

EARLIER = "Groups before the last k-means"


@dataclass(frozen=True)
class Knobs(idec.Knobs):
    """Settings of the taxonomy paper's method; those of IDEC come first."""

    # What the measurements in docs/methods/aljalbout.md are of.
    augment: str = alter("undone")
    network: str = knob(
        "convolutional",
        choices=("convolutional", "dense", "auto"),
        help="How the network looks at a picture: convolutional, patch by patch; dense, all at once; auto, convolutional from "
        "16 x 16, else dense.",
    )
    latent: int = knob(120, 1, 1000, "How many numbers describe a picture in the code.", label="Code size")
    gamma: float = knob(1.0, 0.0, 10_000.0, "Weight of sharpening against reconstruction, per pixel of unit variance.")
    restarts: int = knob(20, 1, 200, "How often the last k-means starts anew; the best start is kept.", quick=10)


class Aljalbout(IDEC):
    card = replace(
        IDEC.card,
        id="aljalbout",
        name="Sharpened convolutional autoencoder, then k-means",
        short="Aljalbout et al.",
        authors="E. Aljalbout, V. Golkov, Y. Siddiqui, M. Strobel, D. Cremers",
        year=2018,
        paper="Clustering with Deep Learning: Taxonomy and New Methods, arXiv:1801.07648",
        idea="Looks at pictures patch by patch, sharpens groups while it still reconstructs every picture, and groups once more.",
        architecture="convolutional autoencoder",
        update="joint, k-means at the end",
        knobs=Knobs,
        data=frozenset({"image"}),
        shows=(Shows.SOFT_LABELS, Shows.TARGET_SHARPENING, Shows.BEFORE_AND_AFTER, Shows.PROTOTYPES),
        caution="The description of a picture is long, and its first groups depend on chance: compare several seeds.",
    )
    sharpened: Tensor

    def __init__(self, data: Data, k: int | None, knobs: Knobs) -> None:
        super().__init__(data, k, knobs)
        self.register_buffer("sharpened", torch.zeros_like(self.centers))

    def finish(self, data: Data) -> None:
        self.sharpened = self.centers.detach().clone()
        found, _ = kmeans(self.map_batches(data, self.encode, exact=True), self.groups, self.knobs.restarts)
        self.centers.data = match_centers(found, self.sharpened)
        super().finish(data)

    def alternatives(self, data: Data) -> dict[str, Tensor]:
        earlier = self.map_codes(data, lambda z: student_t(z, self.sharpened, self.knobs.alpha).argmax(1))
        return {EARLIER: earlier, **super().alternatives(data)}
