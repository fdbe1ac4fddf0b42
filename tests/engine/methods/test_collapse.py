"""No method collapses on easy data: a small part of `benchmarks.collapse`, and all of it behind the mark `slow`."""

import pytest
import torch

from benchmarks.collapse import NOT_JUDGED, SETS, SHARE, plain, run, takes
from engine.core import autoencoder_method
from engine.methods import METHODS

FORMERLY = ("idec", "enrc", "cm", "vade", "aecm")
"""Methods whose groups ran together at times."""
SMALL = {"layers": "100-100-400"}
"""A network that learns in a second what the default one does in ten."""


@pytest.fixture(autouse=True)
def as_users_have_it(monkeypatch):
    monkeypatch.setattr(autoencoder_method, "STRETCH", autoencoder_method.CORRECTIONS)


def reached(method: str, name: str, seed: int, **knobs) -> tuple[dict, float]:
    """What a run found, and the accuracy that it has to reach."""
    data, y = SETS[name]()
    return run(method, data, y, seed, **knobs), SHARE * plain(data, y)


@pytest.mark.parametrize("name", ["wine", "blobs 5 x 40 unequal"])
@pytest.mark.parametrize("method", FORMERLY)
def test_methods_that_collapsed_no_longer_do(method, name):
    found, bar = reached(method, name, 0, **({} if method == "cm" else SMALL))
    assert found["acc"] >= bar, found


@pytest.mark.slow
@pytest.mark.timeout(0)
@pytest.mark.parametrize("name", SETS)
@pytest.mark.parametrize("method", [method for method in METHODS if method not in NOT_JUDGED])
def test_no_method_falls_behind_k_means_on_easy_data(method, name):
    if not takes(method, SETS[name]()[0]):
        pytest.skip(f"{method} does not take data of this kind")
    for seed in range(5):
        found, bar = reached(method, name, seed)
        assert found["acc"] >= bar, (seed, found)


def test_easy_sets_are_easy_and_always_the_same():
    for name in ("wine", "series waves", "blobs 2 x 40", "blobs 60 x 200 unequal"):
        (data, y), (again, _) = SETS[name](), SETS[name]()
        assert torch.equal(data.x, again.x)
        assert plain(data, y) > 0.95


def test_groups_that_are_joined_on_purpose_do_not_run_together():
    data, _ = SETS["blobs 5 x 200"]()
    kind = METHODS["composed"]
    knobs = kind.card.knobs
    assert not kind(data, 4, knobs(layers="8", clustering="agglomerative", update="alternating")).keeps_groups
    assert kind(data, 4, knobs(layers="8", clustering="k-means")).keeps_groups
