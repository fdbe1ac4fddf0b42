"""What is told of a measurement beside its numbers."""

import pytest

from benchmarks import fidelity
from benchmarks.published import AUTHORS, EXPLAINED, PUBLISHED
from engine.core.card import check_knobs
from engine.methods import METHODS


def case(method: str, own: float, pretrained: float) -> dict:
    runs = {method: [{"acc": own}], "ae_kmeans": [{"acc": pretrained}]}
    return {"data": "usps", "settings": "uniform study", "runs": runs}


def test_a_method_below_its_own_pretraining_is_told():
    assert "same pretrained code" in fidelity.honest("dec", case("dec", 0.77, 0.80))
    assert fidelity.honest("dec", case("dec", 0.795, 0.80)) == ""
    assert fidelity.honest("ae_kmeans", case("ae_kmeans", 0.7, 0.8)) == ""


def test_a_distance_to_what_was_published_is_explained_where_it_is_known(monkeypatch):
    monkeypatch.setitem(EXPLAINED, ("dec", "usps", "uniform study"), "Fewer passes.")
    assert fidelity.honest("dec", case("dec", 0.73, 0.72)) == "usps, uniform study: Fewer passes."  # published: 0.789
    assert fidelity.honest("dec", case("dec", 0.78, 0.72)) == ""


def test_spread_is_not_told_of_one_seed():
    assert fidelity.mean_and_spread([{"acc": 0.5}], "acc") == "0.500 (one seed)"
    assert fidelity.mean_and_spread([{"acc": 0.5}, {"acc": 0.7}, {"acc": 0.6}], "acc") == "0.600 ± 0.082"


@pytest.mark.parametrize("settings", AUTHORS)
def test_settings_of_others_are_settings_of_the_methods(settings):
    for method, data in PUBLISHED:
        knobs = AUTHORS[settings].of(method, data, 256, set(fidelity.known(method)))
        assert check_knobs(METHODS[method].card, knobs)
