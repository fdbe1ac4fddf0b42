"""Principal and independent components.

References
----------
K. Pearson, Philosophical Magazine 2, 1901, "On Lines and Planes of Closest Fit to Systems of Points in Space".
A. Hyvärinen, IEEE Transactions on Neural Networks 10, 1999, "Fast and Robust Fixed-Point Algorithms for Independent Component
Analysis".
"""

import warnings

import torch
from sklearn.decomposition import FastICA
from sklearn.exceptions import ConvergenceWarning
from torch import Tensor

from engine.clusters.kmeans import seed

FLAT = 1e-10
"""Share of the largest variance below which a direction holds nothing but rounding."""


def principal_components(x: Tensor, most: int) -> tuple[Tensor, Tensor, Tensor]:
    """Directions of largest variance.

    Parameters
    ----------
    x : Tensor of shape (n, ...)
        Samples, flattened to (n, d).
    most : int
        Components at most. There is at least one, and never more than the samples vary in.

    Returns
    -------
    mean : Tensor of shape (d,), float64
    axes : Tensor of shape (d, m), float64
        Unit vectors in columns; the largest entry of each is positive, so that signs do not depend on the machine.
    variances : Tensor of shape (m,), float64
        Along each axis, descending.

    Examples
    --------
    >>> import torch
    >>> mean, axes, variances = principal_components(torch.tensor([[0.0, 1.0], [2.0, 1.0]]), 2)
    >>> mean.tolist(), axes.T.tolist(), variances.round(decimals=3).tolist()
    ([1.0, 1.0], [[1.0, 0.0]], [2.0])
    """
    points = x.detach().flatten(1).double()
    mean = points.mean(0)
    _, lengths, directions = torch.linalg.svd(points - mean, full_matrices=False)
    variances = lengths.square() / max(1, len(points) - 1)
    count = max(1, min(most, int((variances > FLAT * variances[0]).sum())))
    axes = directions[:count].T
    largest = axes.gather(0, axes.abs().argmax(0, keepdim=True))
    return mean, axes * torch.where(largest < 0, -1.0, 1.0), variances[:count]


def independent_components(x: Tensor, most: int) -> tuple[Tensor, Tensor]:
    """Directions along which the samples are statistically independent (FastICA).

    They are sought within the first `most` principal components; along each, the samples have unit variance.

    Parameters
    ----------
    x : Tensor of shape (n, ...)
        Samples, flattened to (n, d).
    most : int
        Components at most.

    Returns
    -------
    mean : Tensor of shape (d,), float64
    axes : Tensor of shape (d, m), float64

    Examples
    --------
    >>> import torch
    >>> x = torch.tensor([[0.0, 0.0], [0.0, 1.0], [2.0, 0.0], [2.0, 1.0]])
    >>> mean, axes = independent_components(x, 2)
    >>> mean.tolist(), tuple(axes.shape)
    ([1.0, 0.5], (2, 2))
    """
    mean, axes, variances = principal_components(x, most)
    axes = axes / variances.clamp_min(torch.finfo(torch.float64).tiny).sqrt()
    white = (x.detach().flatten(1).double() - mean) @ axes
    with warnings.catch_warnings():
        # What it has after its last round is still a rotation, and as good as any where nothing is independent.
        warnings.simplefilter("ignore", ConvergenceWarning)
        found = FastICA(whiten=False, max_iter=500, random_state=seed()).fit(white.cpu().numpy())
    return mean, axes @ torch.from_numpy(found.components_).to(axes).T
