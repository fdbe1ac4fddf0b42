"""Measures of series, against values computed by hand."""

import numpy as np
import pytest

from engine.features.measures import (
    MEASURES,
    Batch,
    autocorrelations,
    first_minimum,
    measured,
    mode,
    mutual_information,
    timing,
    word_entropy,
)


def of(series: list[float] | np.ndarray) -> dict[str, float]:
    x = np.asarray(series, np.float64)[None]
    return dict(zip(MEASURES, measured(x, np.array([x.shape[1]]))[0].tolist(), strict=True))


def test_level_spread_and_extremes():
    found = of([1, 2, 3, 6])
    assert found["level"] == 3
    assert found["spread"] == pytest.approx(np.sqrt(14 / 4))
    assert (found["lowest value"], found["highest value"]) == (1, 6)
    assert found["skewness"] == pytest.approx((-8 - 1 + 27) / 4 / (14 / 4) ** 1.5)
    assert found["heaviness of tails"] == pytest.approx((16 + 1 + 81) / 4 / (14 / 4) ** 2)


def test_a_line_has_all_trend_and_a_parabola_all_bend():
    time = np.linspace(-1, 1, 21)
    assert of(3 - 2 * time)["trend"] == pytest.approx(-1)
    assert of(3 - 2 * time)["bend"] == pytest.approx(0, abs=1e-9)
    assert of(time**2)["trend"] == pytest.approx(0, abs=1e-9)
    assert of(time**2)["bend"] == pytest.approx(1)


def test_a_wave_has_its_period_whatever_its_trend():
    time = np.arange(120)
    found = of(np.sin(2 * np.pi * time / 12) + 0.05 * time)
    assert found["period"] == 12
    assert found["strength of the period"] > 0.5
    assert of(0.05 * time)["period"] == 0


def test_autocorrelation_is_that_of_the_definition():
    x = np.random.default_rng(0).normal(size=9)
    x -= x.mean()
    wanted = [sum(x[t] * x[t + lag] for t in range(9 - lag)) / (x @ x) for lag in range(9)]
    np.testing.assert_allclose(autocorrelations(x[None])[0], wanted)


def test_the_spectrum_of_a_wave_lies_at_its_frequency():
    found = of(np.sin(2 * np.pi * np.arange(100) * 0.4))
    assert found["spectral median"] == pytest.approx(0.8, abs=0.02)  # of the largest frequency, 0.5
    assert found["spectral centroid"] == pytest.approx(0.8, abs=0.02)
    assert found["spectral entropy"] == pytest.approx(0, abs=1e-6)
    assert found["power of slow waves"] == pytest.approx(0, abs=1e-6)
    assert of(np.sin(2 * np.pi * np.arange(100) * 0.02))["power of slow waves"] == pytest.approx(1)


def test_steps_and_crossings():
    found = of([0, 1, 0, -1, 0.5, -0.5])  # its mean is 0
    deviation = np.sqrt((1 + 1 + 0.25 + 0.25) / 6)
    assert found["crossings of the mean"] == pytest.approx(2 / 6)  # -1 to 0.5, 0.5 to -0.5
    assert found["size of steps"] == pytest.approx((1 + 1 + 1 + 1.5 + 1) / 5 / deviation)
    assert found["asymmetry of steps"] == pytest.approx((1 - 1 - 1 + 1.5**3 - 1) / 5 / deviation**3)
    assert found["share of large steps"] == 1
    assert found["longest decline"] == 2
    assert found["longest stretch above the mean"] == 1


def test_forecasts_by_the_mean_of_three():
    z = Batch(np.array([[1.0, 2, 4, 0, 3, 5]])).z[0]
    rest = [z[3] - z[:3].mean(), z[4] - z[1:4].mean(), z[5] - z[2:5].mean()]
    assert of([1, 2, 4, 0, 3, 5])["error of forecasts"] == pytest.approx(np.std(rest, ddof=1))


def test_the_most_frequent_value_is_the_middle_of_the_fullest_bin():
    assert mode(np.array([[0.0, 0.1, 0.1, 1.0]]), 5)[0] == pytest.approx(0.1)
    assert mode(np.array([[0.0, 0.1, 0.9, 1.0]]), 5)[0] == pytest.approx(0.5)  # two fullest bins


def test_high_values_at_the_end_come_late():
    x = np.zeros((3, 101))
    x[0, -1], x[1, 50], x[2, 0] = 1, 1, 1
    np.testing.assert_allclose(timing(Batch(x).z), [1, 0, -1])


def test_words_and_mutual_information_of_a_series_that_alternates():
    letters = np.array([[0, 1, 2] * 30])
    assert word_entropy(letters)[0] == pytest.approx(np.log(3), abs=1e-3)
    z = np.array([[-1.0, -1, 1, 1] * 50])
    assert mutual_information(z, 2, 5)[0] == pytest.approx(np.log(2), abs=1e-3)
    assert mutual_information(z, 1, 5)[0] == pytest.approx(0, abs=1e-3)


def test_transitions_are_those_between_thirds():
    x = np.array([3.0, 1, 2] * 20)  # its autocorrelation is negative at lag 1, so that each moment counts
    counts = np.zeros((3, 3))
    for a, b in zip(x[:-1].astype(int) - 1, x[1:].astype(int) - 1, strict=True):
        counts[a, b] += 1
    assert of(x)["spread of transitions"] == pytest.approx(np.trace(np.cov((counts / 59).T)))


def test_the_first_minimum_is_below_both_neighbors():
    assert first_minimum(np.array([[3.0, 1, 1, 0, 2], [1, 2, 3, 4, 5]])).tolist() == [3, 5]


@pytest.mark.parametrize("time", [1, 2, 3, 4, 5, 30])
@pytest.mark.parametrize("value", [0.0, 7.1, 1e12])
def test_flat_and_short_series_have_finite_measures(time, value):
    x = np.full((2, time), value)
    x[1, 0] += 1 + value
    assert np.isfinite(measured(x, np.full(2, time))).all()


def test_what_lies_behind_the_end_does_not_count():
    x = np.random.default_rng(0).normal(size=(3, 40))
    alone = measured(x[:, :25], np.full(3, 25))
    np.testing.assert_allclose(measured(x, np.array([25, 25, 25])), alone)
    np.testing.assert_allclose(measured(x, np.array([40, 25, 40]))[1], alone[1])
