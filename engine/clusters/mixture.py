"""Gaussian mixtures by expectation-maximization, fitted by scikit-learn and returned as tensors.

References
----------
A. P. Dempster, N. M. Laird, D. B. Rubin, Journal of the Royal Statistical Society B 39, 1977, "Maximum Likelihood from Incomplete
Data via the EM Algorithm".
"""

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
    """Fit a Gaussian mixture by one run of EM.

    Parameters
    ----------
    x : Tensor of shape (n, ...)
        Samples, flattened to (n, d).
    k : int
        Number of components.
    covariance : {"full", "tied", "diag", "spherical"}
    regularization : float
        Added to the diagonal of each covariance.
    tolerance : float
        Gain of the mean log-likelihood below which EM stops.
    rounds : int
        Iterations at most.
    labels : Tensor of shape (n,), int64, optional
        Clusters to start from; those of k-means by default.

    Returns
    -------
    Mixture

    Raises
    ------
    InputError
        Where a component shrinks to a point in some direction.

    Examples
    --------
    >>> import torch
    >>> x = torch.tensor([[0.0], [2.0], [98.0], [100.0]])
    >>> found = gaussian_mixture(
    ...     x, 2, "full", regularization=1e-6, tolerance=1e-3, rounds=50, labels=torch.tensor([0, 0, 1, 1])
    ... )
    >>> found.means.flatten().round(decimals=3).tolist(), found.log_weights.exp().round(decimals=3).tolist()
    ([1.0, 99.0], [0.5, 0.5])
    """
    points = x.detach().flatten(1).double().cpu().numpy()
    model = GaussianMixture(
        k, covariance_type=covariance, reg_covar=regularization, tol=tolerance, max_iter=rounds, random_state=seed()
    )
    if labels is not None:
        model.set_params(**_start(points, labels.cpu().numpy(), model))
    _fit(model, points)
    return Mixture(
        torch.from_numpy(np.log(model.weights_)).to(x.device),
        torch.from_numpy(model.means_).to(x.device),
        torch.from_numpy(_factors(model)).to(x.device),
        float(model.bic(points)),
        float(model.score(points)),
    )


def _fit(model: GaussianMixture, points: np.ndarray) -> None:
    """Run EM on points [n, d]; InputError where a component shrinks to a point in some direction."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        try:
            model.fit(points)
        except ValueError as error:
            raise InputError(
                f"A mixture of {model.n_components} groups shrank to almost nothing in some direction: "
                "choose a larger smoothing, a simpler shape of the groups, or fewer groups."
            ) from error


def _start(points: np.ndarray, labels: np.ndarray, model: GaussianMixture) -> dict[str, np.ndarray]:
    """Weights, means and precisions of the groups as they are; a group without members counts as one sample at the mean."""
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
    """Covariance matrix of each component.

    Parameters
    ----------
    mixture : Mixture

    Returns
    -------
    Tensor of shape (k, d, d), float64

    Examples
    --------
    >>> import torch
    >>> zero = torch.zeros(1, dtype=torch.float64)
    >>> covariances(Mixture(zero, zero.view(1, 1), zero.view(1, 1) + 0.5, 0.0, 0.0))  # 1 / 0.5^2
    tensor([[[4.]]], dtype=torch.float64)
    """
    factors = mixture.factors.diag_embed() if mixture.factors.dim() == 2 else mixture.factors
    inverse = torch.linalg.inv(factors)
    found: Tensor = inverse.mT @ inverse
    return found.expand(len(mixture.means), -1, -1)


def unwhiten(y: Tensor, factor: Tensor) -> Tensor:
    """Samples of mean 0 and unit covariance, given the covariance of a component.

    Parameters
    ----------
    y : Tensor of shape (n, d)
    factor : Tensor of shape (d, d) or (d,)
        Cholesky factor of the precision, or inverse standard deviations.

    Returns
    -------
    Tensor of shape (n, d)

    Examples
    --------
    >>> import torch
    >>> unwhiten(torch.tensor([[1.0]]), torch.tensor([0.5]))
    tensor([[2.]])
    """
    if factor.dim() == 1:
        return y / factor
    found: Tensor = torch.linalg.solve(factor, y, left=False)
    return found


def log_joint(x: Tensor, log_weights: Tensor, means: Tensor, factors: Tensor) -> Tensor:
    """Logarithm of weight times density of each component.

    Parameters
    ----------
    x : Tensor of shape (n, ...)
        Samples, flattened to (n, d).
    log_weights : Tensor of shape (k,)
    means : Tensor of shape (k, d)
    factors : Tensor of shape (k or 1, d, d) or (k, d)
        As of `Mixture`.

    Returns
    -------
    Tensor of shape (n, k), float64

    Examples
    --------
    >>> import torch
    >>> one = torch.ones(1, 1, dtype=torch.float64)
    >>> log_joint(torch.zeros(1, 1), torch.zeros(1), 0 * one, one)  # -log(2 pi) / 2
    tensor([[-0.9189]], dtype=torch.float64)
    """
    x = x.flatten(1).double()
    if factors.dim() == 2:
        away = torch.stack([((x - m) * f).square().sum(1) for m, f in zip(means, factors, strict=True)], 1)
        volume = factors.log().sum(1)
    else:
        each = factors.expand(len(means), -1, -1)
        away = torch.stack([((x - m) @ f).square().sum(1) for m, f in zip(means, each, strict=True)], 1)
        volume = factors.diagonal(dim1=1, dim2=2).log().sum(1)
    return log_weights + volume - (away + x.shape[1] * math.log(2 * math.pi)) / 2
