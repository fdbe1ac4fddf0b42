"""Joining the two closest groups again and again (Lance & Williams 1967), by SciPy; cuts and the top of the tree.

Merges are rows [left, right, height, size] in the order of their heights; with n leaves, row i makes the node n + i.
"""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
from scipy.cluster.hierarchy import linkage
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial.distance import pdist, squareform
from sklearn.metrics import silhouette_score

from engine.core.errors import InputError

LIMIT = 15_000
"""Rows at most: their pairwise distances take 0.9 GB, and SciPy works on a copy."""

Merges = npt.NDArray[np.float64]
Linkage = Literal["ward", "average", "complete", "single"]
Ints = npt.NDArray[np.int64]


def merges(points: npt.NDArray[np.float32], kind: Linkage) -> Merges:
    """[n - 1, 4] all merges of `points` [n >= 2, d], joined by a linkage.

    InputError for more rows than memory holds.
    """
    n = len(points)
    if n > LIMIT:
        raise InputError(
            f"Joining the closest groups compares every pair of rows: {n:,} rows would need {8e-9 * n * n:,.0f} GB. "
            f"It takes at most {LIMIT:,} rows: use a sample of them, or another method."
        )
    found: Merges = linkage(points.astype(np.float64), kind)
    return found


def cut(tree: Merges, k: int) -> Ints:
    """[n] group 0..k-1 of each leaf when exactly k groups are left; numbered by their first leaf."""
    return _parts(tree, k)[: len(tree) + 1]


def _parts(tree: Merges, k: int) -> Ints:
    """[2n - 1] the group of every node; merges that have not happened yet are groups of their own, behind the k."""
    n = len(tree) + 1
    first = tree[: n - k, :2].astype(np.int64)
    parents = np.repeat(np.arange(n, n + len(first)), 2)
    links = coo_array((np.ones(first.size), (first.ravel(), parents)), shape=(2 * n - 1, 2 * n - 1))
    return np.asarray(connected_components(links, directed=False)[1], np.int64)


def best_cut(tree: Merges, points: npt.NDArray[np.float32], most: int, sample: int = 2000) -> int:
    """The number of groups, 2 to `most`, of the cut with the highest mean silhouette (Rousseeuw 1987) on a sample of rows."""
    rows = np.random.default_rng(0).permutation(len(points))[:sample]
    away = squareform(pdist(points[rows].astype(np.float64)))
    scores = {k: _silhouette(away, cut(tree, k)[rows]) for k in range(2, min(most, len(tree)) + 1)}
    return max(scores, key=lambda k: scores[k], default=2)


def _silhouette(away: npt.NDArray[np.float64], labels: Ints) -> float:
    if not 1 < len(np.unique(labels)) < len(labels):
        return -1.0
    return float(silhouette_score(away, labels, metric="precomputed"))


@dataclass(frozen=True)
class Top:
    """The last merges of a tree, over leaves that stand for many members."""

    merges: Merges
    """[leaves - 1, 4], as of a tree of its own; sizes count members."""
    leaf: Ints
    """[n] leaf of each member."""
    heights: npt.NDArray[np.float64]
    """[leaves] height at which each leaf itself was made; 0 for single members."""


def top(tree: Merges, leaves: int) -> Top:
    """The tree above its cut into `leaves` groups."""
    n = len(tree) + 1
    parts, done = _parts(tree, leaves), n - leaves
    last, heights = tree[done:].copy(), np.zeros(leaves)
    # Nodes below the cut carry the number of their leaf, those above it follow in order: exactly a tree of its own.
    last[:, :2] = parts[last[:, :2].astype(np.int64)]
    np.maximum.at(heights, parts[n : n + done], tree[:done, 2])
    return Top(last, parts[:n], heights)


def nodes(tree: Merges, labels: list[int], sizes: list[int], heights: list[float]) -> list[dict[str, Any]]:
    """A tree's leaves, then its merges up to the root, each as {"id", "parent", "left", "right", "size", "label", "height"}.

    `labels`, `sizes` and `heights` are those of the leaves; a merge has the label that all below it share, or None.
    """
    names = ("id", "parent", "left", "right", "size", "label", "height")
    leaves = zip(sizes, labels, heights, strict=True)
    found: list[dict[str, Any]] = [
        dict(zip(names, (i, None, None, None, *leaf), strict=True)) for i, leaf in enumerate(leaves)
    ]
    for left, right, height, size in tree.tolist():
        one, other = found[int(left)], found[int(right)]
        one["parent"] = other["parent"] = len(found)
        label = one["label"] if one["label"] == other["label"] else None
        found.append(
            dict(zip(names, (len(found), None, one["id"], other["id"], int(size), label, height), strict=True))
        )
    return found
