"""k-means (Lloyd 1957/1982) with the k-means++ start (Arthur & Vassilvitskii 2007), whatever the device and size."""

import warnings
from collections.abc import Callable

import numpy as np
import torch
from sklearn.cluster import KMeans
from sklearn.exceptions import ConvergenceWarning
from torch import Tensor

from engine.clusters.lloyd import lloyd, onward, rest
from engine.core.errors import InputError

SAMPLE = 200_000
"""Rows on which the starts are tried. Of more, that many are drawn at random, and the best start goes on over all rows."""
COPIED = 2**26
"""Numbers copied at most (256 MB): wide rows make the sample smaller."""
TOGETHER = 4096
"""Rows drawn in order before what was read around them is let go: around single rows, a file is read in runs."""
LAST = 10
"""Passes over all rows after the starts on a sample, at most."""
EXACT = 2**20
"""Numbers up to which all is computed in float64; beyond, float32 takes half the memory and about half the time."""


def seed() -> int:
    """A seed for libraries with generators of their own, drawn from the stream that is active now."""
    return int(torch.randint(2**31 - 1, ()))


def require(points: Tensor, k: int, least: int = 1) -> None:
    """InputError unless `points` [n, d] holds at least `k` distinct rows, and `least` rows in all."""
    if len(points) < least:
        raise InputError(f"There is nothing to group in one sample alone: at least {least} rows are needed.")
    if len(points) < k:
        raise InputError(f"{k} groups cannot be made of {len(points)} rows: choose at most {len(points)} groups.")
    seen: set[bytes] = set()
    for start in range(0, len(points), max(k, 1024)):
        for row in points[start : start + max(k, 1024)].detach().cpu().numpy() + 0.0:  # makes -0.0 equal to 0.0
            seen.add(row.tobytes())
            if len(seen) >= k:
                return
    if len(seen) == 1:
        raise InputError(f"All {len(points)} rows are equal in what is compared: there is nothing to group.")
    raise InputError(
        f"{k} groups cannot be made of {len(points)} rows of which only {len(seen)} differ: "
        f"choose at most {len(seen)} groups, or let more columns take part."
    )


def sample(points: Tensor, k: int, release: Callable[[], None] | None = None) -> Tensor:
    """All rows where they are few, else `SAMPLE` of them at random, fewer (but `k`) where they are wide."""
    count = min(SAMPLE, max(COPIED // max(1, points.shape[1]), k))
    if len(points) <= count:
        return points
    drawn, parts = torch.randperm(len(points))[:count].sort().values.to(points.device), []
    for rows in torch.split(drawn, TOGETHER):
        parts.append(points[rows])
        if release:
            release()
    return torch.cat(parts)


def kmeans(
    z: Tensor,
    k: int,
    restarts: int = 20,
    device: torch.device | None = None,
    release: Callable[[], None] | None = None,
) -> tuple[Tensor, Tensor]:
    """Centers [k, d] float32 and labels [n] int64 of the best of `restarts` starts, found on `device`: that of z by default.

    InputError where there are fewer distinct samples than groups, ValueError where a number is not finite. `z` may be a file
    mapped into memory: no copy grows with its rows, and `let_go` (as `Data.let_go`) is called when parts of it were read.
    """
    points = z.detach().flatten(1)
    require(points, k)
    some = sample(points, k, release)
    some = some.to(device or z.device, torch.float64 if some.numel() <= EXACT else torch.float32)
    centers, labels = (lloyd if some.is_cuda else _by_scikit_learn)(some, k, restarts)
    if len(some) < len(points):
        centers, labels = onward(points, centers, rest(some), LAST, release)
    return centers.float(), labels


def _by_scikit_learn(z: Tensor, k: int, restarts: int) -> tuple[Tensor, Tensor]:
    """The same as `lloyd`, on a processor mostly faster.

    Seconds on one core, against `lloyd`, with 10 groups: 0.32 and 0.47 (5,620 rows of 64 columns, 10 starts), 0.70 and 2.4
    (70,000 of 10, 5 starts), 1.1 and 2.6 (10,000 of 784, 2 starts); with 200 groups 4.3 and 3.5 (70,000 of 10, one start).
    """
    with warnings.catch_warnings():
        # Rows that differ by rounding alone may end in fewer groups than asked for; the missing ones are empty.
        warnings.simplefilter("ignore", ConvergenceWarning)
        found = KMeans(k, n_init=restarts, random_state=seed()).fit(z.cpu().numpy())
    centers = torch.from_numpy(found.cluster_centers_).to(z.device)
    return centers, torch.from_numpy(found.labels_.astype(np.int64)).to(z.device)
