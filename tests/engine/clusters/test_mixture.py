"""Mixture densities against SciPy, BIC by its formula."""

import math

import numpy as np
import pytest
import torch
from scipy.stats import multivariate_normal
from sklearn.mixture import GaussianMixture

from engine.clusters.mixture import covariances, gaussian_mixture, log_joint
from engine.core.errors import InputError

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


@pytest.mark.parametrize("shape", SHAPES)
def test_given_groups_are_where_it_starts(points, shape, monkeypatch):
    begun = []
    fit = GaussianMixture.fit
    monkeypatch.setattr(GaussianMixture, "fit", lambda self, x: begun.append(self.get_params()) or fit(self, x))
    labels = torch.arange(3).repeat_interleave(80)
    found = gaussian_mixture(points, 3, shape, labels=labels, **LIMITS)
    start, groups = begun[0], points.double().view(3, 80, 3)
    np.testing.assert_allclose(start["weights_init"], 1 / 3)
    np.testing.assert_allclose(start["means_init"], groups.mean(1), rtol=1e-6)
    each = torch.stack([torch.cov(own.T, correction=0) for own in groups]) + 1e-3 * torch.eye(3)
    wanted = {
        "full": torch.linalg.inv(each),
        "tied": torch.linalg.inv(each.mean(0)),
        "diag": 1 / each.diagonal(dim1=1, dim2=2),
        "spherical": 1 / each.diagonal(dim1=1, dim2=2).mean(1),
    }[shape]
    np.testing.assert_allclose(start["precisions_init"], wanted, rtol=1e-6)
    # Groups that are far apart stay what they are, in their order.
    joint = log_joint(points, found.log_weights, found.means, found.factors)
    assert (joint.argmax(1) == labels).float().mean() > 0.99


@pytest.mark.parametrize("shape", SHAPES)
def test_covariances_are_the_inverse_of_the_precisions(points, shape, monkeypatch):
    fitted = []
    fit = GaussianMixture.fit
    monkeypatch.setattr(GaussianMixture, "fit", lambda self, x: fitted.append(fit(self, x)))
    found = covariances(gaussian_mixture(points, 3, shape, **LIMITS))
    model = fitted[0]
    wide = {
        "full": lambda c: c,
        "tied": lambda c: np.stack([c] * 3),
        "diag": lambda c: np.stack([np.diag(own) for own in c]),
        "spherical": lambda c: np.stack([own * np.eye(3) for own in c]),
    }[shape](model.covariances_)
    np.testing.assert_allclose(found, wide, rtol=1e-6, atol=1e-9)


def test_groups_without_members_start_in_the_middle(points):
    found = gaussian_mixture(points, 4, "full", labels=torch.arange(3).repeat_interleave(80), **LIMITS)
    assert torch.isfinite(found.means).all()
    assert torch.isfinite(found.factors).all()
