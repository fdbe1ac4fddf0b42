"""Series as their encoders take them: without blanks, their lengths beside them, in units in which channels can be compared."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from engine.core.errors import InputError
from engine.features.base import Floats

Doubles = npt.NDArray[np.float64]
Lengths = npt.NDArray[np.int64]
USUAL, FAR = 0.9, 30


def checked(values: Any, channels: int | None = None) -> np.ndarray:
    """`values` as an array [n, channels, time].

    Raises
    ------
    InputError
        Where they are no series, or have another number of channels than `channels`.
    """
    series = np.asarray(values)
    if series.ndim != 3 or series.shape[2] < 2:
        raise InputError("These features compare series of at least two moments: choose others.")
    if channels is not None and series.shape[1] != channels:
        raise InputError(
            f"There are {series.shape[1]} channels where {channels} are expected: bring the same channels."
        )
    return series


def bridged(values: np.ndarray, block: int = 1) -> tuple[Doubles, Lengths]:
    """Series without blanks, and how many moments each has.

    A series ends with its last moment that has a value in any channel. Blanks before that are bridged linearly, or take the
    nearest value of their channel; a channel without any value is 0.

    Parameters
    ----------
    values : ndarray of shape (n, channels, time)
        NaN where there is no value.
    block : int
        So many moments become one, their mean.

    Returns
    -------
    x : ndarray of shape (n, channels, moments), float64
        0 behind the end of a series.
    lengths : ndarray of shape (n,), int64
        At least 1.

    Examples
    --------
    >>> import numpy as np
    >>> x, lengths = bridged(np.array([[[1, np.nan, 3]], [[np.nan, 2, np.nan]]]))
    >>> x[:, 0].tolist(), lengths.tolist()
    ([[1.0, 2.0, 3.0], [2.0, 2.0, 0.0]], [3, 2])
    """
    known = np.isfinite(values)
    x = np.array(values, np.float64)
    if block > 1:
        x, known = _shortened(x, known, block)
    moments = x.shape[2]
    present = known.any(axis=1)
    lengths = np.where(present.any(axis=1), moments - present[:, ::-1].argmax(axis=1), 1)
    for i in np.flatnonzero(~known.all(axis=(1, 2))):
        at = np.arange(lengths[i])
        for j, own in enumerate(known[i]):
            where = np.flatnonzero(own)
            x[i, j, : lengths[i]] = np.interp(at, where, x[i, j, where]) if len(where) else 0.0
            x[i, j, lengths[i] :] = 0.0
    return x, lengths


def _shortened(x: np.ndarray, known: np.ndarray, block: int) -> tuple[np.ndarray, np.ndarray]:
    """Means of what is known among each `block` moments, and where there is anything."""
    n, channels, time = x.shape
    more = -time % block
    parts = np.pad(np.where(known, x, 0), ((0, 0), (0, 0), (0, more))).reshape(n, channels, -1, block)
    counts = np.pad(known, ((0, 0), (0, 0), (0, more))).reshape(n, channels, -1, block).sum(axis=3)
    return parts.sum(axis=3) / np.maximum(counts, 1), counts > 0


def inside(lengths: Lengths, moments: int) -> npt.NDArray[np.bool_]:
    """Which of `moments` belong to each series: bool [n, 1, moments]."""
    return (np.arange(moments) < lengths[:, None])[:, None]


def standardized(x: Doubles, lengths: Lengths) -> Floats:
    """Each channel of each series minus its mean, by its deviation; 0 behind its end, and where it does not change.

    Parameters
    ----------
    x : ndarray of shape (n, channels, moments)
    lengths : ndarray of shape (n,)

    Returns
    -------
    ndarray of shape (n, channels, moments), float32

    Examples
    --------
    >>> import numpy as np
    >>> standardized(np.array([[[4.0, 6.0, 0.0]]]), np.array([2]))[:, :, :2].tolist()
    [[[-1.0, 1.0]]]
    """
    within = inside(lengths, x.shape[2])
    counts = lengths[:, None, None]
    mean = (x * within).sum(axis=2, keepdims=True) / counts
    centered = (x - mean) * within
    spread = np.sqrt(np.square(centered).sum(axis=2, keepdims=True) / counts)
    flat = spread <= 1e-9 * np.abs(mean)
    scaled: Floats = (centered / np.where(flat | (spread == 0), np.inf, spread)).astype(np.float32)
    return scaled


@dataclass(frozen=True, eq=False)
class Scale:
    """(x - center) / spread of each channel, over all moments of all series.

    Parameters
    ----------
    center, spread : ndarray of shape (channels,), float64
        The spread of a channel that never changes is infinite.
    """

    center: Doubles
    spread: Doubles

    @classmethod
    def fit(cls, x: Doubles, lengths: Lengths) -> Scale:
        """Mean and deviation of the channels of `bridged` series [n, channels, moments].

        Series that are `FAR` times as far from the median level as `USUAL` of those that change do not take part: one in
        another unit would make all others look flat.
        """
        within = inside(lengths, x.shape[2])
        means = (x * within).sum(axis=2) / lengths[:, None]
        usual = np.median(means, axis=0)
        squares = (np.square(x - usual[:, None]) * within).sum(axis=2) / lengths[:, None]
        taking_part = squares <= FAR**2 * np.array([_usual(own[own > 0]) for own in squares.T])
        center = _average(means, lengths[:, None] * taking_part)
        spread = np.sqrt(np.maximum(_average(squares, lengths[:, None] * taking_part) - np.square(center - usual), 0))
        return cls(center, np.where(spread > 1e-9 * np.abs(center), spread, np.inf))

    def apply(self, x: Doubles, lengths: Lengths) -> Floats:
        """float32 [n, channels, moments], 0 behind the end of a series."""
        scaled: Floats = ((x - self.center[:, None]) / self.spread[:, None] * inside(lengths, x.shape[2])).astype(
            np.float32
        )
        return scaled

    def arrays(self) -> dict[str, np.ndarray]:
        """As arrays by name, for `read`."""
        return {"channel_center": self.center, "channel_spread": self.spread}

    @classmethod
    def read(cls, arrays: Mapping[str, np.ndarray]) -> Scale:
        """Back from `arrays`."""
        return cls(arrays["channel_center"], arrays["channel_spread"])


def _usual(squares: Doubles) -> float:
    """What `USUAL` of them are at most, infinite of none."""
    return float(np.quantile(squares, USUAL, method="lower")) if len(squares) else np.inf


def _average(x: Doubles, weights: Doubles) -> Doubles:
    """Of each column [m] of x [n, m], by weights [n, m]."""
    found: Doubles = (x * weights).sum(axis=0) / weights.sum(axis=0)
    return found
