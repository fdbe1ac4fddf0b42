"""Steps from the center of one group to that of another, decoded by the method."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from engine.core.method import Method
from engine.core.snapshot import Floats, Labels

STEPS = 9
NEAREST = 3
"""Other groups to which there is an interpolation from each group."""
MOST = 4_000_000
"""Numbers that all interpolations together may have."""


def interpolations(method: Method, labels: Tensor) -> tuple[Labels, Floats] | None:
    """Pairs [m, 2] of groups and the steps between their centers [m, steps, *sample shape]; the ends are the centers.

    From each group that has members to the nearest others. Where all would be too large, each group keeps its nearest
    first. None for methods without centers, or that cannot decode what lies between them.
    """
    centers = method.group_centers()
    if centers is None or len(centers) < 2 or method.prototypes() is None:
        return None
    probe = method.decoded(centers[:1])
    if probe is None:
        return None
    ways = pairs(centers, labels)[: MOST // (STEPS * probe[0].numel())]
    if not ways:
        return None
    share = torch.linspace(0, 1, STEPS, device=centers.device, dtype=centers.dtype)[:, None]
    made = []
    for a, b in ways:
        steps = method.decoded(centers[a] * (1 - share) + centers[b] * share)
        assert steps is not None
        made.append(steps.detach().float().cpu().numpy())
    return np.array(ways, np.int64), np.stack(made)


def pairs(centers: Tensor, labels: Tensor) -> list[tuple[int, int]]:
    """Each group with members and its nearest others, the smaller label first, nearest of all groups before second nearest."""
    there = labels.to(centers.device)[labels.to(centers.device) >= 0].bincount().nonzero()[:, 0]
    there = there[(there < len(centers)) & centers[there].isfinite().all(1)]
    away = torch.cdist(centers[there].double(), centers[there].double())
    away.fill_diagonal_(torch.inf)
    order = away.argsort(dim=1, stable=True)[:, : min(NEAREST, len(there) - 1)]
    known = there.tolist()
    found = [(known[i], known[int(j)]) for column in order.T.cpu() for i, j in enumerate(column)]
    return list(dict.fromkeys((min(pair), max(pair)) for pair in found))
