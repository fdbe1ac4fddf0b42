"""Trains a method by its id."""

from engine.card import check_knobs
from engine.data import Data
from engine.method import Method
from engine.methods import METHODS
from engine.snapshot import Snapshot
from engine.train import CLOSING, fit


def trained(name: str, data: Data, k: int | None, *, seed: int = 0, **knobs) -> tuple[Method, list[Snapshot]]:
    """The trained method, and what it showed on the way, without the last moment that every training shows."""
    kind = METHODS[name]
    running = fit(lambda d: kind(d, k, check_knobs(kind.card, knobs)), data, seed=seed)
    seen: list[Snapshot] = []
    while True:
        try:
            seen.append(next(running))
        except StopIteration as end:
            return end.value, [one for one in seen if one.stage != CLOSING]
