"""Directions of rows: principal components (Pearson 1901) and independent ones (Hyvärinen 1999, FastICA)."""

import warnings

import torch
from sklearn.decomposition import FastICA
from sklearn.exceptions import ConvergenceWarning
from torch import Tensor

from engine.clusters.kmeans import seed

FLAT = 1e-10
"""Share of the largest variance below which a direction holds nothing but rounding."""


def principal(x: Tensor, most: int) -> tuple[Tensor, Tensor, Tensor]:
    """The mean [d], up to `most` directions [d, m] in which rows `x` [n, d] vary most, and the variances [m] there; float64.

    At least one direction, at most as many as the rows vary in. The largest entry of each is positive, whatever the machine.
    """
    points = x.detach().flatten(1).double()
    middle = points.mean(0)
    _, lengths, directions = torch.linalg.svd(points - middle, full_matrices=False)
    variances = lengths.square() / max(1, len(points) - 1)
    count = max(1, min(most, int((variances > FLAT * variances[0]).sum())))
    axes = directions[:count].T
    largest = axes.gather(0, axes.abs().argmax(0, keepdim=True))
    return middle, axes * torch.where(largest < 0, -1.0, 1.0), variances[:count]


def independent(x: Tensor, most: int) -> tuple[Tensor, Tensor]:
    """The mean [d] and directions [d, m] along which rows `x` [n, d] say least about each other; float64.

    They are sought within the first `most` principal directions; along each the rows have unit variance.
    """
    middle, axes, variances = principal(x, most)
    axes = axes / variances.clamp_min(torch.finfo(torch.float64).tiny).sqrt()
    white = (x.detach().flatten(1).double() - middle) @ axes
    with warnings.catch_warnings():
        # What it has after its last round is still a rotation, and as good as any where nothing is independent.
        warnings.simplefilter("ignore", ConvergenceWarning)
        found = FastICA(whiten=False, max_iter=500, random_state=seed()).fit(white.cpu().numpy())
    return middle, axes @ torch.from_numpy(found.components_).to(axes).T
