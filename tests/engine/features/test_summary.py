"""Summary measures: the contract of encoders, names, and groups that differ in what is measured."""

import numpy as np
import pytest
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score

from engine.core.errors import InputError
from engine.features.summary import Summary


@pytest.fixture(scope="module")
def waves() -> np.ndarray:
    """60 series [60, 1, 80]: waves of one frequency that start anywhere, in the second half of twice this frequency."""
    draw = np.random.default_rng(0)
    phase, turns = draw.uniform(0, 6, (60, 1)), 1 + (np.arange(60)[:, None] >= 30)
    x = np.sin(phase + 0.3 * turns * np.arange(80)) + draw.normal(0, 0.2, (60, 80))
    return x[:, None]


def test_features_keep_the_contract(waves):
    fitted, x = Summary.fit(waves)
    assert x.dtype == np.float32
    assert x.shape == (60, len(fitted.names))
    np.testing.assert_allclose(x.mean(axis=0), 0, atol=1e-5)
    assert x.var(axis=0).mean() == pytest.approx(1, abs=1e-4)
    np.testing.assert_array_equal(Summary.fit(waves)[1], x)


def test_new_series_get_the_features_of_old_ones_even_when_stored(waves):
    fitted, x = Summary.fit(waves)
    again = Summary.read(fitted.arrays(), fitted.settings())
    np.testing.assert_allclose(again.transform(waves[3:9]), x[3:9], atol=1e-6)
    assert again.names == fitted.names


def test_a_rank_grows_with_what_it_is_of_and_knows_no_outlier(waves):
    scaled = waves * np.linspace(1, 2, 60)[:, None, None]
    scaled[59] *= 1e6
    fitted, x = Summary.fit(scaled)
    spread = x[:, fitted.names.index("spread")]
    assert spread.argmax() == 59
    assert np.abs(x).max() < 4
    assert np.corrcoef(spread[:59], scaled[:59].std(axis=(1, 2)))[0, 1] > 0.95


def test_rhythms_are_told_apart_wherever_they_start(waves):
    labels = KMeans(2, n_init=10, random_state=0).fit_predict(Summary.fit(waves)[1])
    assert adjusted_rand_score(np.arange(60) // 30, labels) > 0.9


def test_channels_are_named_and_many_are_reduced(waves):
    two = np.concatenate([waves, waves[::-1] ** 2], axis=1)
    assert {"level, channel 1", "level, channel 2"} < set(Summary.fit(two)[0].names)
    many = np.concatenate([np.roll(waves, shift, axis=0) for shift in range(9)], axis=1)
    fitted, x = Summary.fit(many)
    assert x.shape[1] == len(fitted.names) <= 256
    assert fitted.names[0] == "summary 1"


def test_what_cannot_be_measured_is_refused(waves):
    with pytest.raises(InputError, match="All series are the same"):
        Summary.fit(np.ones((5, 1, 20)))
    with pytest.raises(InputError, match="2 channels where 1 are expected"):
        Summary.fit(waves)[0].transform(np.zeros((3, 2, 60)))
