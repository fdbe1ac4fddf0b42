"""Alignment: distances against those written out as loops, places against classical scaling, the contract of encoders."""

import numpy as np
import pytest
from scipy.spatial.distance import cdist
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score

from engine.core.errors import InputError
from engine.features.alignment import Alignment, _places, _scaling, shape_distances


@pytest.fixture(scope="module")
def pulses() -> np.ndarray:
    """60 series [60, 1, 90] with one pulse somewhere, round in the first half, jagged in the second."""
    draw, at = np.random.default_rng(0), np.linspace(0, 1, 40)
    shapes = np.stack([np.sin(np.pi * at), 2 * np.abs((3 * at) % 1 - 0.5)])
    x = draw.normal(0, 0.05, (60, 1, 90))
    for i, start in enumerate(draw.integers(0, 50, 60)):
        x[i, 0, start : start + 40] += shapes[i // 30]
    return x


def by_hand(a: np.ndarray, b: np.ndarray) -> float:
    time, moments = a.shape[1], b.shape[1]
    greatest = max(
        sum(a[c, t] * b[c, t - shift] for c in range(len(a)) for t in range(time) if 0 <= t - shift < moments)
        for shift in range(1 - moments, time)
    )
    return 1 - greatest / np.sqrt((a**2).sum() * (b**2).sum())


def test_distances_are_those_of_all_shifts_tried():
    draw = np.random.default_rng(0)
    x, others = draw.normal(size=(3, 2, 7)).astype(np.float32), draw.normal(size=(4, 2, 10)).astype(np.float32)
    wanted = [[by_hand(a, b) for b in others] for a in x]
    np.testing.assert_allclose(shape_distances(x, others), wanted, atol=1e-5)


def test_places_have_the_distances_they_are_made_of():
    draw = np.random.default_rng(0)
    landmarks, new = draw.normal(size=(30, 3)), draw.normal(size=(5, 3))
    middle, axes = _scaling(cdist(landmarks, landmarks, "sqeuclidean").astype(np.float32))
    assert axes.shape == (30, 3)
    own, placed = (
        _places(cdist(x, landmarks, "sqeuclidean").astype(np.float32), middle, axes) for x in (landmarks, new)
    )
    np.testing.assert_allclose(cdist(placed, own), cdist(new, landmarks), atol=1e-3)


def test_features_keep_the_contract(pulses):
    fitted, x = Alignment.fit(pulses)
    assert x.dtype == np.float32
    assert x.shape == (60, len(fitted.names))
    np.testing.assert_allclose(x.mean(axis=0), 0, atol=1e-4)
    assert x.var(axis=0).mean() == pytest.approx(1, abs=1e-3)
    np.testing.assert_array_equal(Alignment.fit(pulses)[1], x)


def test_new_series_get_the_features_of_old_ones_even_when_stored(pulses, monkeypatch):
    for landmarks in (500, 40):
        monkeypatch.setattr("engine.features.alignment.LANDMARKS", landmarks)
        fitted, x = Alignment.fit(pulses)
        again = Alignment.read(fitted.arrays(), fitted.settings())
        assert len(again.landmarks) == min(landmarks, 60)
        np.testing.assert_allclose(again.transform(pulses[3:9]), x[3:9], atol=1e-3)


@pytest.mark.parametrize("landmarks", [500, 30])
def test_a_shape_is_found_wherever_it_starts(pulses, landmarks, monkeypatch):
    monkeypatch.setattr("engine.features.alignment.LANDMARKS", landmarks)
    y = np.arange(60) // 30
    found = [KMeans(2, n_init=10, random_state=0).fit_predict(x) for x in (Alignment.fit(pulses)[1], pulses[:, 0])]
    assert adjusted_rand_score(y, found[0]) > 0.9
    assert adjusted_rand_score(y, found[1]) < 0.3


def test_blank_moments_and_units_change_nothing(pulses):
    longer = np.pad(5 + 30 * pulses, ((0, 0), (0, 0), (0, 25)), constant_values=np.nan)
    near = np.abs(Alignment.fit(longer)[1]) - np.abs(Alignment.fit(pulses)[1])
    np.testing.assert_allclose(near[:, :5], 0, atol=1e-2)


def test_flat_series_are_alike(pulses):
    x = Alignment.fit(np.concatenate([pulses, np.full((2, 1, 90), 3.0)]))[1]
    np.testing.assert_allclose(x[-1], x[-2], atol=1e-5)
    assert np.isfinite(x).all()


def test_what_cannot_be_aligned_is_refused(pulses):
    with pytest.raises(InputError, match="All series have the same shape"):
        Alignment.fit(np.ones((5, 1, 20)) * np.arange(5)[:, None, None])
    with pytest.raises(InputError, match="2 channels where 1 are expected"):
        Alignment.fit(pulses)[0].transform(np.zeros((3, 2, 90)))
