"""From many correlated features to fewer that methods can learn from: PCA, with one scale for all axes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from engine.features.base import Floats

SAMPLE = 20_000
"""Rows that the axes are found from at most."""


@dataclass(frozen=True, eq=False)
class Reduction:
    """(x - center) @ axes.T / scale: the leading principal axes, divided by one number so that their mean variance is 1.

    Parameters
    ----------
    center : ndarray of shape (m,), float32
    axes : ndarray of shape (d, m), float32
    scale : float

    Examples
    --------
    >>> import numpy as np
    >>> x = np.array([[0, 0], [0, 2], [9, 0], [9, 2]], np.float32)
    >>> reduction = Reduction.fit(x, 2)
    >>> y = reduction.apply(x)
    >>> y.shape, round(float(y.var(axis=0).mean()), 3)
    ((4, 2), 1.0)
    """

    center: np.ndarray
    axes: np.ndarray
    scale: float

    @classmethod
    def fit(cls, x: np.ndarray, most: int, seed: int = 0) -> Reduction:
        """The axes of `x` [n, m], at most `most`, and no axis without variance."""
        rows = x
        if len(x) > SAMPLE:
            rows = x[np.sort(np.random.default_rng(seed).choice(len(x), SAMPLE, replace=False))]
        center = rows.mean(axis=0, dtype=np.float64)
        centered = rows.astype(np.float64) - center
        values, axes = _principal(centered, most)
        spread = values > max(values[0], 1e-30) * 1e-10 if len(values) else np.zeros(0, bool)
        axes, values = axes[spread], values[spread]
        largest = np.abs(axes).argmax(axis=1)
        axes = axes * np.sign(axes[np.arange(len(axes)), largest])[:, None]
        scale = float(np.sqrt(values.mean())) if len(values) else 1.0
        return cls(center.astype(np.float32), axes.astype(np.float32), scale)

    def apply(self, x: np.ndarray) -> Floats:
        """float32 [n, d]."""
        return np.ascontiguousarray((np.asarray(x, np.float32) - self.center) @ self.axes.T / np.float32(self.scale))

    def arrays(self) -> dict[str, np.ndarray]:
        """As arrays by name, for `read`."""
        return {"center": self.center, "axes": self.axes, "scale": np.array([self.scale], np.float64)}

    @classmethod
    def read(cls, arrays: Mapping[str, np.ndarray]) -> Reduction:
        """Back from `arrays`."""
        return cls(arrays["center"], arrays["axes"], float(arrays["scale"][0]))


def _principal(centered: np.ndarray, most: int) -> tuple[np.ndarray, np.ndarray]:
    """Variances [d] along the leading principal axes [d, m] of centered rows [n, m], the largest first."""
    n, m = centered.shape
    if m <= n:
        values, vectors = np.linalg.eigh(centered.T @ centered / n)
        values, axes = values[::-1], vectors.T[::-1]
    else:
        values, vectors = np.linalg.eigh(centered @ centered.T / n)
        values, vectors = np.maximum(values[::-1], 0), vectors[:, ::-1]
        axes = (centered.T @ vectors / np.sqrt(np.maximum(values * n, 1e-30))).T
    keep = min(most, n, m)
    return np.maximum(values[:keep], 0), axes[:keep]
