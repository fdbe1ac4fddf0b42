"""Principal axes with unit variance along each (whitening): noise of large variance no longer hides clusters.

References
----------
K. Pearson, Philosophical Magazine 2, 1901, "On Lines and Planes of Closest Fit to Systems of Points in Space".
"""

from dataclasses import dataclass

import numpy as np
import torch
from sklearn.decomposition import PCA
from torch import Tensor

from engine.clusters.kmeans import seed

KEPT = 0.9
"""Share of the variance that whitened axes hold together, at least."""
MOST = 200
"""Axes at most: what turns them afterwards takes time that grows with their cube."""
WHOLE = 20
"""Axes that are kept whatever their variance: the little that they hold may be the groups."""
ROWS = 10
"""Rows that a whitened axis needs: evened out on fewer, all rows come to lie equally far from each other."""
FLAT = 1e-6
"""Share of the first axis's variance below which an axis is but rounding."""
THIN = 1000
"""Columns up to which all is computed in float64."""


@dataclass(frozen=True)
class Axes:
    """Rows x along the axes are z = (x - mean) @ projection; the nearest points to x that have them are z @ inverse + mean."""

    mean: Tensor
    """[d]"""
    projection: Tensor
    """[d, axes]"""
    inverse: Tensor
    """[axes, d]"""


def principal_axes(x: Tensor, whiten: bool, least: int = 1) -> Axes:
    """Principal axes, whitened or not.

    Whitened are as many as hold `KEPT` of the variance, and at least `WHOLE`, as far as there are `ROWS` rows for each, but
    `least` in any case; else all that have any variance. Never more than `MOST`, or than there are.

    Parameters
    ----------
    x : Tensor of shape (n, ...)
        Rows, n >= 2, flattened to (n, d).
    whiten : bool
        Whether the rows have variance 1 along each axis.
    least : int
        Whitened axes at least.

    Returns
    -------
    Axes
        In float32.

    Examples
    --------
    >>> import torch
    >>> axes = principal_axes(torch.tensor([[1.0, 0.0], [1.0, 4.0]]), True)
    >>> axes.mean.tolist(), axes.projection.abs().flatten().round(decimals=4).tolist()  # 1 / sqrt(8)
    ([1.0, 2.0], [0.0, 0.353...])
    """
    rows = x.detach().flatten(1)
    rows = rows.double() if rows.shape[1] <= THIN else rows.float()
    mean = rows.mean(0)
    with np.errstate(invalid="ignore"):  # of rows that are all equal, no axis has a share of the variance
        found = PCA(min(MOST, *rows.shape), random_state=seed()).fit((rows - mean).cpu().numpy())
    variance = torch.from_numpy(found.explained_variance_)
    real = max(1, int((variance > FLAT * variance[0]).sum()))
    count = real
    if whiten:
        enough = int((found.explained_variance_ratio_.cumsum() < KEPT).sum()) + 1
        count = min(real, max(least, min(max(enough, WHOLE), len(x) // ROWS)))
    components = torch.from_numpy(found.components_)[:count]
    spread = variance[:count].sqrt() if whiten and variance[0] > 0 else torch.ones(count)
    parts = (mean, components.T / spread, components * spread.unsqueeze(1))
    return Axes(*(part.to(x.device, torch.float32) for part in parts))
