"""Evidence that a group is two: better by BIC, not normal along the line between its halves, or with a dip.

D. Pelleg, A. Moore, ICML 2000; T. W. Anderson, D. A. Darling, J. Am. Stat. Assoc. 49, 1954, with the probabilities of
R. B. D'Agostino, M. A. Stephens, "Goodness-of-Fit Techniques", 1986, table 4.9; A. Kalogeratos, A. Likas, NIPS 2012;
T. Chamalis, A. Likas, SETN 2018.
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


def some(members: Tensor) -> Tensor:
    """Up to `TESTED` of `members` [m, d], drawn at random."""
    if len(members) <= TESTED:
        return members
    return members[torch.randperm(len(members))[:TESTED].sort().values.to(members.device)]


def bic(scatter: float, sizes: Tensor, columns: int) -> float:
    """log-likelihood - p/2 log R of R rows in groups of `sizes` [k], each a ball of the same width; higher is better.

    `scatter` is the sum of squared distances to the centers. The balls' variance is scatter / (columns (R - k)), and
    p = k (columns + 1): k - 1 weights, k centers, one variance. Minus infinity where there are no more rows than groups.
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
    """Sum of squared distances of `points` [n, d] to the mean of their group."""
    total = 0.0
    for group in range(k):
        own = points[labels == group].double()
        total += float((own - own.mean(0)).square().sum()) if len(own) else 0.0
    return total


def bic_gain(members: Tensor, side: Tensor) -> float:
    """By how much the BIC of `members` [m, d] as two halves (`side` [m] bool) is higher than as one group."""
    halves, columns = side.long(), members.shape[1]
    one = bic(scatter(members, halves * 0, 1), torch.tensor([len(side)]), columns)
    two = bic(scatter(members, halves, 2), halves.bincount(minlength=2).cpu(), columns)
    return two - one if math.isfinite(one) else 0.0


def anderson_darling(x: Floats) -> float:
    """The distance of numbers [n] from a normal distribution of unknown mean and variance, corrected for small n."""
    n = len(x)
    y = (np.sort(x) - x.mean()) / x.std(ddof=1)
    odd = np.arange(1, 2 * n, 2)
    distance = -n - float((odd * (log_ndtr(y) + log_ndtr(-y[::-1]))).mean())
    return distance * (1 + 0.75 / n + 2.25 / n**2)


def normal_probability(distance: float) -> float:
    """How often normal numbers are as far from normal as this `anderson_darling` distance; 1 below 0.6, where nobody asks."""
    if distance < 0.6:
        return 1.0
    a = min(distance, 150.0)  # at 153 the fitted parabola turns and would call the clearest cases normal
    return math.exp(1.2937 - 5.709 * a + 0.0186 * a * a)


def not_normal(members: Tensor, side: Tensor, significance: float) -> float:
    """The Anderson-Darling distance along the line between the means of the halves where it is significant, else 0."""
    line = members[side].mean(0) - members[~side].mean(0)
    x = (some(members) @ line).double().cpu().numpy()
    if len(x) < FEWEST or x.std() <= 1e-9 * np.abs(x).max():
        return 0.0
    distance = anderson_darling(x)
    return distance if normal_probability(distance) < significance else 0.0


def loose(members: Tensor) -> Tensor:
    """Members [m >= 2, d] whose equal values in a column are drawn apart at random, by its smallest gap between different ones.

    Whole numbers would otherwise be as many heaps as there are values.
    """
    gaps = members.sort(0).values.diff(dim=0)
    smallest = gaps.masked_fill(gaps == 0, torch.inf).amin(0)
    width = torch.where((gaps == 0).any(0) & smallest.isfinite(), smallest, 0.0)
    return members + (torch.rand(members.shape, dtype=members.dtype).to(members) - 0.5) * width


def seen_apart(members: Tensor, significance: float) -> float:
    """Mean dip of the viewers who see more than one heap, 0 where they are too few.

    A viewer is a member that looks at its distances to the others; viewers and others are the same sample of members.
    """
    x = loose(some(members).double())
    away = torch.cdist(x, x, compute_mode="donot_use_mm_for_euclid_dist").sort(1).values[:, 1:].cpu().numpy()
    dips = [found for row in away if (found := _significant(row, significance))]
    return float(np.mean(dips)) if len(dips) > SPLIT_VIEWERS * len(x) else 0.0


def dips_along(members: Tensor, significance: float) -> float:
    """The deepest significant dip along columns, principal and random directions, 0 where there is none.

    The significance is shared by the directions: with many of them, one is always a little out of the ordinary.
    """
    x = loose(some(members).double())
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
