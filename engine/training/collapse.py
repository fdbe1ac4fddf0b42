"""Sees whether a training collapses: whether groups run together, the code shrinks to a point, or reconstructions fall apart.

A network that is trained to please a clustering loss has a trivial way to do so: to tell nothing apart. Measured are the
monitors that contrastive and autoencoder methods are commonly watched by: the number of groups in use (the exponential of the
entropy of their sizes), the spread of the code, and the reconstruction error as a share of the variance.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import torch

from engine.core.data import Data
from engine.core.method import Method, Stage

Fault = Literal["groups", "code", "reconstruction"]

ROWS = 1000
"""Samples that are looked at, the same throughout a training."""
LOST = 0.5
"""A group was lost where groups in use became fewer by half a group, or by `LOST_SHARE` of them."""
LOST_SHARE = 0.15
EMPTY = 0.1
"""A group stands empty below this share of an equal part of the samples."""
SPREAD = 1e-3
"""Share of its first spread below which the code has become a point."""
ERROR = 2.0
"""Multiple of the first error above which reconstructions have fallen apart, where they also explain nothing."""
EVERY = 3
"""Epochs that are each looked at; from then on after every quarter more."""


@dataclass(frozen=True)
class Health:
    """What tells a collapse, at one moment.

    Parameters
    ----------
    groups : float, optional
        Effective number of groups, see `effective_number`; None where there are none yet, or where they may become fewer.
    populated : int, optional
        Groups that do not stand empty.
    spread : float, optional
        Root of the mean squared distance of codes from their mean; None where the samples are their own code.
    error : float, optional
        Reconstruction error as a share of the variance of the samples; None where nothing is reconstructed.
    """

    groups: float | None = None
    populated: int | None = None
    spread: float | None = None
    error: float | None = None


def effective_number(sizes: npt.ArrayLike) -> float:
    """The number of equally large groups that would be as varied: the exponential of the entropy.

    Parameters
    ----------
    sizes : array-like of shape (k,)
        Members of each group; at least one is not empty.

    Returns
    -------
    float
        From 1 to k.

    Examples
    --------
    >>> effective_number([5, 5, 5, 0])
    3.0
    >>> round(effective_number([90, 5, 5]), 2)
    1.48
    """
    shares = np.asarray(sizes, np.float64)
    shares = shares[shares > 0] / shares.sum()
    return round(float(np.exp(-(shares * np.log(shares)).sum())), 12)


def find_collapse(start: Health, now: Health) -> Fault | None:
    """What has collapsed since a stage of training began.

    Parameters
    ----------
    start : Health
        When it began; groups are the most there were since.
    now : Health

    Returns
    -------
    {"groups", "code", "reconstruction"} or None

    Examples
    --------
    >>> find_collapse(Health(groups=3.0, populated=3), Health(groups=1.8, populated=2))
    'groups'
    >>> find_collapse(Health(groups=2.0, populated=2), Health(groups=1.4, populated=2)) is None  # uneven, but both are there
    True
    """
    if start.spread and now.spread is not None and now.spread < SPREAD * start.spread:
        return "code"
    if start.error is not None and now.error is not None and now.error > max(1.0, ERROR * start.error):
        return "reconstruction"
    if start.groups is None or now.groups is None or start.populated is None or now.populated is None:
        return None
    fewer = start.groups - now.groups > max(LOST, LOST_SHARE * start.groups)
    return "groups" if fewer and now.populated < start.populated else None


class CollapseError(Exception):
    """A stage of training has collapsed; never for the user, who is told by a note.

    Parameters
    ----------
    id, title : str
        Of the stage.
    rate : float
        The learning rate with which the plan began it.
    fault : {"groups", "code", "reconstruction"}
    """

    def __init__(self, id: str, title: str, rate: float, fault: Fault) -> None:
        super().__init__(f"{id}: {fault}")
        self.id, self.title, self.rate, self.fault = id, title, rate, fault


class CollapseMonitor:
    """Watches the stages of one id after those of another; its state is plain numbers, for checkpoints."""

    def __init__(self, data: Data) -> None:
        rows = np.sort(np.random.default_rng(1).permutation(len(data))[:ROWS]).astype(np.int64)
        self._part = data.take(torch.from_numpy(rows).to(data.device)) if len(data) else data
        x = self._part.x.flatten(1).float()
        self._variance = float((x - x.mean(0)).square().sum(1).mean()) if len(x) else 0.0
        self.id, self.first = "", False
        self._rate = 0.0
        self._start = Health()
        self._epochs = self._looked = self._next = 0
        self._suspected = False

    def enter(self, method: Method, stage: Stage, first: bool) -> None:
        """Before a stage is trained; `first` where nothing was trained before. One of another id begins anew."""
        if stage.id == self.id:
            return
        self.id, self.first, self._start = stage.id, first, self.measure(method, stage)
        self._rate = stage.steps[0].lr if stage.steps else 0.0
        self._epochs = self._looked = 0
        self._next, self._suspected = 1, False

    def end_epoch(self, method: Method, stage: Stage) -> None:
        """After an epoch: CollapseError where two looks, one after the other, have seen a collapse."""
        self._epochs += 1
        if self._epochs < self._next:
            return
        fault = self._look(method, stage)
        if fault and self._suspected:
            raise CollapseError(stage.id, stage.title, self._rate, fault)
        self._suspected = fault is not None
        self._next = self._epochs + (1 if fault or self._epochs < EVERY else 1 + self._epochs // 4)

    def leave(self, method: Method, stage: Stage) -> None:
        """After the last epoch of an id: CollapseError where a look sees a collapse, which the plan took for the end."""
        if self.id != stage.id or not self._epochs or (self._looked == self._epochs and not self._suspected):
            return
        if fault := self._look(method, stage):
            raise CollapseError(stage.id, stage.title, self._rate, fault)

    def measure(self, method: Method, stage: Stage) -> Health:
        """The health of a method in a stage."""
        part = self._part
        if len(part) < 2 or not stage.steps:
            return Health()
        with torch.no_grad(), method.cached_embedding(part):
            z = method.embed(part).flatten(1).float()
            spread = None if method.identity else float((z - z.mean(0)).square().sum(1).mean().sqrt())
            if not stage.groups:
                return Health(spread=spread)
            groups, populated = self._groups(method) if method.keeps_groups else (None, None)
            return Health(groups, populated, spread, self._error_share(method))

    def state(self) -> dict[str, Any]:
        """What `restore` needs to go on, as JSON has it."""
        return {
            "id": self.id,
            "first": self.first,
            "rate": self._rate,
            "start": asdict(self._start),
            "counts": [self._epochs, self._looked, self._next],
            "suspected": self._suspected,
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go on from what `state` gave."""
        self.id, self.first, self._rate = state["id"], state["first"], state["rate"]
        self._start = Health(**state["start"])
        self._epochs, self._looked, self._next = state["counts"]
        self._suspected = state["suspected"]

    def _look(self, method: Method, stage: Stage) -> Fault | None:
        now, start = self.measure(method, stage), self._start
        fault = find_collapse(start, now)
        self._looked = self._epochs
        if fault is None and now.groups is not None and now.groups > (start.groups or 0.0):
            self._start = Health(now.groups, now.populated, start.spread, start.error)
        return fault

    def _groups(self, method: Method) -> tuple[float | None, int | None]:
        labels = method.labels(self._part)
        sizes = labels[labels >= 0].bincount(minlength=method.k or 0).tolist()
        if not sum(sizes):
            return None, None
        return effective_number(sizes), sum(size >= EMPTY * sum(sizes) / len(sizes) for size in sizes)

    def _error_share(self, method: Method) -> float | None:
        x, training = self._part.x, method.training
        method.eval()
        reconstructed = method.reconstruct(x)
        method.train(training)
        if reconstructed is None or not self._variance:
            return None
        return float((x - reconstructed).flatten(1).float().square().sum(1).mean()) / self._variance
