"""k-means (Lloyd 1957/1982) with the k-means++ start (Arthur & Vassilvitskii 2007), by scikit-learn."""

import warnings

import numpy as np
import torch
from sklearn.cluster import KMeans
from sklearn.exceptions import ConvergenceWarning
from torch import Tensor

from engine.errors import InputError


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
    for row in points.detach().cpu().numpy():
        seen.add((row + 0.0).tobytes())  # makes -0.0 equal to 0.0
        if len(seen) >= k:
            return
    if len(seen) == 1:
        raise InputError(f"All {len(points)} rows are equal in what is compared: there is nothing to group.")
    raise InputError(
        f"{k} groups cannot be made of {len(points)} rows of which only {len(seen)} differ: "
        f"choose at most {len(seen)} groups, or let more columns take part."
    )


def kmeans(z: Tensor, k: int, restarts: int = 20) -> tuple[Tensor, Tensor]:
    """Centers [k, d] float32 and labels [n] int64 of the best of `restarts` starts.

    InputError where there are fewer distinct samples than groups.
    """
    require(z.flatten(1), k)
    points = z.detach().flatten(1).cpu().numpy().astype(np.float64)
    with warnings.catch_warnings():
        # Rows that differ by rounding alone may end in fewer groups than asked for; the missing ones are empty.
        warnings.simplefilter("ignore", ConvergenceWarning)
        found = KMeans(k, n_init=restarts, random_state=seed()).fit(points)
    centers = torch.from_numpy(found.cluster_centers_.astype(np.float32)).to(z.device)
    return centers, torch.from_numpy(found.labels_.astype(np.int64)).to(z.device)
