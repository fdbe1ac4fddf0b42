"""The most similar samples of each, and how similar they are.

References
----------
P. Huang, Y. Huang, W. Wang, L. Wang, ICPR 2014, "Deep Embedding Network for Clustering" (DEN): the heat kernel.
"""

import torch
from torch import Tensor

from engine.clusters.neighbors import nearest
from engine.core.data import Data

MOST = 20_000
"""Samples among which neighbors are sought; of more, that many at random, so that the search grows with the rows."""


def neighborhood(data: Data, count: int) -> tuple[Tensor, Tensor]:
    """The most similar other samples of each.

    Parameters
    ----------
    data : Data
    count : int
        How many; of fewer samples, all others.

    Returns
    -------
    rows : Tensor of shape (n, count), int64
        The nearest first.
    similarity : Tensor of shape (n, count)
        The heat kernel exp(-d^2 / t) of the distance d, with t the median of all d^2.

    Examples
    --------
    >>> rows, similarity = neighborhood(Data(torch.tensor([[0.0], [1.0], [3.0]])), 1)
    >>> rows.T, similarity.T
    (tensor([[1, 0, 1]]), tensor([[0.3679, 0.3679, 0.0183]]))
    """
    candidates = torch.arange(len(data)) if len(data) <= MOST else torch.randperm(len(data))[:MOST].sort().values
    candidates = candidates.to(data.device)
    members, near, squares = data.take(candidates).x, [], []
    for piece, x in data.chunks():
        found, distances = nearest(x, members, count + 1)
        rows = candidates[found]
        itself = rows == torch.arange(len(data), device=data.device)[piece].unsqueeze(1)
        others = itself.to(torch.uint8).sort(dim=1, stable=True).indices[:, : min(count, len(members) - 1)]
        near.append(rows.gather(1, others))
        squares.append(distances.to(x.dtype).square().gather(1, others))
    squared = torch.cat(squares)
    typical = squared.median().clamp_min(torch.finfo(squared.dtype).tiny) if squared.numel() else 1.0
    return torch.cat(near), torch.exp(-squared / typical)
