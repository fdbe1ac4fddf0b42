"""Finished runs for the tests of results and their pictures: k-means from scikit-learn in the place of a method."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from sklearn.cluster import KMeans
from sklearn.datasets import load_digits

from engine import intake
from engine.core.card import Card, Family
from engine.core.snapshot import Outcome
from engine.results import Result
from engine.results.build import build

CARD = Card(
    id="fake",
    name="Stand-in",
    authors="Nobody",
    year=2026,
    paper="None",
    idea="A stand-in for a method.",
    family=Family.CLASSICAL,
    architecture="none",
    non_clustering="none",
    clustering="none",
    combination="none",
    update="none",
    knobs=object,
)


@dataclass(frozen=True)
class Finished:
    """A run from its raw data to its result."""

    raw: intake.Raw
    prepared: intake.Prepared
    outcome: Outcome
    result: Result
    card: Card
    run: Any


Grouped = Callable[..., Outcome]


@pytest.fixture(scope="session")
def grouped() -> Grouped:
    """Outcome of k-means on [n, ...], as if a method had found it."""

    def run(x: np.ndarray, k: int, seed: int = 0, **more: Any) -> Outcome:
        flat = x.reshape(len(x), -1)
        model = KMeans(k, n_init=3, random_state=seed).fit(flat)
        labels, centers = model.labels_.astype(np.int64), model.cluster_centers_.astype(np.float32)
        known = {"soft": None, "prototypes": None, "alternatives": {}, "tree": None, "report": {}}
        return Outcome(labels=labels, embedding=flat, centers=centers, **(known | more))

    return run


@pytest.fixture(scope="session")
def finished(grouped: Grouped) -> Callable[..., Finished]:
    """Reads, prepares and groups a source."""

    def run(
        source: Any, k: int, *, name: str | None = None, roles: dict[str, str] | None = None, **more: Any
    ) -> Finished:
        raw = intake.inspect(source, name=name)
        chosen = intake.suggest(raw)
        if roles:
            chosen = intake.Preparation.from_json(chosen.to_json() | {"roles": {**chosen.roles, **roles}})
        prepared = intake.prepare(raw, chosen)
        outcome = grouped(prepared.x, k, **more)
        result = build(outcome, prepared, raw, card=CARD, seconds=1.5, history=course())
        settings = {"id": "0a1b", "method": "fake", "n_clusters": k, "knobs": {"lr": 0.1}, "preparation": {}, "seed": 0}
        return Finished(raw, prepared, outcome, result, CARD, SimpleNamespace(name=raw.name, **settings))

    return run


@pytest.fixture(scope="session")
def penguins(finished: Callable[..., Finished], shared: Callable[[str], Path]) -> Finished:
    """344 penguins in three groups, with their species as label."""
    return finished(shared("csv/penguins.csv"), 3, roles={"species": "label"})


@pytest.fixture(scope="session")
def pictures(finished: Callable[..., Finished]) -> Finished:
    """300 of scikit-learn's digits as pictures, in ten groups."""
    images = (load_digits().images[:300] * 255 / 16).astype(np.uint8)
    return finished(images, 10, name="digits")


@pytest.fixture(scope="session")
def waves(finished: Callable[..., Finished]) -> Finished:
    """60 series of two shapes, in two groups."""
    draw, time = np.random.default_rng(0), np.linspace(0, 6, 50)
    shapes = np.stack([np.sin(time), time / 3])[np.arange(60) % 2]
    series = (shapes + draw.normal(0, 0.1, shapes.shape)).astype(np.float32)[:, None]
    return finished(series, 2, name="waves")


def course() -> list[dict[str, Any]]:
    """Records of a training in two stages."""
    return [
        {
            "stage": "pretrain" if i < 5 else "cluster",
            "epoch": i % 5 + 1,
            "epochs": 5,
            "stages_done": i // 5,
            "seconds": float(i),
            "terms": {"reconstruction": 9.0 / (i + 1)} | ({"hardening": 1.0 / i} if i >= 5 else {}),
            "report": {},
            "changed": 0.5 / i if i > 5 else None,
            "sizes": [10 + i, 30 - i] if i > 5 else None,
        }
        for i in range(10)
    ]
