"""Shape patterns: the contract of encoders, and the groups of real series."""

import numpy as np
import pytest
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score

from engine.core.errors import InputError
from engine.features.patterns import Patterns


@pytest.fixture(scope="module")
def bursts() -> np.ndarray:
    """40 series [40, 1, 60] of noise with a wave somewhere, short ones in the first half, long ones in the second."""
    draw = np.random.default_rng(0)
    x = draw.normal(0, 0.1, (40, 1, 60))
    for i, start in enumerate(draw.integers(0, 30, 40)):
        x[i, 0, start : start + 30] += np.sin(np.arange(30) * (1.5 if i < 20 else 0.7) + draw.uniform(0, 6))
    return x


def agreement(x: np.ndarray, y: np.ndarray) -> float:
    return adjusted_rand_score(
        y, KMeans(len(np.unique(y)), n_init=10, random_state=0).fit_predict(x.reshape(len(x), -1))
    )


def test_features_keep_the_contract(bursts):
    fitted, x = Patterns.fit(bursts)
    assert x.dtype == np.float32
    assert x.shape == (40, len(fitted.names))
    np.testing.assert_allclose(x.mean(axis=0), 0, atol=1e-4)
    assert x.var(axis=0).mean() == pytest.approx(1, abs=1e-3)
    np.testing.assert_array_equal(Patterns.fit(bursts)[1], x)


def test_new_series_get_the_features_of_old_ones_even_when_stored(bursts):
    fitted, x = Patterns.fit(bursts)
    again = Patterns.read(fitted.arrays(), fitted.settings())
    np.testing.assert_allclose(again.transform(bursts[3:9]), x[3:9], atol=1e-3)


def test_blank_moments_behind_the_end_change_nothing(bursts):
    longer = np.pad(bursts, ((0, 0), (0, 0), (0, 25)), constant_values=np.nan)
    np.testing.assert_allclose(Patterns.fit(longer)[1], Patterns.fit(bursts)[1], atol=1e-3)


def test_a_shape_is_found_wherever_it_is(bursts):
    y = np.arange(40) // 20
    assert agreement(Patterns.fit(bursts)[1], y) > 0.8 > 0.2 > agreement(bursts, y)


def test_levels_are_seen_where_series_differ_in_nothing_else():
    noise = np.random.default_rng(0).normal(0, 0.3, (40, 2, 30))
    noise[20:, 0] += 2
    y = np.arange(40) // 20
    assert (
        agreement(Patterns.fit(noise)[1], y)
        > 0.9
        > 0.2
        > agreement(Patterns.fit(noise - noise.mean(2, keepdims=True))[1], y)
    )


def test_series_that_are_all_the_same_are_refused():
    with pytest.raises(InputError, match="All series are the same"):
        Patterns.fit(np.ones((5, 1, 20)))


def test_of_many_series_some_show_the_axes_for_all(bursts, monkeypatch):
    monkeypatch.setattr("engine.features.patterns.SAMPLE", 30)
    monkeypatch.setattr("engine.features.patterns.PIECE", 17)
    shares: list[float] = []
    fitted, x = Patterns.fit(bursts, shares.append)
    assert x.shape[0] == 40
    assert shares[-1] == 1
    np.testing.assert_allclose(fitted.transform(bursts[20:30]), x[20:30], atol=1e-3)


def test_very_short_series_and_very_long_ones_are_taken():
    draw = np.random.default_rng(0)
    for moments in (2, 1500):
        assert np.isfinite(Patterns.fit(draw.normal(size=(3, 2, moments)))[1]).all()


def test_other_channels_are_refused(bursts):
    with pytest.raises(InputError, match="2 channels where 1 are expected"):
        Patterns.fit(bursts)[0].transform(np.zeros((3, 2, 60)))


@pytest.mark.parametrize("name", ["ts_BasicMotions", "series_ucr/ts_UMD"])
def test_k_means_finds_more_of_the_true_groups_than_on_the_values(shared, name):
    with np.load(shared(f"{name}.npz")) as file:
        values, y = file["x"], file["y"]
    values = values if values.ndim == 3 else values[:, None]
    assert agreement(Patterns.fit(values)[1], y) > agreement(values, y) + 0.1
