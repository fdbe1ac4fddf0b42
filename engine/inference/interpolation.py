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
    """Interpolations from each group that has members to the nearest others.

    Parameters
    ----------
    method : Method
        Trained.
    labels : Tensor of shape (n,), int64
        Its labels.

    Returns
    -------
    (ndarray of shape (m, 2), ndarray of shape (m, steps, *sample shape)) or None
        Pairs of groups, and what even steps between their centers are decoded to, both ends included, in prepared input
        units; where all would be too large, those to the nearest groups. None for methods without centers, or that cannot
        decode what lies between them.
    """
    centers = method.group_centers()
    if centers is None or len(centers) < 2 or method.prototypes() is None:
        return None
    probe = method.decoded(centers[:1])
    if probe is None:
        return None
    chosen = nearest_pairs(centers, labels)[: MOST // (STEPS * probe[0].numel())]
    if not chosen:
        return None
    share = torch.linspace(0, 1, STEPS, device=centers.device, dtype=centers.dtype)[:, None]
    decoded = []
    for a, b in chosen:
        steps = method.decoded(centers[a] * (1 - share) + centers[b] * share)
        assert steps is not None
        decoded.append(steps.detach().float().cpu().numpy())
    return np.array(chosen, np.int64), np.stack(decoded)


def nearest_pairs(centers: Tensor, labels: Tensor) -> list[tuple[int, int]]:
    """Pairs of each group that has members with its nearest others, by distance of their centers.

    Parameters
    ----------
    centers : Tensor of shape (k, d)
    labels : Tensor of shape (n,), int64
        -1 is unassigned.

    Returns
    -------
    list of (int, int)
        The smaller label first; the pairs with the nearest group of each come before those with the second nearest.
    """
    filled = labels.to(centers.device)[labels.to(centers.device) >= 0].bincount().nonzero()[:, 0]
    filled = filled[(filled < len(centers)) & centers[filled].isfinite().all(1)]
    distances = torch.cdist(centers[filled].double(), centers[filled].double())
    distances.fill_diagonal_(torch.inf)
    order = distances.argsort(dim=1, stable=True)[:, : min(NEAREST, len(filled) - 1)]
    groups = filled.tolist()
    found = [(groups[i], groups[int(j)]) for column in order.T.cpu() for i, j in enumerate(column)]
    return list(dict.fromkeys((min(pair), max(pair)) for pair in found))
