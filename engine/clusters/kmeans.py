"""k-means with the k-means++ start, whatever the device and size.

References
----------
S. P. Lloyd, IEEE Transactions on Information Theory 28, 1982, "Least Squares Quantization in PCM".
D. Arthur, S. Vassilvitskii, SODA 2007, "k-means++: The Advantages of Careful Seeding".
"""

import warnings
from collections.abc import Callable

import numpy as np
import torch
from sklearn.cluster import KMeans
from sklearn.exceptions import ConvergenceWarning
from torch import Tensor

from engine.clusters.lloyd import lloyd, movement_tolerance, refine
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
    """Seed for libraries with generators of their own, drawn from torch's active generator.

    Returns
    -------
    int
        From 0 to 2^31 - 2.

    Examples
    --------
    >>> import torch
    >>> _ = torch.manual_seed(0)
    >>> first = seed()
    >>> _ = torch.manual_seed(0)
    >>> seed() == first
    True
    """
    return int(torch.randint(2**31 - 1, ()))


def require(points: Tensor, k: int, least: int = 1) -> None:
    """Check that there are enough distinct rows to cluster.

    Parameters
    ----------
    points : Tensor of shape (n, d)
    k : int
        Distinct rows needed.
    least : int
        Rows needed in all.

    Raises
    ------
    InputError
        Where there are fewer.

    Examples
    --------
    >>> import torch
    >>> require(torch.tensor([[0.0], [0.0]]), 2)
    Traceback (most recent call last):
    engine.core.errors.InputError: All 2 rows are equal in what is compared: there is nothing to group.
    """
    if len(points) < least:
        raise InputError(f"There is nothing to group in one sample alone: at least {least} rows are needed.")
    if len(points) < k:
        raise InputError(f"{k} groups cannot be made of {len(points)} rows: choose at most {len(points)} groups.")
    distinct: set[bytes] = set()
    for start in range(0, len(points), max(k, 1024)):
        for row in points[start : start + max(k, 1024)].detach().cpu().numpy() + 0.0:  # makes -0.0 equal to 0.0
            distinct.add(row.tobytes())
            if len(distinct) >= k:
                return
    if len(distinct) == 1:
        raise InputError(f"All {len(points)} rows are equal in what is compared: there is nothing to group.")
    raise InputError(
        f"{k} groups cannot be made of {len(points)} rows of which only {len(distinct)} differ: "
        f"choose at most {len(distinct)} groups, or let more columns take part."
    )


def sample(points: Tensor, k: int, release: Callable[[], None] | None = None) -> Tensor:
    """All rows where they are few, else `SAMPLE` of them at random; fewer, but at least `k`, where they are wide.

    Parameters
    ----------
    points : Tensor of shape (n, d)
        May be a file mapped into memory.
    k : int
        Rows at least.
    release : callable, optional
        Called after each part of a mapped file was read, as `Data.release`.

    Returns
    -------
    Tensor of shape (m, d)

    Examples
    --------
    >>> import torch
    >>> sample(torch.zeros(5, 2), 3).shape
    torch.Size([5, 2])
    """
    count = min(SAMPLE, max(COPIED // max(1, points.shape[1]), k))
    if len(points) <= count:
        return points
    chosen, parts = torch.randperm(len(points))[:count].sort().values.to(points.device), []
    for rows in torch.split(chosen, TOGETHER):
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
    """Best k-means clustering of several starts.

    Parameters
    ----------
    z : Tensor of shape (n, ...)
        Samples, flattened to (n, d). May be a file mapped into memory: no copy grows with its rows.
    k : int
        Number of clusters.
    restarts : int
        k-means++ starts, on a sample of at most `SAMPLE` rows.
    device : torch.device, optional
        Where to compute; that of `z` by default.
    release : callable, optional
        Called after parts of a mapped file were read, as `Data.release`.

    Returns
    -------
    centers : Tensor of shape (k, d), float32
    labels : Tensor of shape (n,), int64

    Raises
    ------
    InputError
        Where fewer than k samples differ.
    ValueError
        Where a number is not finite.

    Examples
    --------
    >>> import torch
    >>> centers, labels = kmeans(torch.tensor([[0.0], [2.0], [8.0], [10.0]]), 2)
    >>> sorted(centers.flatten().tolist()), bool(labels[0] == labels[1])
    ([1.0, 9.0], True)
    """
    points = z.detach().flatten(1)
    require(points, k)
    some = sample(points, k, release)
    some = some.to(device or z.device, torch.float64 if some.numel() <= EXACT else torch.float32)
    centers, labels = (lloyd if some.is_cuda else _by_scikit_learn)(some, k, restarts)
    if len(some) < len(points):
        centers, labels = refine(points, centers, movement_tolerance(some), LAST, release)
    return centers.float(), labels


def _by_scikit_learn(z: Tensor, k: int, restarts: int) -> tuple[Tensor, Tensor]:
    """The same as `lloyd`; on a processor it is mostly faster."""
    with warnings.catch_warnings():
        # Rows that differ by rounding alone may end in fewer groups than asked for; the missing ones are empty.
        warnings.simplefilter("ignore", ConvergenceWarning)
        found = KMeans(k, n_init=restarts, random_state=seed()).fit(z.cpu().numpy())
    centers = torch.from_numpy(found.cluster_centers_).to(z.device)
    return centers, torch.from_numpy(found.labels_.astype(np.int64)).to(z.device)
