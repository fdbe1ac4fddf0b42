"""Nearest training members: how methods without a rule for new rows place them."""

import torch
from torch import Tensor

PIECE = 2**23
"""Distances held at once."""
SPARE = 4
"""Candidates beyond those asked for, among which rounding is undone."""


def nearest(x: Tensor, members: Tensor, count: int = 1) -> tuple[Tensor, Tensor]:
    """The `count` nearest rows of `members` [m, d] to each of `x` [n, d], nearest first, and their distances [n, count].

    Candidates come from fast matrix products in float64, their distances from exact differences: a row that is a member
    itself finds itself at distance 0.
    """
    x, members = x.flatten(1).double(), members.flatten(1).double()
    count = min(count, len(members))
    rows = max(1, PIECE // max(1, len(members)))
    found = [_piece(x[start : start + rows], members, count) for start in range(0, len(x), rows)]
    if not found:
        return torch.zeros(0, count, dtype=torch.int64, device=x.device), torch.zeros(0, count, device=x.device)
    return torch.cat([index for index, _ in found]), torch.cat([away for _, away in found])


def _piece(x: Tensor, members: Tensor, count: int) -> tuple[Tensor, Tensor]:
    middle = members.mean(0)
    rough = torch.cdist(x - middle, members - middle)
    candidates = rough.topk(min(count + SPARE, len(members)), largest=False).indices
    exact = torch.stack([(x - members[column]).square().sum(1) for column in candidates.T], 1)
    away, order = exact.sort(stable=True, dim=1)
    return candidates.gather(1, order[:, :count]), away[:, :count].sqrt().float()
