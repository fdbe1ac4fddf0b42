"""Gaussian mixtures by expectation-maximization (Dempster, Laird, Rubin 1977), fitted by scikit-learn, kept as tensors."""

import math
import warnings
from dataclasses import dataclass

import numpy as np
import torch
from sklearn.exceptions import ConvergenceWarning
from sklearn.mixture import GaussianMixture
from torch import Tensor

from engine.clusters.kmeans import seed
from engine.core.errors import InputError


@dataclass(frozen=True)
class Mixture:
    """A fitted mixture. With y = (x - mean) @ factor, |y|^2 is the Mahalanobis distance of x; float64."""

    log_weights: Tensor
    """[k]"""
    means: Tensor
    """[k, d]"""
    factors: Tensor
    """[k or 1, d, d] Cholesky factors of the precisions; [k, d] inverse standard deviations where they are diagonal."""
    bic: float
    """-2 log-likelihood + p log n: lower is better."""
    log_likelihood: float
    """Mean over samples."""


def gaussian_mixture(
    x: Tensor,
    k: int,
    covariance: str,
    *,
    regularization: float,
    tolerance: float,
    rounds: int,
    labels: Tensor | None = None,
) -> Mixture:
    """One start of EM on `x` [n, d] from `labels` [n] or k-means; `covariance` is full, tied, diag or spherical.

    InputError where a component shrinks to nothing.
    """
    points = x.detach().flatten(1).double().cpu().numpy()
    model = GaussianMixture(
        k, covariance_type=covariance, reg_covar=regularization, tol=tolerance, max_iter=rounds, random_state=seed()
    )
    if labels is not None:
        model.set_params(**_start(points, labels.cpu().numpy(), model))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        try:
            model.fit(points)
        except ValueError as error:
            raise InputError(
                f"A mixture of {k} groups shrank to almost nothing in some direction: "
                "choose a larger smoothing, a simpler shape of the groups, or fewer groups."
            ) from error
    return Mixture(
        torch.from_numpy(np.log(model.weights_)).to(x.device),
        torch.from_numpy(model.means_).to(x.device),
        torch.from_numpy(_factors(model)).to(x.device),
        float(model.bic(points)),
        float(model.score(points)),
    )


def _start(points: np.ndarray, labels: np.ndarray, model: GaussianMixture) -> dict[str, np.ndarray]:
    """Weights, means and precisions of the groups as they are; groups without members count as one at the middle."""
    counts = np.bincount(labels, minlength=model.n_components)
    groups = [points[labels == group] if count else points.mean(0, keepdims=True) for group, count in enumerate(counts)]
    weights = counts.clip(1) / counts.clip(1).sum()
    if model.covariance_type in ("full", "tied"):
        eye = np.eye(points.shape[1])
        spreads = np.stack([np.atleast_2d(np.cov(own.T, bias=True)) + model.reg_covar * eye for own in groups])
        within = np.average(spreads, axis=0, weights=weights)
        precisions = np.linalg.inv(spreads if model.covariance_type == "full" else within)
    else:
        sides = np.stack([own.var(0) + model.reg_covar for own in groups])
        precisions = 1 / (sides if model.covariance_type == "diag" else sides.mean(1))
    means = np.stack([own.mean(0) for own in groups])
    return {"weights_init": weights, "means_init": means, "precisions_init": precisions}


def _factors(model: GaussianMixture) -> np.ndarray:
    found = np.asarray(model.precisions_cholesky_)
    if model.covariance_type == "tied":
        return found[None]
    if model.covariance_type == "spherical":
        return np.repeat(found[:, None], model.n_features_in_, axis=1)
    return found


def covariances(mixture: Mixture) -> Tensor:
    """[k, d, d] of the groups."""
    factors = mixture.factors.diag_embed() if mixture.factors.dim() == 2 else mixture.factors
    inverse = torch.linalg.inv(factors)
    found: Tensor = inverse.mT @ inverse
    return found.expand(len(mixture.means), -1, -1)


def unwhitened(y: Tensor, factor: Tensor) -> Tensor:
    """[n, d] with mean 0 and covariance 1 -> the same with mean 0 and the covariance that `factor` [d] or [d, d] whitens."""
    if factor.dim() == 1:
        return y / factor
    found: Tensor = torch.linalg.solve(factor, y, left=False)
    return found


def log_joint(x: Tensor, log_weights: Tensor, means: Tensor, factors: Tensor) -> Tensor:
    """[n, d] -> [n, k] log of weight times density, in float64."""
    x = x.flatten(1).double()
    if factors.dim() == 2:
        away = torch.stack([((x - m) * f).square().sum(1) for m, f in zip(means, factors, strict=True)], 1)
        volume = factors.log().sum(1)
    else:
        each = factors.expand(len(means), -1, -1)
        away = torch.stack([((x - m) @ f).square().sum(1) for m, f in zip(means, each, strict=True)], 1)
        volume = factors.diagonal(dim1=1, dim2=2).log().sum(1)
    return log_weights + volume - (away + x.shape[1] * math.log(2 * math.pi)) / 2
