"""k-means losses of several groupings that share the axes of one code.

References
----------
L. Miklautz, D. Mautz, M. C. Altinigneli, C. Böhm, C. Plant, AAAI 2020, "Deep Embedded Non-Redundant Clustering" (ENRC).
L. Miklautz, L. G. M. Bauer, D. Mautz, S. Tschiatschek, C. Böhm, C. Plant, IJCAI 2021, "Details (Don't) Matter: Isolating Cluster
Information in Deep Embedded Spaces" (ACe/DeC).
"""

from collections.abc import Sequence

import torch
from torch import Tensor

from engine.losses.distance import squared_distances


def subspace_distances(z: Tensor, centers: Tensor, weights: Tensor) -> Tensor:
    """Squared distances with every axis weighted by the square of its weight.

    The square is the authors' erratum to the printed equation.

    Parameters
    ----------
    z : Tensor of shape (n, d)
    centers : Tensor of shape (k, d)
    weights : Tensor of shape (d,)

    Returns
    -------
    Tensor of shape (n, k)

    Examples
    --------
    >>> import torch
    >>> subspace_distances(torch.tensor([[3.0, 4.0]]), torch.zeros(1, 2), torch.tensor([1.0, 0.5]))
    tensor([[13.]])
    """
    weights = weights.float()
    return squared_distances(z.float() * weights, centers.float() * weights)


def subspace_kmeans_loss(z: Tensor, centers: Sequence[Tensor], weights: Tensor) -> Tensor:
    """Squared distance of codes to the nearest center of each grouping, on the axes of that grouping.

    Parameters
    ----------
    z : Tensor of shape (n, d)
        Codes.
    centers : sequence of Tensor of shape (k_j, d)
        Centers of each grouping, constant.
    weights : Tensor of shape (groupings, d)
        Weight of each axis in each grouping.

    Returns
    -------
    Tensor of shape ()
        Mean over groupings and samples.

    Examples
    --------
    >>> import torch
    >>> centers = [torch.tensor([[0.0, 0.0]]), torch.tensor([[0.0, 0.0], [0.0, 4.0]])]
    >>> subspace_kmeans_loss(torch.tensor([[3.0, 4.0]]), centers, torch.eye(2))
    tensor(4.5000)
    """
    nearest = [subspace_distances(z, c.detach(), w).amin(1).mean() for c, w in zip(centers, weights, strict=True)]
    return torch.stack(nearest).mean()


def optimal_subspace_weights(costs: Tensor) -> Tensor:
    """Weights of each axis, summing to one over groupings, for which sum_j weight_j^2 cost_j is least.

    They are in inverse proportion to the costs: of two, b / (a + b) and a / (a + b). Costs of zero count as next to nothing.

    Parameters
    ----------
    costs : Tensor of shape (groupings, d)

    Returns
    -------
    Tensor of shape (groupings, d)

    Examples
    --------
    >>> import torch
    >>> optimal_subspace_weights(torch.tensor([[1.0], [3.0]]))
    tensor([[0.7500],
            [0.2500]])
    """
    least = 1e-6 * costs.mean().clamp_min(1e-30)
    inverse = 1 / costs.clamp_min(least)
    return inverse / inverse.sum(0)
