"""Maps by t-SNE: neighbors stay neighbors, and the same rows give the same map."""

import numpy as np
import pytest
from sklearn.manifold import trustworthiness
from sklearn.neighbors import KNeighborsClassifier

from engine.results.embed.projection import stratified
from engine.results.embed.tsne import tsne2


@pytest.fixture(scope="module")
def some(digits):
    x, y = digits
    return x[:700], y[:700]


def test_neighbors_stay_neighbors_and_the_work_is_told(some):
    told = []
    found = tsne2(*some, tell=told.append)
    assert found.shape == (700, 2)
    assert found.dtype == np.float32
    assert trustworthiness(some[0], found) > 0.95
    assert told == sorted(told)
    assert told[-1] == pytest.approx(0.9, abs=0.02)


def test_those_outside_the_sample_are_placed_among_their_like(some):
    x, y = some
    found = tsne2(x, y, seed=3, rows=400)
    sample = stratified(y, 400, 3)
    rest = np.setdiff1d(np.arange(700), sample)
    assert KNeighborsClassifier(5).fit(found[sample], y[sample]).score(found[rest], y[rest]) > 0.85
    assert trustworthiness(x, found) > 0.9
    assert np.array_equal(found, tsne2(x, y, seed=3, rows=400))


@pytest.mark.parametrize("shape", [(2, 3), (5, 1), (7, 2), (40, 1)])
def test_little_data_has_a_map_too(shape):
    rows = np.random.default_rng(0).normal(size=shape).astype(np.float32)
    found = tsne2(rows, np.zeros(len(rows), np.int64))
    assert found.shape == (shape[0], 2)
    assert np.isfinite(found).all()


def test_copies_of_one_row_are_no_reason_to_fail():
    found = tsne2(np.ones((50, 2), np.float32), np.zeros(50, np.int64))
    assert np.isfinite(found).all()
