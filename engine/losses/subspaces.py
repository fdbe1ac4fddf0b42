"""k-means losses of several groupings that share the axes of one code (Miklautz et al. 2020, ENRC)."""

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
