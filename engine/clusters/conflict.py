"""Who belongs clearly to one group, and the members that stand for groups (Mrabah, Khan, Ksantini & Lachiri 2020, DynAE)."""

import torch
from scipy.optimize import linear_sum_assignment
from torch import Tensor

from engine.clusters.kmeans import kmeans
from engine.clusters.neighbors import nearest
from engine.core.errors import InputError

SURE, SUREST = 3.0, 0.75
"""A clear membership is at first above so many times an equal share (kappa), and above the latter at most."""
LOWERED = 0.1
"""Share of its first value by which the threshold falls each time."""
RESTARTS = 10


def threshold(k: int, lowered: int) -> float:
    """What a membership in one of k groups must be above to be clear, once the threshold has fallen so often (beta 1)."""
    return min(SURE / k, SUREST) * max(0.0, 1 - LOWERED * lowered)


def conflicted(q: Tensor, sure: float) -> Tensor:
    """[n] bool: memberships q [n, k] whose largest is not above `sure`, or not above the second by more than half of that.

    Of a single group, the second is 0.
    """
    first = q.amax(1)
    second = q.topk(2, 1).values[:, 1] if q.shape[1] > 1 else torch.zeros_like(first)
    return (first <= sure) | (first - second <= sure / 2)


def snapped(centers: Tensor, z: Tensor) -> Tensor:
    """[k, d] for each of the centers [k, d] the nearest of the codes z [n, d]."""
    return z[nearest(centers, z)[0][:, 0]]


def regrouped(z: Tensor, before: Tensor) -> Tensor:
    """[k, d] members of z [n, d] that stand for its groups by k-means, in the order of `before` [k, d] (`renumbered`).

    It is `before` where fewer codes than groups still differ.
    """
    try:
        centers = kmeans(z, len(before), RESTARTS)[0]
    except InputError:
        return before
    return snapped(renumbered(centers, before), z)


def renumbered(centers: Tensor, before: Tensor) -> Tensor:
    """The centers [k, d] in the order that brings them nearest to those of `before` [k, d]: a group keeps its number."""
    away = torch.cdist(before.double(), centers.double()).square()
    order = linear_sum_assignment(away.cpu().numpy())[1]
    return centers[torch.from_numpy(order).to(centers.device)]
