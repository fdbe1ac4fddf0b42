"""The time left, checked against courses whose end is known."""

from types import SimpleNamespace

import pytest

from engine.runs.eta import OVERHEAD, Forecast, before_start

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


def _run(seconds: float, epochs: int) -> SimpleNamespace:
    return SimpleNamespace(seconds=seconds, knobs={"epochs": epochs})


def test_the_whole_is_estimated_from_finished_runs() -> None:
    guess, measured = before_start({"epochs": 100}, 1000, [])
    assert not measured
    assert guess == pytest.approx(OVERHEAD + 6)
    slow, measured = before_start({"epochs": 100}, 1000, [(_run(600, 100), 1000)])
    assert measured
    assert slow == pytest.approx(600)
    assert before_start({"epochs": 50}, 2000, [(_run(600, 100), 1000)])[0] == pytest.approx(600)


def test_a_run_on_a_few_members_says_little_about_thousands() -> None:
    few, many = (_run(1.5, 1), 24), (_run(4, 1), 2000)
    assert before_start({}, 2000, [few, many])[0] < 2 * 4
