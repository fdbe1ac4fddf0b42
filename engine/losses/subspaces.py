"""k-means losses of several groupings that share the axes of one code (Miklautz et al. 2020, ENRC; 2021, ACe/DeC)."""

from collections.abc import Sequence

import torch
from torch import Tensor

from engine.losses.distance import squared_distances


def subspace_distances(z: Tensor, centers: Tensor, weights: Tensor) -> Tensor:
    """[n, d], [k, d], [d] -> [n, k] squared distances with every axis weighted by the square of its weight.

    The square is the authors' erratum to the printed equation.
    """
    weights = weights.float()
    return squared_distances(z.float() * weights, centers.float() * weights)


def subspace_pull(z: Tensor, centers: Sequence[Tensor], weights: Tensor) -> Tensor:
    """Distance of codes [n, d] to the nearest center of each grouping on its own axes; weights [groupings, d].

    Mean over groupings and samples; the centers [k_j, d] are constant.
    """
    nearest = [subspace_distances(z, c.detach(), w).amin(1).mean() for c, w in zip(centers, weights, strict=True)]
    return torch.stack(nearest).mean()


def cheapest_shares(costs: Tensor) -> Tensor:
    """[groupings, d] -> the shares [groupings, d], columns summing to one, for which sum_j share_j^2 cost_j is least.

    They are in inverse proportion to the costs: of two, b / (a + b) and a / (a + b). Costs of zero count as next to nothing.
    """
    least = 1e-6 * costs.mean().clamp_min(1e-30)
    inverse = 1 / costs.clamp_min(least)
    return inverse / inverse.sum(0)
