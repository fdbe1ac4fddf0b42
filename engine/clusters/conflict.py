"""Confident and conflicting memberships, and samples that stand for clusters.

References
----------
N. Mrabah, N. M. Khan, R. Ksantini, Z. Lachiri, Neural Networks 130, 2020, "Deep Clustering with a Dynamic Autoencoder: From
Reconstruction towards Centroids Construction" (DynAE).
"""

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
    """Membership above which a sample counts as confident (beta 1).

    Parameters
    ----------
    k : int
        Number of clusters.
    lowered : int
        How often the threshold has been lowered, each time by a tenth of its first value.

    Returns
    -------
    float
        From 0 to 0.75.

    Examples
    --------
    >>> threshold(4, 0), threshold(10, 5)  # 3 / 4; half of 3 / 10
    (0.75, 0.15)
    """
    return min(SURE / k, SUREST) * max(0.0, 1 - LOWERED * lowered)


def conflicted(q: Tensor, sure: float) -> Tensor:
    """Samples whose cluster is not clear.

    Parameters
    ----------
    q : Tensor of shape (n, k)
        Memberships. With one cluster, the second largest membership is taken as 0.
    sure : float
        Confidence threshold.

    Returns
    -------
    Tensor of shape (n,), bool
        Where the largest membership is at most `sure`, or exceeds the second by at most `sure / 2`.

    Examples
    --------
    >>> import torch
    >>> conflicted(torch.tensor([[0.9, 0.1], [0.6, 0.4]]), 0.5)
    tensor([False,  True])
    """
    first = q.amax(1)
    second = q.topk(2, 1).values[:, 1] if q.shape[1] > 1 else torch.zeros_like(first)
    return (first <= sure) | (first - second <= sure / 2)


def nearest_samples(centers: Tensor, z: Tensor) -> Tensor:
    """Sample nearest to each center.

    Parameters
    ----------
    centers : Tensor of shape (k, d)
    z : Tensor of shape (n, d)
        Codes.

    Returns
    -------
    Tensor of shape (k, d)
        Rows of `z`.

    Examples
    --------
    >>> import torch
    >>> nearest_samples(torch.tensor([[0.4]]), torch.tensor([[0.0], [1.0]]))
    tensor([[0.]])
    """
    return z[nearest(centers, z)[0][:, 0]]


def recluster(z: Tensor, before: Tensor) -> Tensor:
    """Samples nearest to new k-means centers, in the order of the previous centers.

    Parameters
    ----------
    z : Tensor of shape (n, d)
        Codes.
    before : Tensor of shape (k, d)
        Previous centers.

    Returns
    -------
    Tensor of shape (k, d)
        Rows of `z`; `before` itself where fewer than k codes differ.

    Examples
    --------
    >>> import torch
    >>> z = torch.tensor([[0.0], [0.1], [0.2], [5.0], [5.1], [5.2]])
    >>> recluster(z, torch.tensor([[6.0], [1.0]]))
    tensor([[5.1000],
            [0.1000]])
    """
    try:
        centers = kmeans(z, len(before), RESTARTS)[0]
    except InputError:
        return before
    return nearest_samples(match_centers(centers, before), z)


def match_centers(centers: Tensor, before: Tensor) -> Tensor:
    """Centers reordered to match previous ones, by the Hungarian method on squared distances: a cluster keeps its number.

    Parameters
    ----------
    centers, before : Tensor of shape (k, d)
        New and previous centers.

    Returns
    -------
    Tensor of shape (k, d)
        The rows of `centers`, reordered.

    Examples
    --------
    >>> import torch
    >>> match_centers(torch.tensor([[5.0], [0.0]]), torch.tensor([[1.0], [4.0]]))
    tensor([[0.],
            [5.]])
    """
    away = torch.cdist(before.double(), centers.double()).square()
    order = linear_sum_assignment(away.cpu().numpy())[1]
    return centers[torch.from_numpy(order).to(centers.device)]
