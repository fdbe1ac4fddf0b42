"""NR-k-means: several clusterings at once, each on axes of its own of one rotation. With one and a noise space it is SubKmeans.

References
----------
D. Mautz, W. Ye, C. Plant, C. Böhm, KDD 2018, "Discovering Non-Redundant K-means Clusterings in Optimal Subspaces".
D. Mautz, W. Ye, C. Plant, C. Böhm, KDD 2017, "Towards an Optimal Subspace for K-Means".
"""

from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np
import numpy.typing as npt
from sklearn.cluster import kmeans_plusplus

from engine.core.errors import InputError

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
CUT = 1e-7
"""Share of an axis's squared length that lies between groups from which on it counts as different from the noise."""


@dataclass
class Groupings:
    """A rotation, and of every clustering its axes, its centers and its labels."""

    rotation: Floats
    """[d, d], orthonormal columns are the new axes."""
    axes: list[Ints]
    """Columns of the rotation that belong to each grouping; together all, none twice; a noise space may have none."""
    centers: list[Floats]
    """[k_j, d] before rotation."""
    labels: Ints
    """[n, groupings]"""
    cost: float
    """Squared distances to the centers, each grouping within its own axes."""


def nrkmeans(points: Floats, sizes: tuple[int, ...], seed: int, restarts: int = 10, passes: int = 300) -> Groupings:
    """Cheapest of several runs of NR-k-means.

    A cluster that loses its members moves to the point farthest from its own center. A clustering keeps one axis at
    least; a noise space may have none.

    Parameters
    ----------
    points : ndarray of shape (n, d), float64
    sizes : tuple of int
        Clusters of each clustering; 1 is a noise space.
    seed : int
    restarts : int
        Runs.
    passes : int
        Iterations of a run at most.

    Returns
    -------
    Groupings

    Raises
    ------
    InputError
        Where there are fewer columns than clusterings.

    Examples
    --------
    >>> import numpy as np
    >>> points = np.array([[-9.0, -1.0], [-9.0, 1.0], [9.0, -1.0], [9.0, 1.0]])
    >>> found = nrkmeans(points, (2, 1), seed=0)
    >>> bool(found.labels[0, 0] == found.labels[1, 0] != found.labels[2, 0]), round(found.cost, 3)
    (True, 4.0)
    """
    if points.shape[1] < len(sizes):
        raise InputError(
            f"{len(sizes)} groupings need an axis each, but the rows have only {points.shape[1]} feature(s) that differ: "
            "choose fewer groupings, or let more columns take part."
        )
    random = np.random.RandomState(seed)
    return min((_run(points, sizes, random, passes) for _ in range(restarts)), key=lambda found: found.cost)


def _run(points: Floats, sizes: tuple[int, ...], random: np.random.RandomState, passes: int) -> Groupings:
    d = points.shape[1]
    rotation = np.linalg.qr(random.normal(size=(d, d)))[0]
    axes = [np.sort(part).astype(np.int64) for part in np.array_split(random.permutation(d), len(sizes))]
    centers = []
    for k, own in zip(sizes, axes, strict=True):
        _, chosen = kmeans_plusplus(points @ rotation[:, own], k, random_state=random)
        centers.append(points[chosen])
    labels = np.full((len(points), len(sizes)), -1, dtype=np.int64)
    whole = points.T @ points
    cut = CUT * float(np.trace(whole)) / d
    scatters = [whole] * len(sizes)
    for _ in range(passes):
        before = labels.copy()
        for j, own in enumerate(axes):
            labels[:, j], centers[j] = _lloyd_step(points, centers[j], rotation[:, own])
            counts = np.bincount(labels[:, j], minlength=sizes[j])
            scatters[j] = whole - (centers[j].T * counts) @ centers[j]
        if (labels == before).all():
            break
        for a, b in combinations(range(len(sizes)), 2):
            _share(rotation, axes, (a, b), scatters, sizes, cut)
    cost = sum(np.trace(rotation[:, own].T @ s @ rotation[:, own]) for own, s in zip(axes, scatters, strict=True))
    return Groupings(rotation, axes, centers, labels, float(cost))


def _lloyd_step(points: Floats, centers: Floats, view: Floats) -> tuple[Ints, Floats]:
    """Nearest centers within a subspace `view` [d, m], and the means [k, d] of their members."""
    x, means = points @ view, centers @ view
    distances = (x**2).sum(1)[:, None] - 2 * x @ means.T + (means**2).sum(1)
    labels = distances.argmin(1).astype(np.int64)
    counts = np.bincount(labels, minlength=len(centers))
    farthest = np.argsort(distances.min(1))[::-1]
    for empty, row in zip(np.flatnonzero(counts == 0), farthest, strict=False):
        labels[row] = empty
    counts = np.bincount(labels, minlength=len(centers))
    members = np.zeros((len(centers), len(points)))
    members[labels, np.arange(len(points))] = 1
    return labels, np.where(counts[:, None] > 0, members @ points / np.maximum(counts, 1)[:, None], centers)


def _share(
    rotation: Floats,
    axes: list[Ints],
    pair: tuple[int, int],
    scatters: list[Floats],
    sizes: tuple[int, ...],
    cut: float,
) -> None:
    """Turn the axes of two groupings against each other and deal them out anew, in place."""
    a, b = pair
    both = np.concatenate([axes[a], axes[b]])
    view = rotation[:, both]
    values, vectors = np.linalg.eigh(view.T @ (scatters[a] - scatters[b]) @ view)
    rotation[:, both] = view @ vectors
    limit = -cut if sizes[b] == 1 else cut if sizes[a] == 1 else 0.0
    # A noise space may lose all its axes; a clustering keeps one.
    count = int(np.clip((values < limit).sum(), sizes[a] > 1, len(both) - (sizes[b] > 1)))
    axes[a], axes[b] = both[:count], both[count:]


def rotate_within(found: Groupings) -> Groupings:
    """The same clusterings with the axes of each rotated among themselves: the first ones tell its clusters apart best.

    Of k clusters, all that tells them apart is in the first k - 1.

    Parameters
    ----------
    found : Groupings

    Returns
    -------
    Groupings

    Examples
    --------
    >>> import numpy as np
    >>> centers, labels = np.array([[0.0, -1.0], [0.0, 1.0]]), np.array([[0], [1]])
    >>> found = Groupings(np.eye(2), [np.array([0, 1])], [centers], labels, 0.0)
    >>> np.abs(rotate_within(found).rotation[:, 0]).tolist()
    [0.0, 1.0]
    """
    rotation = found.rotation.copy()
    for own, centers, labels in zip(found.axes, found.centers, found.labels.T, strict=True):
        counts = np.bincount(labels, minlength=len(centers))
        means = centers @ rotation[:, own]
        deviations = means - counts @ means / counts.sum()
        rotation[:, own] = rotation[:, own] @ np.linalg.eigh((deviations.T * counts) @ deviations)[1][:, ::-1]
    return replace(found, rotation=rotation)


def parse_sizes(groupings: str, k: int | None) -> tuple[int, ...]:
    """Clusters of each clustering, as the user wrote them.

    Parameters
    ----------
    groupings : str
        "2" is two clusterings of k clusters; "3-4" is one of 3 and one of 4.
    k : int or None
        Number of clusters, where it is known.

    Returns
    -------
    tuple of int

    Raises
    ------
    InputError
        Where the text says something else, or k is needed and not known.

    Examples
    --------
    >>> parse_sizes("2", 5), parse_sizes("3-4", None)
    ((5, 5), (3, 4))
    """
    parts = groupings.replace(",", "-").replace(" ", "").split("-")
    if not all(part.isdigit() for part in parts) or not 1 <= len(parts) <= 10:
        raise InputError(f"Groupings cannot be {groupings!r}: write how many, like 2, or the groups in each, like 3-4.")
    found = tuple(int(part) for part in parts)
    if len(found) == 1 and k is None:
        raise InputError("The number of groups is not known: choose it, or write it for each grouping, like 3-4.")
    if len(found) == 1 and 1 <= found[0] <= 10:
        return (k or 1,) * found[0]
    if len(found) == 1 or min(found) < 1 or found[0] < 2:
        raise InputError(f"Groupings cannot be {groupings!r}: from 1 to 10 groupings, the first of 2 groups or more.")
    return found
