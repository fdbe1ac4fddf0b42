"""Runs trainings to their end, or to a point on the way."""

from collections.abc import Generator

from engine.core.card import check_knobs
from engine.core.data import Data
from engine.core.method import Method
from engine.core.snapshot import Snapshot
from engine.methods import METHODS
from engine.training.trainer import FINAL, fit


def followed(
    training: Generator[Snapshot, None, Method], stop: int | None = None
) -> tuple[Method | None, list[Snapshot]]:
    """The trained method and all it showed; None for the method where it was stopped after `stop` snapshots."""
    seen: list[Snapshot] = []
    while stop is None or len(seen) < stop:
        try:
            seen.append(next(training))
        except StopIteration as end:
            return end.value, seen
    training.close()
    return None, seen


def trained(name: str, data: Data, k: int | None, *, seed: int = 0, **knobs) -> tuple[Method, list[Snapshot]]:
    """The trained method, and what it showed on the way, without the last moment that every training shows."""
    kind = METHODS[name]
    method, seen = followed(fit(lambda d: kind(d, k, check_knobs(kind.card, knobs)), data, seed=seed))
    return method, [one for one in seen if one.stage != FINAL]
