"""Observes a method while it trains: labels, sizes and a small map, on a budget of a tenth of the time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from engine.core.data import Data
from engine.core.method import Method
from engine.core.snapshot import Floats, Labels
from engine.training.budget import Budget

SAMPLE = 2000
BUDGET = 0.1
"""Share of the training time that observing may cost."""
ALLOWANCE = 1.0
"""Seconds that observing may cost in any case, so that a short training can be played back."""


@dataclass(frozen=True)
class Observation:
    """One observation; see the fields of the same names in `Snapshot`."""

    labels: Labels | None = None
    sizes: Labels | None = None
    positions: Floats | None = None
    changed: float | None = None


class Monitor:
    """Decides when an observation is affordable, and keeps the map's axes aligned from one to the next."""

    def __init__(self, data: Data) -> None:
        self.data = data
        rows = np.random.default_rng(0).permutation(len(data))[:SAMPLE]
        self.sample: Labels = np.sort(rows).astype(np.int64)
        self._part = data.take(torch.from_numpy(self.sample).to(data.device))
        self._budget = Budget(BUDGET, ALLOWANCE)
        self._labels: Labels | None = None
        self._positions: Floats | None = None

    def affordable(self) -> bool:
        """Whether an observation now stays within the budget."""
        return self._budget.affordable()

    def observe(self, method: Method, groups: bool) -> Observation:
        """Labels of everything (where groups exist) and positions of the sample."""
        with self._budget.spend():
            labels = method.labels(self.data).cpu().numpy().astype(np.int64) if groups else None
            changed = self._changed(labels)
            positions = self._project(method.embed(self._part))
        sizes = None if labels is None else np.bincount(labels[labels >= 0], minlength=method.k or 0).astype(np.int64)
        return Observation(labels, sizes, positions, changed)

    def _changed(self, labels: Labels | None) -> float | None:
        before, self._labels = self._labels, labels
        return None if before is None or labels is None else float((before != labels).mean())

    def _project(self, z: Tensor) -> Floats | None:
        """[m, d] -> [m, 2] principal axes, unit spread, turned to meet the one before (orthogonal Procrustes)."""
        if len(z) < 2 or not bool(torch.isfinite(z).all()):
            return self._positions
        z = z.flatten(1) - z.flatten(1).mean(0)
        _, _, axes = torch.svd_lowrank(z, q=min(2, *z.shape))
        flat = (z @ axes).cpu().numpy()
        flat = np.pad(flat, ((0, 0), (0, 2 - flat.shape[1])))
        flat = flat / (np.sqrt((flat**2).sum(1).mean()) + 1e-12)
        if self._positions is not None:
            left, _, right = np.linalg.svd(flat.T @ self._positions)
            flat = flat @ (left @ right)
        self._positions = flat.astype(np.float32)
        return self._positions
