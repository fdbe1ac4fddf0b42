"""PCA with one scale, against scikit-learn's."""

import numpy as np
import pytest
from sklearn.datasets import load_iris
from sklearn.decomposition import PCA

from engine.features.reduction import Reduction


@pytest.fixture
def iris() -> np.ndarray:
    return load_iris().data.astype(np.float32)


def test_axes_are_scikit_learns(iris):
    reduction = Reduction.fit(iris, 3)
    ours, theirs = reduction.apply(iris) * reduction.scale, PCA(3).fit_transform(iris)
    np.testing.assert_allclose(np.abs(ours), np.abs(theirs), atol=2e-4)


def test_the_mean_variance_is_one_and_the_mean_zero(iris):
    y = Reduction.fit(iris, 4).apply(iris)
    assert y.dtype == np.float32
    assert y.var(axis=0).mean() == pytest.approx(1, abs=1e-4)
    np.testing.assert_allclose(y.mean(axis=0), 0, atol=1e-5)


def test_fewer_rows_than_columns_keep_the_distances(iris):
    wide = np.hstack([iris[::22], iris[::22] ** 2])
    reduction = Reduction.fit(wide, 100)
    assert len(reduction.axes) == 6
    y = reduction.apply(wide) * reduction.scale
    assert np.linalg.norm(y[0] - y[5]) == pytest.approx(float(np.linalg.norm(wide[0] - wide[5])), rel=1e-3)


def test_equal_rows_have_no_axis():
    rows = np.ones((5, 3), np.float32)
    assert Reduction.fit(rows, 2).apply(rows).shape == (5, 0)


def test_it_comes_back_from_its_arrays(iris):
    reduction = Reduction.fit(iris, 2)
    np.testing.assert_array_equal(Reduction.read(reduction.arrays()).apply(iris), reduction.apply(iris))
