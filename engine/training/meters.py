"""Means of loss terms over an epoch, summed on the device and read once at its end."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from engine.core.errors import InputError


class AverageMeter:
    """Sums that grow in place, so that recorded steps go on adding to them."""

    def __init__(self) -> None:
        self._sums: dict[tuple[str, ...], Tensor] = {}

    def add(self, names: tuple[str, ...], values: Tensor, weight: int) -> None:
        """Add `values` [t] of the terms `names`, means over `weight` samples."""
        if not names:
            return
        if names not in self._sums:
            self._sums[names] = torch.zeros(len(names) + 1, device=values.device)
        self._sums[names][:-1].add_(values.detach(), alpha=weight)
        self._sums[names][-1].add_(weight)

    def read(self, title: str) -> dict[str, float]:
        """The mean of each term since the last reading; InputError that names the stage where one is no number."""
        totals: dict[str, tuple[float, float]] = {}
        for names, sums in self._sums.items():
            *values, weight = sums.tolist()
            sums.zero_()
            for name, value in zip(names, values, strict=True):
                before = totals.get(name, (0.0, 0.0))
                totals[name] = (before[0] + value, before[1] + weight)
        means = {name: value / weight for name, (value, weight) in totals.items() if weight}
        for name, value in means.items():
            if not math.isfinite(value):
                raise InputError(
                    f"Training became unstable in the stage {title!r}: its {name} is no longer a number. "
                    "Choose a smaller learning rate, or scale the columns."
                )
        return means
