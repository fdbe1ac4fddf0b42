"""Axes of a code that tell clusters apart, and how far each does: the initialization of ACe/DeC.

References
----------
L. Miklautz, L. G. M. Bauer, D. Mautz, S. Tschiatschek, C. Böhm, C. Plant, IJCAI 2021, "Details (Don't) Matter: Isolating Cluster
Information in Deep Embedded Spaces".
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from engine.clusters.kmeans import kmeans
from engine.losses import optimal_subspace_weights, squared_distances

ROUNDS = 50


@dataclass(frozen=True)
class Isolated:
    """Groups of points [n, d], the axes on which they differ, and the one group that all points are on the others."""

    rotation: Tensor
    """[d, d] orthogonal; points @ rotation has the axes that differ most between groups first."""
    shares: Tensor
    """[2, d] how far each axis belongs to the groups, and to what all points share; columns sum to one."""
    centers: Tensor
    """[k + 1, d] of the groups and of all points, along the new axes."""
    labels: Tensor
    """[n] int64"""


def isolate(points: Tensor, k: int, restarts: int = 10) -> Isolated:
    """k-means on weighted axes of a rotation, with one cluster of all points on what remains of each axis.

    It minimizes the sum over axes of share^2 times squared distances to the own center, plus the same for the center of all
    points. First k-means on all axes; then in turn, until no label changes, the axes of the scatter between clusters, their
    shares (both in closed form), labels and centers; then k-means with new starts on the weighted axes, where it is cheaper.

    Parameters
    ----------
    points : Tensor of shape (n, d)
    k : int
        Number of clusters.
    restarts : int
        Starts of k-means.

    Returns
    -------
    Isolated

    Raises
    ------
    InputError
        Where fewer than k points differ.

    Examples
    --------
    Clusters differ on the second column alone:

    >>> import torch
    >>> points = torch.tensor([[0.0, 0.0], [1.0, 0.0], [0.0, 9.0], [1.0, 9.0]])
    >>> found = isolate(points, 2)
    >>> found.rotation[:, 0].abs().round().tolist(), sorted(found.labels.bincount().tolist())
    ([0.0, 1.0], [2, 2])
    """
    points = points.detach().double()
    found = _converged(points, kmeans(points, k, restarts)[1], k)
    labels = kmeans(points @ found.rotation * found.shares[0], k, restarts)[1]
    other = _converged(points, labels, k)
    return other if cost(points, other) < (1 - 1e-9) * cost(points, found) else found


def cost(points: Tensor, found: Isolated) -> float:
    """The objective of `isolate`, mean over points.

    Parameters
    ----------
    points : Tensor of shape (n, d)
    found : Isolated

    Returns
    -------
    float

    Examples
    --------
    >>> import torch
    >>> one = torch.ones(1, 1, dtype=torch.float64)
    >>> found = Isolated(one, torch.tensor([[1.0], [0.0]]), torch.tensor([[0.0], [4.0], [2.0]]), torch.tensor([0, 1]))
    >>> cost(torch.tensor([[1.0], [4.0]]), found)  # the first is 1 from its center, the second 0
    0.5
    """
    y, shares = points.to(found.rotation) @ found.rotation, found.shares
    away = (y - found.centers[found.labels]) * shares[0], (y - found.centers[-1]) * shares[1]
    return float(sum(part.square().sum(1).mean() for part in away))


def _converged(points: Tensor, labels: Tensor, k: int) -> Isolated:
    for _ in range(ROUNDS):
        found = _fitted(points, labels, k)
        y = points @ found.rotation * found.shares[0]
        before, labels = labels, squared_distances(y, found.centers[:k] * found.shares[0]).argmin(1)
        if torch.equal(labels, before) or _used(labels) < _used(before):
            break
    return found


def _used(labels: Tensor) -> int:
    return int((labels.bincount() > 0).sum())


def _fitted(points: Tensor, labels: Tensor, k: int) -> Isolated:
    """Axes, shares and centers for labels that stay; a group without members has the center of all points."""
    mean = points.mean(0)
    members = torch.nn.functional.one_hot(labels, k).to(points)
    counts = members.sum(0).unsqueeze(1)
    means = torch.where(counts > 0, members.T @ points / counts.clamp_min(1), mean)
    between = (means - mean) * counts.sqrt()
    rotation = torch.linalg.eigh(between.T @ between).eigenvectors.flip(1)
    centers = torch.cat([means, mean.unsqueeze(0)]) @ rotation
    y = points @ rotation
    costs = torch.stack([(y - centers[labels]).square().mean(0), (y - centers[-1]).square().mean(0)])
    return Isolated(rotation, optimal_subspace_weights(costs), centers, labels)
