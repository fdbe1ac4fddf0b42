"""Spherical k-means, with the k-means++ start.

References
----------
I. S. Dhillon, D. S. Modha, Machine Learning 42, 2001, "Concept Decompositions for Large Sparse Text Data Using Clustering".
"""

import numpy as np
import torch
import torch.nn.functional as F
from sklearn.cluster import kmeans_plusplus
from torch import Tensor

from engine.clusters.kmeans import require, seed


def spherical_kmeans(z: Tensor, k: int, restarts: int = 10, passes: int = 300) -> tuple[Tensor, Tensor]:
    """k-means by cosine similarity: the best of several starts.

    A center that loses its members moves to the sample that fits its own center least.

    Parameters
    ----------
    z : Tensor of shape (n, ...)
        Samples, flattened to (n, d).
    k : int
        Number of clusters.
    restarts : int
    passes : int
        Iterations of a start at most.

    Returns
    -------
    centers : Tensor of shape (k, d), float32
        Of unit length.
    labels : Tensor of shape (n,), int64

    Raises
    ------
    InputError
        Where fewer than k directions differ.

    Examples
    --------
    >>> import torch
    >>> centers, labels = spherical_kmeans(torch.tensor([[1.0, 0.0], [5.0, 0.0], [0.0, 2.0]]), 2)
    >>> bool(labels[0] == labels[1] != labels[2]), sorted(centers.tolist())
    (True, [[0.0, 1.0], [1.0, 0.0]])
    """
    z = F.normalize(z.detach().float().flatten(1), dim=1)
    require(z, k)
    points = z.cpu().numpy().astype(np.float64)
    best, centers = -float("inf"), z[:k]
    for _ in range(restarts):
        start, _ = kmeans_plusplus(points, k, random_state=seed())
        found, fit = _lloyd(z, torch.from_numpy(start.astype(np.float32)).to(z.device), passes)
        if fit > best:
            best, centers = fit, found
    return centers, (z @ centers.T).argmax(1)


def _lloyd(z: Tensor, centers: Tensor, passes: int) -> tuple[Tensor, float]:
    """Centers where no label changes any more, and the mean cosine of the samples to them."""
    before = torch.full((len(z),), -1, device=z.device)
    for _ in range(passes):
        cosine, labels = (z @ centers.T).max(1)
        if torch.equal(labels, before):
            break
        before = labels
        sums = F.one_hot(labels, len(centers)).float().T @ z
        empty = labels.bincount(minlength=len(centers)) == 0
        sums[empty] = z[cosine.argsort()[: int(empty.sum())]]
        centers = F.normalize(sums, dim=1)
    return centers, float((z @ centers.T).amax(1).mean())
