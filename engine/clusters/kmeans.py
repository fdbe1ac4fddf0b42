"""k-means (Lloyd 1957/1982) with the k-means++ start (Arthur & Vassilvitskii 2007), by scikit-learn."""

import numpy as np
import torch
from sklearn.cluster import KMeans
from torch import Tensor

from engine.errors import InputError


def seed() -> int:
    """A seed for libraries with generators of their own, drawn from the stream that is active now."""
    return int(torch.randint(2**31 - 1, ()))


def kmeans(z: Tensor, k: int, restarts: int = 20) -> tuple[Tensor, Tensor]:
    """Centers [k, d] float32 and labels [n] int64 of the best of `restarts` starts.

    InputError where there are fewer distinct samples than groups.
    """
    points = z.detach().flatten(1).cpu().numpy().astype(np.float64)
    if len(points) < k:
        raise InputError(f"{k} groups cannot be made of {len(points)} rows: choose at most {len(points)} groups.")
    found = KMeans(k, n_init=restarts, random_state=seed()).fit(points)
    centers = torch.from_numpy(found.cluster_centers_.astype(np.float32)).to(z.device)
    return centers, torch.from_numpy(found.labels_.astype(np.int64)).to(z.device)
