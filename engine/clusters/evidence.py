"""Criteria that a cluster is two: a better BIC, not normal along the line between its halves, or more than one mode.

References
----------
D. Pelleg, A. Moore, ICML 2000, "X-means: Extending K-means with Efficient Estimation of the Number of Clusters".
T. W. Anderson, D. A. Darling, J. Am. Stat. Assoc. 49, 1954, "A Test of Goodness of Fit".
R. B. D'Agostino, M. A. Stephens, "Goodness-of-Fit Techniques", 1986, table 4.9 (p-values).
A. Kalogeratos, A. Likas, NIPS 2012, "Dip-means: An Incremental Clustering Method for Estimating the Number of Clusters".
T. Chamalis, A. Likas, SETN 2018, "The Projected Dip-means Clustering Algorithm".
"""

import math
import sys

import numpy as np
import numpy.typing as npt
import torch
from scipy.special import log_ndtr
from torch import Tensor

from engine.clusters.dip import dip, p_value

TESTED = 1000
"""Members on which a test is made at most: of more, the slightest deviation would be significant."""
FEWEST = 8
"""Members below which no test of normality says anything (its probabilities are tabulated from here on)."""
SPLIT_VIEWERS = 0.01
"""Share of viewers that must see more than one heap."""
DIRECTIONS = 50
"""Random directions that are looked along, and principal ones, at most."""

Floats = npt.NDArray[np.float64]


def subsample(members: Tensor) -> Tensor:
    """Up to `TESTED` rows of `members` [m, d], drawn at random."""
    if len(members) <= TESTED:
        return members
    return members[torch.randperm(len(members))[:TESTED].sort().values.to(members.device)]


def bic(scatter: float, sizes: Tensor, columns: int) -> float:
    """Bayesian information criterion of clusters that are spherical Gaussians of one variance: log-likelihood - p/2 log R.

    Parameters
    ----------
    scatter : float
        Sum of squared distances to the centroids.
    sizes : Tensor of shape (k,), int64
        Members of each cluster, R in all.
    columns : int
        Dimension d of the samples. There are p = k (d + 1) parameters: k - 1 weights, k d of the centroids, one variance.

    Returns
    -------
    float
        Higher is better; minus infinity where there are no more samples than clusters.

    Examples
    --------
    >>> import torch
    >>> bic(1.0, torch.tensor([1, 1]), 1)
    -inf
    >>> sizes = torch.tensor([4])
    >>> bic(1.0, sizes, 1) > bic(2.0, sizes, 1)
    True
    """
    k, rows = len(sizes), int(sizes.sum())
    if rows <= k:
        return -math.inf
    variance = max(scatter / (columns * (rows - k)), sys.float_info.min)
    full = sizes[sizes > 0].double()
    mixing = float((full * (full / rows).log()).sum())
    fit = rows * columns * math.log(2 * math.pi * variance) + columns * (rows - k)
    return mixing - fit / 2 - k * (columns + 1) / 2 * math.log(rows)


def scatter(points: Tensor, labels: Tensor, k: int) -> float:
    """Within-cluster sum of squares.

    Parameters
    ----------
    points : Tensor of shape (n, d)
    labels : Tensor of shape (n,), int64
    k : int
        Number of clusters.

    Returns
    -------
    float

    Examples
    --------
    >>> import torch
    >>> scatter(torch.tensor([[0.0], [2.0], [9.0]]), torch.tensor([0, 0, 1]), 2)
    2.0
    """
    total = 0.0
    for group in range(k):
        own = points[labels == group].double()
        total += float((own - own.mean(0)).square().sum()) if len(own) else 0.0
    return total


def bic_gain(members: Tensor, side: Tensor) -> float:
    """Increase of the BIC where a cluster becomes two.

    Parameters
    ----------
    members : Tensor of shape (m, d)
    side : Tensor of shape (m,), bool
        The half of each member.

    Returns
    -------
    float
        Positive where two are better; 0 where there are too few members for either.

    Examples
    --------
    >>> import torch
    >>> members = torch.tensor([[0.0], [0.1], [0.2], [9.0], [9.1], [9.2]])
    >>> bic_gain(members, members[:, 0] > 5) > 0
    True
    """
    halves, columns = side.long(), members.shape[1]
    one = bic(scatter(members, halves * 0, 1), torch.tensor([len(side)]), columns)
    two = bic(scatter(members, halves, 2), halves.bincount(minlength=2).cpu(), columns)
    return two - one if math.isfinite(one) else 0.0


def anderson_darling(x: Floats) -> float:
    """Anderson-Darling statistic against a normal distribution of unknown mean and variance, corrected for small n.

    Parameters
    ----------
    x : ndarray of shape (n,), float64

    Returns
    -------
    float
        Larger is less normal.

    Examples
    --------
    >>> import numpy as np
    >>> anderson_darling(np.repeat([0.0, 1.0], 50)) > 10 > 1 > anderson_darling(np.array([-2.0, -1.0, 0.0, 1.0, 2.0]))
    True
    """
    n = len(x)
    y = (np.sort(x) - x.mean()) / x.std(ddof=1)
    odd = np.arange(1, 2 * n, 2)
    distance = -n - float((odd * (log_ndtr(y) + log_ndtr(-y[::-1]))).mean())
    return distance * (1 + 0.75 / n + 2.25 / n**2)


def normal_probability(distance: float) -> float:
    """p-value of an Anderson-Darling statistic.

    Parameters
    ----------
    distance : float
        As of `anderson_darling`.

    Returns
    -------
    float
        From 0 to 1; taken as 1 for statistics below 0.6, which no test would call significant.

    Examples
    --------
    >>> normal_probability(0.5)
    1.0
    >>> round(normal_probability(0.752), 2)  # the 5 % point of the table
    0.05
    """
    if distance < 0.6:
        return 1.0
    a = min(distance, 150.0)  # at 153 the fitted parabola turns and would call the clearest cases normal
    return math.exp(1.2937 - 5.709 * a + 0.0186 * a * a)


def normality_evidence(members: Tensor, side: Tensor, significance: float) -> float:
    """Anderson-Darling statistic of a cluster along the line between the means of its halves (G-means).

    Parameters
    ----------
    members : Tensor of shape (m, d)
    side : Tensor of shape (m,), bool
        The half of each member.
    significance : float
        Level of the test.

    Returns
    -------
    float
        The statistic where it is significant, else 0.

    Examples
    --------
    >>> import torch
    >>> members = torch.tensor([[0.0], [1.0]]).repeat(50, 1)
    >>> normality_evidence(members, members[:, 0] > 0.5, 0.001) > 10
    True
    """
    line = members[side].mean(0) - members[~side].mean(0)
    x = (subsample(members) @ line).double().cpu().numpy()
    if len(x) < FEWEST or x.std() <= 1e-9 * np.abs(x).max():
        return 0.0
    distance = anderson_darling(x)
    return distance if normal_probability(distance) < significance else 0.0


def jitter_ties(members: Tensor) -> Tensor:
    """Members whose equal values in a column are drawn apart at random, by the smallest gap between different ones.

    Otherwise integers would have as many modes as values.

    Parameters
    ----------
    members : Tensor of shape (m, d)
        m >= 2.

    Returns
    -------
    Tensor of shape (m, d)

    Examples
    --------
    >>> import torch
    >>> len(jitter_ties(torch.tensor([[1.0], [1.0], [2.0]])).unique())
    3
    """
    gaps = members.sort(0).values.diff(dim=0)
    smallest = gaps.masked_fill(gaps == 0, torch.inf).amin(0)
    width = torch.where((gaps == 0).any(0) & smallest.isfinite(), smallest, 0.0)
    return members + (torch.rand(members.shape, dtype=members.dtype).to(members) - 0.5) * width


def viewer_evidence(members: Tensor, significance: float) -> float:
    """Mean dip of the members whose distances to the others have more than one mode (dip-means).

    Each of a sample of members is a viewer, and looks at its distances to the rest of the sample.

    Parameters
    ----------
    members : Tensor of shape (m, d)
    significance : float
        Level of each viewer's test.

    Returns
    -------
    float
        0 where at most one viewer in a hundred sees more than one mode.

    Examples
    --------
    >>> import torch
    >>> spread = torch.linspace(0, 1, 30).unsqueeze(1)
    >>> viewer_evidence(torch.cat([spread, spread + 100]), 0.01) > 0.1
    True
    >>> viewer_evidence(spread, 1e-6)
    0.0
    """
    x = jitter_ties(subsample(members).double())
    away = torch.cdist(x, x, compute_mode="donot_use_mm_for_euclid_dist").sort(1).values[:, 1:].cpu().numpy()
    dips = [found for row in away if (found := _significant(row, significance))]
    return float(np.mean(dips)) if len(dips) > SPLIT_VIEWERS * len(x) else 0.0


def projection_evidence(members: Tensor, significance: float) -> float:
    """Largest significant dip along columns, principal and random directions (projected dip-means).

    Parameters
    ----------
    members : Tensor of shape (m, d)
    significance : float
        Level of the test, shared by the directions (Bonferroni).

    Returns
    -------
    float
        0 where no direction has more than one mode.

    Examples
    --------
    >>> import torch
    >>> spread = torch.linspace(0, 1, 30).unsqueeze(1)
    >>> projection_evidence(torch.cat([spread, spread + 100]), 0.01) > 0.1
    True
    """
    x = jitter_ties(subsample(members).double())
    x = x - x.mean(0)
    count = min(DIRECTIONS, x.shape[1])
    principal = torch.linalg.svd(x, full_matrices=False)[2][:count].T
    random = torch.randn(x.shape[1], count, dtype=torch.float64).to(x.device)
    views = torch.cat([x, x @ principal, x @ random], 1).T.sort(1).values.cpu().numpy()
    return max(_significant(row, significance / len(views)) for row in views)


def _significant(x: Floats, significance: float) -> float:
    """The dip of sorted numbers where they are more than one heap, else 0."""
    value = dip(x).value if len(x) else 0.0
    return value if p_value(value, len(x)) < significance else 0.0
