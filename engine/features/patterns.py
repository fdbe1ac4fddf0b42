"""Shape patterns: series are alike where the same short patterns occur in them, as often and as strongly, at whatever moment.

2,000 random convolutional kernels look at each series. How often each answers, and how strongly where it does, are standardized,
so that rare patterns count as much as common ones, and the answers of each series are divided by their length, so that their
proportions count. Beside them stands the level of each channel, by as much as series differ in it: kernels hardly see it. All
are reduced to their leading principal axes. Series keep their scale: only each channel as a whole is standardized.

Deviations: the largest answer, which ROCKET takes beside the share of positive ones, is left out, and the mean of the positive
ones taken; what each part is worth is in `docs/features/series.md`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from engine.core.errors import InputError
from engine.features.base import Encoder, EncoderCard, Floats, Tell, silent
from engine.features.reduction import Reduction
from engine.features.series import Lengths, Scale, bridged, checked, inside

KERNELS = 2_000
AXES = 40
LONGEST = 1_024
"""Moments of a series that are looked at; longer ones are shortened."""
SAMPLE = 2_000
"""Series that the axes are found from at most: their number counts to the third power."""
PIECE = 2_000
"""Series that are encoded at once."""
HIGHEST = 3.0
"""Deviations from the mean of all that the level of a series counts for at most."""
SHORT = 0.1
"""Share of the series that may be shorter than the widest kernels."""


class Patterns(Encoder):
    """The encoder `patterns`.

    Parameters
    ----------
    scale : Scale
        Mean and deviation of each channel.
    block : int
        Moments that are joined to one, where series are long.
    moments : int
        Moments that the widest kernels span.
    center, weights : ndarray of shape (2 * KERNELS,), float32
        Mean of each answer, and one by its deviation; 0 for one that never changes.
    reduction : Reduction
    """

    card = EncoderCard(
        id="patterns",
        name="Shape patterns anywhere",
        idea="Puts series next to each other in which the same short shapes occur equally often, at whatever moment.",
        kinds=frozenset({"series"}),
        source="A. Dempster, F. Petitjean, G. I. Webb, ROCKET, Data Mining and Knowledge Discovery 34, 2020",
        seconds=3.4,
    )

    def __init__(
        self, scale: Scale, block: int, moments: int, center: Floats, weights: Floats, reduction: Reduction
    ) -> None:
        self.scale, self.block, self.moments = scale, block, moments
        self.center, self.weights, self.reduction = center, weights, reduction

    @classmethod
    def fit(cls, values: Any, tell: Tell = silent) -> tuple[Patterns, Floats]:
        """See `Encoder.fit`."""
        series = checked(values)
        block = -(-series.shape[2] // LONGEST)
        x, lengths = bridged(series, block)
        scale = Scale.fit(x, lengths)
        moments = int(np.quantile(lengths, SHORT, method="lower"))
        scaled, some = scale.apply(x, lengths), _sample(len(x))
        answers = _answers(scaled[some], lengths[some], moments)
        center, spread = answers.mean(axis=0), answers.std(axis=0)
        usable = spread > 1e-5 * np.abs(answers).max(axis=0)
        if not usable.any():
            raise InputError("All series are the same: there is nothing by which they could be grouped.")
        weights = np.divide(1, spread, out=np.zeros_like(spread), where=usable)
        found = _compared(answers, _levels(scaled[some], lengths[some]), center, weights)
        fitted = cls(scale, block, moments, center, weights, Reduction.fit(found, AXES))
        if len(some) == len(x):
            tell(1.0)
            return fitted, fitted.reduction.apply(found)
        return fitted, fitted._features(scaled, lengths, tell)

    def transform(self, values: Any, tell: Tell = silent) -> Floats:
        """See `Encoder.transform`."""
        x, lengths = bridged(checked(values, len(self.scale.center)), self.block)
        return self._features(self.scale.apply(x, lengths), lengths, tell)

    def _features(self, x: Floats, lengths: Lengths, tell: Tell) -> Floats:
        parts = []
        for start in range(0, len(x), PIECE):
            part = slice(start, start + PIECE)
            answers = _answers(x[part], lengths[part], self.moments)
            levels = _levels(x[part], lengths[part])
            parts.append(self.reduction.apply(_compared(answers, levels, self.center, self.weights)))
            tell(min(1.0, (start + PIECE) / len(x)))
        return np.concatenate(parts)

    @property
    def names(self) -> tuple[str, ...]:
        """Axes have no meaning of their own: "pattern 1" is the one along which series differ most."""
        return tuple(f"pattern {i + 1}" for i in range(len(self.reduction.axes)))

    def arrays(self) -> dict[str, np.ndarray]:
        """See `Encoder.arrays`."""
        own = {"answers_center": self.center, "answers_weights": self.weights}
        return own | self.scale.arrays() | self.reduction.arrays()

    def settings(self) -> dict[str, Any]:
        """See `Encoder.settings`."""
        return {"block": self.block, "moments": self.moments}

    @classmethod
    def read(cls, arrays: Mapping[str, np.ndarray], settings: Mapping[str, Any]) -> Patterns:
        """See `Encoder.read`."""
        center, weights = arrays["answers_center"], arrays["answers_weights"]
        block, moments = int(settings["block"]), int(settings["moments"])
        return cls(Scale.read(arrays), block, moments, center, weights, Reduction.read(arrays))


def _sample(n: int) -> npt.NDArray[np.int64]:
    """Which of n series the axes are found from."""
    if n <= SAMPLE:
        return np.arange(n)
    return np.sort(np.random.default_rng(0).choice(n, SAMPLE, replace=False))


def _answers(x: Floats, lengths: Lengths, moments: int) -> Floats:
    """What all kernels say [n, 2 kernels] of scaled series [n, channels, moments]."""
    import torch

    from engine.nets.random_convolutions import RandomConvolutions

    device = "cuda" if torch.cuda.is_available() else "cpu"
    net = RandomConvolutions(KERNELS, x.shape[1], moments)
    answers: Floats = net(torch.from_numpy(x).to(device), torch.from_numpy(lengths).to(device)).cpu().numpy()
    return answers


def _compared(answers: Floats, levels: Floats, center: Floats, weights: Floats) -> Floats:
    """Standardized answers of each series by their length, beside its levels: [n, 2 kernels + channels]."""
    standardized = (answers - center) * weights
    directions = standardized / np.maximum(np.linalg.norm(standardized, axis=1, keepdims=True), 1e-6)
    return np.concatenate([directions, levels], axis=1)


def _levels(x: Floats, lengths: Lengths) -> Floats:
    """Mean of each channel [n, channels], so that their variance adds up to the share of the variance that is between levels."""
    means = (x * inside(lengths, x.shape[2])).sum(axis=2) / lengths[:, None]
    levels: Floats = (np.clip(means, -HIGHEST, HIGHEST) / np.sqrt(x.shape[1])).astype(np.float32)
    return levels
