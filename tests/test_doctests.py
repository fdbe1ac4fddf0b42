"""The examples in docstrings run and are true."""

import doctest
import importlib
import pkgutil

import pytest

import engine

ROOMS = ("losses", "clusters", "nets", "objectives")
MODULES = (
    "engine.api.catalogue",
    "engine.api.estimator",
    "engine.api.loading",
    "engine.core.card",
    "engine.core.data",
    "engine.core.errors",
    "engine.core.method",
    "engine.core.snapshot",
    "engine.intake.preparation",
    "engine.intake.preparing",
    "engine.intake.preprocessing_summary",
    "engine.intake.reading",
    "engine.intake.sequences",
    "engine.training.trainer",
)


def modules() -> list[str]:
    """Every module whose public names have examples."""
    names = list(MODULES)
    for room in ROOMS:
        package = importlib.import_module(f"engine.{room}")
        names += [f"engine.{room}.{found.name}" for found in pkgutil.iter_modules(package.__path__)]
    return names


@pytest.mark.parametrize("name", modules())
def test_examples_are_true(name):
    module = importlib.import_module(name)
    tests = [test for test in doctest.DocTestFinder(exclude_empty=True).find(module) if test.examples]
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE)
    for test in tests:
        assert runner.run(test).failed == 0, f"an example of {test.name} is not true"
    assert tests, f"{name} has no example"


def test_every_name_of_the_door_has_an_example():
    methods = [value for name, value in vars(engine.Clusterer).items() if not name.startswith("_") and callable(value)]
    for item in [getattr(engine, name) for name in engine.__all__] + methods:
        assert ">>>" in (item.__doc__ or ""), item
