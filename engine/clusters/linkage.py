"""Agglomerative clustering by SciPy; cuts of the dendrogram and its top.

Merges are rows [left, right, height, size] in the order of their heights; with n leaves, row i makes the node n + i.

References
----------
G. N. Lance, W. T. Williams, The Computer Journal 9, 1967, "A General Theory of Classificatory Sorting Strategies".
P. J. Rousseeuw, J. Comput. Appl. Math. 20, 1987, "Silhouettes".
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
    """All merges of a hierarchy.

    Parameters
    ----------
    points : ndarray of shape (n, d), float32
        n >= 2.
    kind : {"ward", "average", "complete", "single"}
        The linkage.

    Returns
    -------
    ndarray of shape (n - 1, 4), float64

    Raises
    ------
    InputError
        For more than `LIMIT` rows, whose distances memory would not hold.

    Examples
    --------
    >>> import numpy as np
    >>> merges(np.array([[0.0], [1.0], [5.0]], np.float32), "single").tolist()
    [[0.0, 1.0, 1.0, 2.0], [2.0, 3.0, 4.0, 3.0]]
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
    """Clusters of a hierarchy when exactly k are left.

    Parameters
    ----------
    tree : ndarray of shape (n - 1, 4)
        All merges.
    k : int
        From 1 to n.

    Returns
    -------
    ndarray of shape (n,), int64
        Labels from 0 to k - 1, numbered by their first leaf.

    Examples
    --------
    >>> import numpy as np
    >>> cut(np.array([[0.0, 1.0, 1.0, 2.0], [2.0, 3.0, 4.0, 3.0]]), 2).tolist()
    [0, 0, 1]
    """
    return _parts(tree, k)[: len(tree) + 1]


def _parts(tree: Merges, k: int) -> Ints:
    """[2n - 1] the group of every node; merges that have not happened yet are groups of their own, behind the k."""
    n = len(tree) + 1
    first = tree[: n - k, :2].astype(np.int64)
    parents = np.repeat(np.arange(n, n + len(first)), 2)
    links = coo_array((np.ones(first.size), (first.ravel(), parents)), shape=(2 * n - 1, 2 * n - 1))
    return np.asarray(connected_components(links, directed=False)[1], np.int64)


def best_cut(tree: Merges, points: npt.NDArray[np.float32], most: int, sample: int = 2000) -> int:
    """Number of clusters of the cut with the highest mean silhouette on a sample of rows.

    Parameters
    ----------
    tree : ndarray of shape (n - 1, 4)
        All merges.
    points : ndarray of shape (n, d), float32
    most : int
        Clusters at most.
    sample : int
        Rows on which the silhouette is computed.

    Returns
    -------
    int
        From 2 to `most`.

    Examples
    --------
    >>> import numpy as np
    >>> points = np.array([[0.0], [1.0], [50.0], [51.0], [90.0], [91.0]], np.float32)
    >>> best_cut(merges(points, "ward"), points, 4)
    3
    """
    rows = np.random.default_rng(0).permutation(len(points))[:sample]
    away = squareform(pdist(points[rows].astype(np.float64)))
    scores = {k: _silhouette(away, cut(tree, k)[rows]) for k in range(2, min(most, len(tree)) + 1)}
    return max(scores, key=lambda k: scores[k], default=2)


def _silhouette(away: npt.NDArray[np.float64], labels: Ints) -> float:
    if not 1 < len(np.unique(labels)) < len(labels):
        return -1.0
    return float(silhouette_score(away, labels, metric="precomputed"))


@dataclass(frozen=True)
class TruncatedTree:
    """The last merges of a hierarchy, over leaves that stand for many samples."""

    merges: Merges
    """[leaves - 1, 4], as of a tree of its own; sizes count members."""
    leaf: Ints
    """[n] leaf of each member."""
    heights: npt.NDArray[np.float64]
    """[leaves] height at which each leaf itself was made; 0 for single members."""


def truncate(tree: Merges, leaves: int) -> TruncatedTree:
    """The hierarchy above its cut into `leaves` clusters.

    Parameters
    ----------
    tree : ndarray of shape (n - 1, 4)
        All merges.
    leaves : int
        Leaves of the truncated tree.

    Returns
    -------
    TruncatedTree

    Examples
    --------
    >>> import numpy as np
    >>> found = truncate(np.array([[0.0, 1.0, 1.0, 2.0], [2.0, 3.0, 4.0, 3.0]]), 2)
    >>> found.leaf.tolist(), found.heights.tolist(), found.merges.tolist()
    ([0, 0, 1], [1.0, 0.0], [[1.0, 0.0, 4.0, 3.0]])
    """
    n = len(tree) + 1
    parts, done = _parts(tree, leaves), n - leaves
    last, heights = tree[done:].copy(), np.zeros(leaves)
    # Nodes below the cut carry the number of their leaf, those above it follow in order: exactly a tree of its own.
    last[:, :2] = parts[last[:, :2].astype(np.int64)]
    np.maximum.at(heights, parts[n : n + done], tree[:done, 2])
    return TruncatedTree(last, parts[:n], heights)


def nodes(tree: Merges, labels: list[int], sizes: list[int], heights: list[float]) -> list[dict[str, Any]]:
    """Nodes of a hierarchy as records: its leaves, then its merges up to the root.

    Parameters
    ----------
    tree : ndarray of shape (leaves - 1, 4)
        All merges.
    labels, sizes : list of int
        Cluster and number of members of each leaf.
    heights : list of float
        Height of each leaf.

    Returns
    -------
    list of dict
        With the keys id, parent, left, right, size, label and height. A merge has the label that all leaves
        below it share, or None.

    Examples
    --------
    >>> import numpy as np
    >>> found = nodes(np.array([[0.0, 1.0, 2.5, 2.0]]), [0, 0], [1, 1], [0.0, 0.0])
    >>> found[2]
    {'id': 2, 'parent': None, 'left': 0, 'right': 1, 'size': 2, 'label': 0, 'height': 2.5}
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
