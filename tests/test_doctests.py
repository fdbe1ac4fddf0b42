"""The examples in docstrings run and are true."""

import doctest
import functools
import importlib
import pkgutil
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

import engine
from engine import intake
from engine.core.snapshot import Outcome
from engine.results.build import build
from engine.results.evaluate.stability import stability
from tests.engine.conftest import CARD

ROOMS = ("losses", "clusters", "nets", "objectives", "view")
MODULES = (
    "engine.api.catalogue",
    "engine.api.estimator",
    "engine.api.loading",
    "engine.core.card",
    "engine.core.data",
    "engine.core.errors",
    "engine.core.method",
    "engine.core.snapshot",
    "engine.features.alignment",
    "engine.features.measures",
    "engine.features.series",
    "engine.features.suggested",
    "engine.intake.recipes.column_preview",
    "engine.intake.options",
    "engine.intake.recipes.preparation",
    "engine.intake.recipes.preparing",
    "engine.intake.recipes.preprocessing_summary",
    "engine.intake.reading",
    "engine.intake.media.sequences",
    "engine.training.trainer",
)


def modules() -> list[str]:
    """Every module whose public names have examples."""
    names = list(MODULES)
    for room in ROOMS:
        package = importlib.import_module(f"engine.{room}")
        names += [f"engine.{room}.{found.name}" for found in pkgutil.iter_modules(package.__path__)]
    return names


@functools.cache
def example() -> dict[str, Any]:
    """What the examples of `engine.view` call `result`, `run` and `card`: 60 members in three groups that always return."""
    labels = np.repeat(np.arange(3), 20)
    rows = pd.DataFrame({"age": 20.0 * labels + np.arange(60) % 7, "income": 900.0 * labels + np.arange(60) % 11})
    raw = intake.inspect(rows, name="customers")
    prepared = intake.prepare(raw, intake.suggest(raw))
    centers = np.stack([prepared.x[labels == label].mean(0) for label in range(3)])
    outcome = Outcome(labels, None, prepared.x, centers, None, {}, None, {})
    result = build(outcome, prepared, raw, card=CARD)
    run = SimpleNamespace(id="0a1b", name="customers", method=CARD.id, n_clusters=3, knobs={}, preparation={}, seed=0)
    again = stability(labels, 3, [labels, labels], seeds=1)
    return {"result": replace(result, stability=again), "run": run, "card": CARD}


@pytest.mark.parametrize("name", modules())
def test_examples_are_true(name):
    module = importlib.import_module(name)
    tests = [test for test in doctest.DocTestFinder(exclude_empty=True).find(module) if test.examples]
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE)
    for test in tests:
        test.globs |= example() if name.startswith("engine.view.") else {}
        assert runner.run(test).failed == 0, f"an example of {test.name} is not true"
    assert tests, f"{name} has no example"


def test_every_name_of_the_door_has_an_example():
    methods = [value for name, value in vars(engine.Clusterer).items() if not name.startswith("_") and callable(value)]
    for item in [getattr(engine, name) for name in engine.__all__] + methods:
        assert ">>>" in (item.__doc__ or ""), item
