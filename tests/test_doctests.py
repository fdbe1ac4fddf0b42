"""The examples in docstrings run and are true."""

import doctest
import importlib
import pkgutil

import pytest

ROOMS = ("losses",)


def modules() -> list[str]:
    """Every module of the rooms whose public names have examples."""
    names = []
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
