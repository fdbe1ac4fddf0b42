"""Whether a method earned its cost, in words."""

from dataclasses import replace

import pytest

from engine.results.evaluate.price_of_depth import cost_benefit


@pytest.mark.parametrize(
    ("standing", "agreement", "said"),
    [
        ("better", 0.5, "Judged by the labels, that was worth it."),
        ("same", 0.5, "nothing was gained"),
        ("worse", 0.5, "it did not pay here"),
        ("unknown", 0.5, "No number says"),
        ("worse", 0.95, "the cheaper method would have done"),
    ],
)
def test_time_and_change_lead_to_a_judgment(penguins, standing, agreement, said):
    plain = replace(
        penguins.result.baseline, seconds=0.5, moved=0.23, standing=standing, agreement=agreement, measure="acc"
    )
    made = cost_benefit(replace(penguins.result, seconds=42.0, baseline=plain))
    assert made.startswith(
        "Training took 42 s, **84 times** as long as k-means (0.5 s), and puts 23 % of the members elsewhere."
    )
    assert said in made


def test_a_fast_method_is_not_called_slow(penguins):
    plain = replace(penguins.result.baseline, seconds=1.0, moved=0.5)
    assert "not much longer than k-means" in cost_benefit(replace(penguins.result, seconds=1.5, baseline=plain))


def test_nothing_is_said_where_nothing_was_measured(penguins):
    result = penguins.result
    assert cost_benefit(replace(result, baseline=None)) == ""
    assert cost_benefit(replace(result, baseline=replace(result.baseline, seconds=None))) == ""
    assert cost_benefit(replace(result, method="kmeans")) == ""


def test_a_run_measures_what_k_means_costs_and_moves(penguins):
    plain = penguins.result.baseline
    assert plain.seconds > 0
    assert 0 < plain.moved < 0.1, "the stand-in is k-means from other starts"
