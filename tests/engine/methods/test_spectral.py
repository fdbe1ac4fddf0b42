"""Spectral clustering: shapes that k-means cannot see, its coordinates, the number of groups, new rows."""

import numpy as np
import pytest
import torch
from sklearn.datasets import make_blobs, make_circles, make_moons
from sklearn.metrics import adjusted_rand_score
from sklearn.metrics import normalized_mutual_info_score as nmi

from engine.core.data import Data
from engine.core.errors import InputError
from engine.inference.outcome import evaluate
from tests.engine.trained import trained


def rows(x: np.ndarray) -> Data:
    return Data(torch.from_numpy(np.asarray(x, np.float32)))


@pytest.mark.parametrize("weights", ["local", "equal"])
@pytest.mark.parametrize("shape", ["moons", "circles"])
def test_shapes_that_are_not_round(shape, weights):
    made = {"moons": make_moons, "circles": lambda n, **more: make_circles(n, factor=0.5, **more)}
    x, y = made[shape](700, noise=0.05, random_state=0)
    data = rows(x[:600])
    method, _ = trained("spectral", data, 2, weights=weights)
    assert adjusted_rand_score(y[:600], method.labels(data)) > 0.98
    assert adjusted_rand_score(y[600:], method.labels(rows(x[600:]))) > 0.95


@pytest.fixture(scope="module")
def found(digits):
    return trained("spectral", Data(torch.from_numpy(digits[0])), 10)[0]


def test_digits(found, digits):
    data = Data(torch.from_numpy(digits[0]))
    outcome = evaluate(found, data)
    assert nmi(digits[1], outcome.labels) > 0.85  # k-means on the same rows: 0.74
    assert outcome.embedding.shape == (1797, 10)
    np.testing.assert_allclose(np.linalg.norm(outcome.embedding, axis=1), 1, atol=1e-5)
    away = np.linalg.norm(outcome.embedding[:, None] - outcome.centers[None], axis=2)
    np.testing.assert_array_equal(away.argmin(1), outcome.labels)
    mean = digits[0][outcome.labels == 3].mean(0)
    np.testing.assert_allclose(outcome.prototypes[3], mean, atol=1e-5)


def test_new_rows_stand_where_their_like_stand(digits):
    seen, new = (Data(torch.from_numpy(digits[0][part])) for part in (slice(1400), slice(1400, None)))
    method, _ = trained("spectral", seen, 10)
    labels = method.labels(new)
    nearest = torch.cdist(new.x, seen.x).argmin(1)
    assert (labels == method.labels(seen)[nearest]).float().mean() > 0.95
    assert nmi(digits[1][1400:], labels) > 0.75
    # A member moved by next to nothing keeps close to its place.
    moved = Data(seen.x[:50] + 1e-4)
    assert (method.embed(moved) * method.embed(seen)[:50]).sum(1).min() > 0.9


def test_number_of_groups_by_the_largest_gap():
    x, y = make_blobs(500, centers=[[0, 0], [0, 9], [9, 0], [9, 9], [20, 4]], random_state=0)
    data = rows(x)
    method, seen = trained("spectral", data, None)
    assert method.report()["groups"] == 5
    assert adjusted_rand_score(y, method.labels(data)) > 0.98
    curve = [one.terms["eigenvalue of the Laplacian"] for one in seen]
    assert len(curve) == 13
    assert np.diff(curve)[1:].argmax() == 3
    assert method.report()["eigengap"] == pytest.approx(max(np.diff(curve)[1:]), rel=1e-4)


def test_parts_that_no_link_joins():
    x, y = make_blobs(120, centers=[[0, 0], [100, 0], [0, 300]], random_state=0)
    data = rows(x)
    method, _ = trained("spectral", data, 3, neighbors=5)
    assert method.report()["parts"] >= 3
    assert adjusted_rand_score(y, method.labels(data)) == 1
    two, _ = trained("spectral", data, 2, neighbors=5)
    # Asked for fewer groups than there are parts: two of them go together as wholes.
    assert len({*zip(y.tolist(), two.labels(data).tolist(), strict=True)}) == 3


@pytest.mark.parametrize("k", [None, 1, 2, 3])
def test_tiny_data(k):
    for x in (np.eye(3), np.arange(4.0)[:, None], np.repeat(np.arange(3.0), 10)[:, None]):
        data = rows(x)
        outcome = evaluate(trained("spectral", data, k)[0], data)
        assert len(np.unique(outcome.labels)) == (k or outcome.report["groups"])
        assert np.isfinite(outcome.embedding).all()


def test_what_cannot_be():
    with pytest.raises(InputError, match="one sample alone"):
        trained("spectral", rows(np.ones((1, 3))), 1)
    with pytest.raises(InputError, match="All 9 rows are equal"):
        trained("spectral", rows(np.ones((9, 3))), None)
    with pytest.raises(InputError, match="5 groups cannot be made of 3 rows"):
        trained("spectral", rows(np.eye(3)), 5)
