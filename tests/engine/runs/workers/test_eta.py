"""The time left, checked against courses whose end is known."""

import pytest

from engine.runs.workers.eta import Forecast

KNOBS = {"pretrain_epochs": 10, "epochs": 20, "lr": 0.1}


def _train(forecast: Forecast, pace: float = 2.0) -> list[float | None]:
    """10 epochs of one second, then 20 of `pace`."""
    told = [forecast.observe("Pretraining", epoch, 10, float(epoch)) for epoch in range(11)]
    return told + [forecast.observe("Sharpening", epoch, 20, 10 + pace * epoch) for epoch in range(21)]


def test_nothing_is_said_before_anything_is_known() -> None:
    assert _train(Forecast(KNOBS))[0] is None
    assert all(left is None for left in _train(Forecast({"restarts": 3})))


def test_announced_epochs_are_counted_at_the_pace_of_now() -> None:
    told = _train(Forecast(KNOBS), pace=1.0)
    assert told[5] == pytest.approx(25)
    assert told[10] == pytest.approx(20)
    assert told[15] == pytest.approx(16)
    assert told[-1] == pytest.approx(0)


def test_a_run_before_tells_what_later_stages_cost() -> None:
    first = Forecast(KNOBS)
    _train(first)
    told = _train(Forecast(KNOBS, first.timings(finish=3.0)))
    assert told[5] == pytest.approx(5 + 40 + 3)
    assert told[-1] == pytest.approx(3)


def test_a_run_of_other_epochs_tells_nothing() -> None:
    first = Forecast(KNOBS | {"epochs": 500})
    _train(first)
    assert _train(Forecast(KNOBS, first.timings(finish=3.0)), pace=1.0)[5] == pytest.approx(25)


def test_a_resumed_run_does_not_count_what_it_did_not_see() -> None:
    forecast = Forecast({"epochs": 100})
    forecast.observe("Training", 50, 100, 0.0)
    assert forecast.observe("Training", 60, 100, 20.0) == pytest.approx(80)
