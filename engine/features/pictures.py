"""What encoders of pictures share: their checks, and how those that are a frozen network go over many pictures."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from engine.core.errors import InputError
from engine.features.base import Encoder, Floats, Tell, silent
from engine.features.reduction import Reduction

if TYPE_CHECKING:
    from torch import Tensor

AXES = 64
BATCH = {"cpu": 16, "cuda": 256}
"""Pictures at a time. On a processor more of them no longer fit into its caches."""


def check_bands(values: np.ndarray, bands: int) -> None:
    """InputError where pictures [n, h, w, c] have another number of channels than those an encoder was fitted to."""
    if values.shape[3] != bands:
        found = f"{values.shape[3]} color channel{'s' * (values.shape[3] != 1)}"
        raise InputError(f"The pictures have {found} where {bands} are expected: bring pictures of the same kind.")


def check_alike(spread: float, least: float) -> None:
    """InputError where what is seen in pictures differs by no more than rounding does."""
    if spread < least:
        raise InputError("Nothing tells these pictures apart, they all look the same: bring pictures that differ.")


class NetworkEncoder(Encoder):
    """A frozen network: what its last layer sees, unit length, `AXES` principal axes.

    Angles between features say more of what is seen than their lengths do, so these are made one.
    """

    def __init__(self, bands: int, reduction: Reduction) -> None:
        self.bands, self.reduction = bands, reduction

    @classmethod
    @abstractmethod
    def seen(cls, values: np.ndarray, tell: Tell) -> Floats:
        """What the network sees in pictures uint8 [n, h, w, bands], unit length: float32 [n, m]."""

    @classmethod
    def fit(cls, values: np.ndarray, tell: Tell = silent) -> tuple[NetworkEncoder, Floats]:
        """The axes of pictures uint8 [n, height, width, bands], and their features [n, d], d at most `AXES`.

        Raises
        ------
        InputError
            Where there are no weights to see with, and where all pictures are the same.
        """
        seen = cls.seen(values, tell)
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
        return self.reduction.apply(self.seen(values, tell))

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
    def read(cls, arrays: Mapping[str, np.ndarray], settings: Mapping[str, Any]) -> NetworkEncoder:
        """Back from `arrays` and `settings`."""
        return cls(int(settings["bands"]), Reduction.read(arrays))


def unit_features(values: np.ndarray, see: Callable[[Tensor], Tensor], device: str, tell: Tell) -> Floats:
    """What is seen in pictures uint8 [n, h, w, bands], unit length, float32 [n, m].

    Parameters
    ----------
    values
        The pictures; they may lie in a file.
    see
        From pictures float32 [b, bands, h, w], of 0 to 255 and with one band or three, on the device to features [b, m].
    device : {"cpu", "cuda"}
    tell
        Called with the share that is done.
    """
    import torch

    batch, n, found = BATCH[device], len(values), []
    fast = torch.cuda.is_bf16_supported() if device == "cuda" else _has_bf16()
    with torch.inference_mode(), torch.autocast(device, torch.bfloat16, enabled=fast):
        for start in range(0, n, batch):
            rows = np.array(values[start : start + batch])
            # Always as many, so that a picture has the same features to the last bit whichever others it comes with.
            padded = np.concatenate([rows, np.repeat(rows[-1:], batch - len(rows), axis=0)])
            x = torch.from_numpy(padded).to(device).permute(0, 3, 1, 2).float()
            seen = see(x if x.shape[1] in (1, 3) else x.mean(1, keepdim=True))
            found.append(torch.nn.functional.normalize(seen.float(), dim=1)[: len(rows)].cpu().numpy())
            tell((start + len(rows)) / n)
    return np.concatenate(found)


def chosen_device() -> str:
    """The graphics card where there is one."""
    import torch

    return "cuda" if torch.cuda.is_available() else "cpu"


def _has_bf16() -> bool:
    """Whether the processor multiplies bf16 in hardware; elsewhere float32 is faster."""
    import torch

    return bool(torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported())
