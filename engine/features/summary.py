"""Summary measures: series are alike where numbers that describe them are, their level and trend, rhythm and roughness.

Each measure (`engine.features.measures`) is replaced by its rank among the series, so that no heavy tail outweighs the others.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from engine.core.errors import InputError
from engine.features.base import Encoder, EncoderCard, Floats, Tell, silent
from engine.features.measures import MEASURES, measured
from engine.features.reduction import Reduction
from engine.features.series import Doubles, bridged, checked

MOST = 256
"""Features at most; more, of many channels, are reduced to so many principal axes."""
DIGITS = 10
"""Of a measure, that count for its rank."""
QUANTILES = 257
"""Values of each measure that ranks are found from at most."""


class Summary(Encoder):
    """The encoder `summary`.

    Parameters
    ----------
    channels : int
    columns : ndarray of shape (m,), int64
        Which measures, of all channels one after another, differ between the series.
    known : ndarray of shape (m, quantiles), float64
        Ascending values of each among the series it was fitted to.
    reduction : Reduction
        From ranks to features: all of them, by one number; of more than `MOST` the principal axes.
    """

    card = EncoderCard(
        id="summary",
        name="Summary measures",
        idea="Puts series next to each other that are described by the same numbers: level, trend, rhythm and roughness.",
        kinds=frozenset({"series"}),
        source="After C. H. Lubba et al., catch22, Data Mining and Knowledge Discovery 33, 2019",
        seconds=0.6,
    )

    def __init__(self, channels: int, columns: np.ndarray, known: Doubles, reduction: Reduction) -> None:
        self.channels, self.columns, self.known, self.reduction = channels, columns, known, reduction

    @classmethod
    def fit(cls, values: Any, tell: Tell = silent) -> tuple[Summary, Floats]:
        """See `Encoder.fit`."""
        series = checked(values)
        found = _measures(series, tell)
        spread, size = found.std(axis=0), np.abs(found).max(axis=0)
        columns = np.flatnonzero(spread > 1e-9 * size)
        if not len(columns):
            raise InputError("All series are the same: there is nothing by which they could be grouped.")
        shares = np.linspace(0, 1, min(QUANTILES, len(found)))
        known = np.quantile(found[:, columns], shares, axis=0, method="nearest").T
        ranked = _ranks(found[:, columns], known)
        fitted = cls(series.shape[1], columns, known, _scaled(ranked))
        return fitted, fitted.reduction.apply(ranked)

    def transform(self, values: Any, tell: Tell = silent) -> Floats:
        """See `Encoder.transform`."""
        found = _measures(checked(values, self.channels), tell)
        return self.reduction.apply(_ranks(found[:, self.columns], self.known))

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the measures, of several channels with the channel's number; of principal axes, "summary 1"."""
        if len(self.columns) > MOST:
            return tuple(f"summary {i + 1}" for i in range(len(self.reduction.axes)))
        measures = tuple(MEASURES)
        names = [(measures[column % len(measures)], column // len(measures) + 1) for column in self.columns]
        return tuple(name if self.channels == 1 else f"{name}, channel {channel}" for name, channel in names)

    def arrays(self) -> dict[str, np.ndarray]:
        """See `Encoder.arrays`."""
        return {"columns": self.columns, "known": self.known} | self.reduction.arrays()

    def settings(self) -> dict[str, Any]:
        """See `Encoder.settings`."""
        return {"channels": self.channels}

    @classmethod
    def read(cls, arrays: Mapping[str, np.ndarray], settings: Mapping[str, Any]) -> Summary:
        """See `Encoder.read`."""
        return cls(int(settings["channels"]), arrays["columns"], arrays["known"], Reduction.read(arrays))


def _measures(series: np.ndarray, tell: Tell) -> Doubles:
    """Of all channels one after another, [n, channels * measures]."""
    x, lengths = bridged(series)
    parts = []
    for channel in range(x.shape[1]):
        parts.append(measured(x[:, channel], lengths))
        tell((channel + 1) / x.shape[1])
    mantissa, exponent = np.frexp(np.concatenate(parts, axis=1))
    # The last digits depend on how many series are measured at once, and ranks on the last digits.
    return np.ldexp(np.round(mantissa, DIGITS), exponent)


def _ranks(found: Doubles, known: Doubles) -> Floats:
    """Rank of each value among the known ones of its measure, 0 to 1; of equal ones, the middle: [n, m]."""
    sides = [
        [np.searchsorted(own, new, side) for own, new in zip(known, found.T, strict=True)] for side in ("left", "right")
    ]
    ranks: Floats = (np.mean(sides, axis=0).T / known.shape[1]).astype(np.float32)
    return ranks


def _scaled(ranked: Floats) -> Reduction:
    """All columns minus their mean, by one number that makes their mean variance 1; the leading axes of more than `MOST`."""
    if ranked.shape[1] > MOST:
        return Reduction.fit(ranked, MOST)
    spread = float(np.sqrt(ranked.var(axis=0, dtype=np.float64).mean()))
    return Reduction(ranked.mean(axis=0), np.eye(ranked.shape[1], dtype=np.float32), spread)
