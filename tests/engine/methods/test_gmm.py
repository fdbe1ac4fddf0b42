"""Gaussian mixture: soft membership, the number of groups by BIC, and what it cannot do."""

import numpy as np
import pytest
import torch
from sklearn.metrics import normalized_mutual_info_score as nmi

from engine.clusters.mixture import Mixture, covariances
from engine.core.data import Data
from engine.core.errors import InputError
from engine.inference.outcome import evaluate
from tests.engine.trained import trained


@pytest.fixture(scope="module")
def clouds() -> tuple[Data, np.ndarray]:
    draw = np.random.default_rng(1)
    shapes = (((0, 0), (2, 0.3)), ((0, 3), (2, 0.3)), ((8, 0), 0.7))
    parts = [draw.normal(center, spread, (70, 2)) for center, spread in shapes]
    return Data(torch.from_numpy(np.concatenate(parts).astype(np.float32))), np.repeat([0, 1, 2], 70)


def test_stretched_clouds_are_told_apart(clouds):
    data, truth = clouds
    method, _ = trained("gmm", data, 3)
    outcome = evaluate(method, data)
    assert nmi(truth, outcome.labels) > 0.99 > nmi(truth, evaluate(trained("kmeans", data, 3)[0], data).labels)
    np.testing.assert_allclose(outcome.soft.sum(1), 1, atol=1e-6)
    np.testing.assert_array_equal(outcome.soft.argmax(1), outcome.labels)
    means = np.stack([data.x.numpy()[outcome.labels == group].mean(0) for group in range(3)])
    np.testing.assert_allclose(outcome.prototypes, means, atol=0.2)


def test_number_of_groups_by_lowest_bic(clouds):
    data, truth = clouds
    method, seen = trained("gmm", data, None, most=6, restarts=2)
    assert method.report()["groups"] == 3
    assert nmi(truth, method.labels(data)) > 0.95
    scores = [one.terms["BIC"] for one in seen]
    assert len(scores) == 5 * 2
    assert np.argmin(scores) // 2 == 1  # 2, 2, 3, 3, ...
    assert method.report()["BIC"] == pytest.approx(min(scores), rel=1e-5)
    assert seen[-1].epochs == 10


def test_range_of_numbers_ends_at_the_rows(clouds):
    data = clouds[0].take(torch.arange(0, 210, 42))
    _, seen = trained("gmm", data, None, restarts=1, most=12)
    assert len(seen) == 4  # 2 to 5


def test_shape_of_groups_follows_the_rows(clouds):
    data, _ = clouds
    assert trained("gmm", data, 3, restarts=1)[0].factors.shape == (3, 2, 2)
    few = data.take(torch.arange(0, 210, 20))
    assert trained("gmm", few, 3, restarts=1)[0].factors.shape == (3, 2)
    assert trained("gmm", data, 3, restarts=1, covariance="tied")[0].factors.shape == (1, 2, 2)


def test_digits(digits):
    x, y = digits
    method, _ = trained("gmm", Data(torch.from_numpy(x)), 10, restarts=2, covariance="full")
    assert nmi(y, method.labels(Data(torch.from_numpy(x)))) > 0.72  # k-means reaches 0.74; full shapes 0.74 to 0.87


def test_what_cannot_be(clouds):
    data, _ = clouds
    with pytest.raises(InputError, match="range of group numbers"):
        trained("gmm", data, None, fewest=5, most=4)
    with pytest.raises(InputError, match="211 groups cannot be made of 210 rows"):
        trained("gmm", data, 211)


@pytest.mark.parametrize("covariance", ["full", "tied", "diag", "spherical"])
def test_made_up_members_have_the_shape_of_their_cloud(clouds, covariance):
    method, _ = trained("gmm", clouds[0], 3, covariance=covariance)
    wanted = covariances(Mixture(method.log_weights, method.means, method.factors, 0.0, 0.0))
    for group in range(3):
        made = method.generate(group, 20_000).double()
        torch.testing.assert_close(made[0], method.means[group], atol=1e-5, rtol=0)
        torch.testing.assert_close(made.mean(0), method.means[group], atol=0.05, rtol=0)
        torch.testing.assert_close(made.T.cov(), wanted[group], atol=0.05, rtol=0.05)
