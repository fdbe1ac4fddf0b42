"""The most similar samples of each, and how alike they are (the heat kernel of DEN: Huang, Huang, Wang & Wang 2014)."""

import torch
from torch import Tensor

from engine.clusters.neighbors import nearest
from engine.core.data import Data

MOST = 20_000
"""Samples among which neighbors are sought; of more, that many are drawn at random, so that the search grows with the rows."""


def neighborhood(data: Data, count: int) -> tuple[Tensor, Tensor]:
    """[n, m] int64 rows of the `count` (fewer where there are not so many) most similar other samples of each, and [n, m] how
    alike they are: exp(-d^2 / t) of their distance d, with t the median of all d^2.
    """
    drawn = torch.arange(len(data)) if len(data) <= MOST else torch.randperm(len(data))[:MOST].sort().values
    drawn = drawn.to(data.device)
    members, near, apart = data.take(drawn).x, [], []
    for piece, x in data.chunks():
        found, away = nearest(x, members, count + 1)
        rows = drawn[found]
        own = rows == torch.arange(len(data), device=data.device)[piece].unsqueeze(1)
        others = own.to(torch.uint8).sort(dim=1, stable=True).indices[:, : min(count, len(members) - 1)]
        near.append(rows.gather(1, others))
        apart.append(away.to(x.dtype).square().gather(1, others))
    squares = torch.cat(apart)
    typical = squares.median().clamp_min(torch.finfo(squares.dtype).tiny) if squares.numel() else 1.0
    return torch.cat(near), torch.exp(-squares / typical)
