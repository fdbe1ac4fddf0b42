"""Several groupings that share out the axes of one code (Miklautz, Mautz, Altinigneli, Böhm & Plant 2020, ENRC).

Shares [groupings, d] say how far each axis belongs to each grouping; columns sum to one.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from engine.losses import subspace_distances


def dealt(axes: Sequence[npt.NDArray[np.int64]], share: float) -> Tensor:
    """Shares in which every grouping has `share` of its own `axes`, and the others have equal parts of the rest.

    Each of the d axes is named once.
    """
    others = max(1, len(axes) - 1)
    shares = torch.full((len(axes), sum(map(len, axes))), (1 - share) / others)
    for j, own in enumerate(axes):
        shares[j, own] = share
    return shares


def owned(shares: Tensor) -> Tensor:
    """[groupings, d] 1 on a grouping's own axes, else 0; a grouping that owns none keeps its shares."""
    own = torch.nn.functional.one_hot(shares.argmax(0), len(shares)).T.to(shares)
    return torch.where(own.any(1, keepdim=True), own, shares)


def nearest(z: Tensor, centers: Sequence[Tensor], shares: Tensor) -> Tensor:
    """[n, groupings] int64: the nearest of the centers [k_j, d] of each grouping to codes z [n, d], axes weighed by share."""
    pairs = zip(centers, shares, strict=True)
    return torch.stack([subspace_distances(z, own, share).argmin(1) for own, share in pairs], 1)


def forgetting(z: Tensor, centers: Tensor, counts: Tensor, share: Tensor) -> tuple[Tensor, Tensor]:
    """One batch of mini-batch k-means that forgets by half: center <- (c m + sum of members) / (c + members), c <- half.

    Codes z [b, d], centers [k, d] of one grouping, its counts [k] and shares [d]; returns the new centers and counts. A center
    without members stays.
    """
    members = torch.nn.functional.one_hot(subspace_distances(z, centers, share).argmin(1), len(centers)).to(z)
    total = counts + members.sum(0)
    mean = (counts.unsqueeze(1) * centers + members.T @ z) / total.clamp_min(1e-6).unsqueeze(1)
    return torch.where(total.unsqueeze(1) > 1e-6, mean, centers), total / 2


def apart(centers: Tensor, counts: Tensor, own: Tensor) -> Tensor:
    """[k, d] centers of groups as they differ on their grouping's axes, `own` [d] 0 to 1; elsewhere the mean of all.

    The mean weighs the centers by counts [k].
    """
    counts = counts.clamp_min(1e-6).unsqueeze(1)
    return own * centers + (1 - own) * (counts * centers).sum(0) / counts.sum()
