"""Mixture densities against SciPy, BIC by its formula."""

import math

import numpy as np
import pytest
import torch
from scipy.stats import multivariate_normal
from sklearn.mixture import GaussianMixture

from engine.clusters.mixture import gaussian_mixture, log_joint
from engine.errors import InputError

LIMITS = {"regularization": 1e-3, "tolerance": 1e-4, "rounds": 200}
SHAPES = ["full", "tied", "diag", "spherical"]


@pytest.fixture(scope="module")
def points() -> torch.Tensor:
    draw = np.random.default_rng(0)
    parts = [draw.normal(center, [1.0, 0.3, 0.6], (80, 3)) for center in ((0, 0, 0), (4, 1, 0), (0, 4, 4))]
    return torch.from_numpy(np.concatenate(parts).astype(np.float32))


@pytest.mark.parametrize("shape", SHAPES)
def test_density_and_bic_by_scipy(points, shape, monkeypatch):
    fitted = []
    fit = GaussianMixture.fit
    monkeypatch.setattr(GaussianMixture, "fit", lambda self, x: fitted.append(fit(self, x)))
    found = gaussian_mixture(points, 3, shape, **LIMITS)
    model, x = fitted[0], points.double().numpy()
    covariances = {
        "full": lambda k: model.covariances_[k],
        "tied": lambda k: model.covariances_,
        "diag": lambda k: np.diag(model.covariances_[k]),
        "spherical": lambda k: model.covariances_[k] * np.eye(3),
    }[shape]
    slow = np.stack(
        [np.log(model.weights_[k]) + multivariate_normal(model.means_[k], covariances(k)).logpdf(x) for k in range(3)],
        1,
    )
    joint = log_joint(points, found.log_weights, found.means, found.factors)
    np.testing.assert_allclose(joint.numpy(), slow, rtol=1e-9)
    free = 2 + 9 + {"full": 18, "tied": 6, "diag": 9, "spherical": 3}[shape]
    likelihood = np.logaddexp.reduce(slow, 1).sum()
    assert found.bic == pytest.approx(-2 * likelihood + free * math.log(len(x)))
    assert found.log_likelihood == pytest.approx(likelihood / len(x))


def test_starts_that_do_not_settle_raise_no_warning(points):
    found = gaussian_mixture(points, 5, "full", regularization=1e-6, tolerance=0.0, rounds=2)
    assert torch.isfinite(found.means).all()


def test_collapse_is_a_sentence(points):
    flat = (points[:, :1] * torch.tensor([[1e6, 1e6, 1e6]])).float()
    with pytest.raises(InputError, match="choose a larger smoothing"):
        gaussian_mixture(flat, 3, "full", regularization=1e-9, tolerance=1e-3, rounds=50)
