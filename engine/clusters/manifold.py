"""Coordinates in which neighbors stay neighbors, by UMAP.

References
----------
L. McInnes, J. Healy, J. Melville, 2018, "UMAP: Uniform Manifold Approximation and Projection for Dimension Reduction",
arXiv:1802.03426.
D. Shepard, ACM National Conference 1968, "A two-dimensional interpolation function for irregularly-spaced data".
"""

import warnings

import torch
from torch import Tensor

from engine.clusters.kmeans import seed
from engine.clusters.neighbors import nearest
from engine.core.numba_cache import compiled_once

FEWEST = 8
"""Samples below which there is no neighborhood to speak of."""


def manifold_coordinates(x: Tensor, neighbors: int, dimensions: int) -> Tensor:
    """Coordinates of samples that keep nearest neighbors together.

    Parameters
    ----------
    x : Tensor of shape (n, d)
        Samples.
    neighbors : int
        Nearest samples that each is kept close to; n - 1 where that is fewer.
    dimensions : int
        Coordinates; at most n - 2.

    Returns
    -------
    Tensor of shape (n, dimensions), float32
        Of mean 0 and a mean variance of 1; of fewer than 8 samples, the samples themselves.

    Examples
    --------
    >>> import torch
    >>> manifold_coordinates(torch.eye(4), 2, 2).shape
    torch.Size([4, 4])
    """
    if len(x) < FEWEST:
        return x.detach().flatten(1).float()
    count = min(neighbors, len(x) - 1)
    index, distances = nearest(x, x, count)  # of each, itself first, as UMAP wants it
    points = x.detach().flatten(1).float().cpu().numpy()
    known = (index.cpu().numpy(), distances.float().cpu().numpy())
    with warnings.catch_warnings(), compiled_once():
        warnings.simplefilter("ignore")
        from umap import UMAP

        near = {"n_neighbors": count, "n_components": min(dimensions, len(x) - 2), "min_dist": 0.0}
        # Told who is near whom, it only has to be kept from computing all distances of fewer than 4,096 samples.
        model = UMAP(**near, precomputed_knn=known, force_approximation_algorithm=True, random_state=seed(), n_jobs=1)
        found = torch.from_numpy(model.fit_transform(points)).float()
    found = torch.nan_to_num(found - found.nanmean(0))  # of samples that have no neighbor, the middle
    return (found / found.square().mean().sqrt().clamp_min(1e-12)).to(x.device)


def interpolated(x: Tensor, members: Tensor, places: Tensor, neighbors: int) -> Tensor:
    """Places of samples from those of the members around them, weighted by the inverse of the squared distance.

    Parameters
    ----------
    x : Tensor of shape (n, d)
        Samples; one that is a member gets its place.
    members : Tensor of shape (m, d)
        Samples whose places are known.
    places : Tensor of shape (m, p)
        Their places.
    neighbors : int
        Nearest members that count.

    Returns
    -------
    Tensor of shape (n, p), float32

    Examples
    --------
    >>> import torch
    >>> members, places = torch.tensor([[0.0], [1.0], [9.0]]), torch.tensor([[0.0], [4.0], [5.0]])
    >>> interpolated(torch.tensor([[0.5], [9.0]]), members, places, 2)
    tensor([[2.],
            [5.]])
    """
    index, distances = nearest(x, members, neighbors)
    weights = distances.square().clamp_min(1e-18).reciprocal()
    found = (weights.unsqueeze(2) * places[index].double()).sum(1) / weights.sum(1, keepdim=True)
    return found.float()
