"""Whether groups are better separated than those that k-means finds in data without any groups."""

import numpy as np
import numpy.typing as npt

from engine.results.embed import projection
from engine.results.evaluate import metrics
from engine.results.record.record import Floats, Ints

ROWS = 1000
NEIGHBORS = 10
# Data sets without groups: so many normal and so many uniform ones.
REPEATS = 4
# Share of the rows that is looked at, nearest to the middle first.
USUAL = 0.98
# Fewer members than this, in all or for each group, and nothing is said.
LEAST, LEAST_EACH = 60, 5


def no_better(space: Floats, labels: Ints, *, seed: int = 0) -> bool:
    """True where neither separation nor neighborhoods in `space` [n, d] exceed what data without groups give.

    The comparison is k-means with as many groups on normal data of the same covariance (the idea of SigClust, Liu et
    al. 2008) and on uniform data in the same box of principal axes (Tibshirani, Walther and Hastie 2001). Two measures,
    since either fails alone: the silhouette on groups that are not round, neighborhoods on groups that touch. Both must
    stay below the mean plus two standard deviations of the more favorable of the two; False where too little is known.
    """
    assigned = np.flatnonzero(labels >= 0)
    rows = assigned[projection.stratified(labels[assigned], ROWS, seed)]
    found, sizes = np.unique(labels[rows], return_counts=True)
    if len(found) < 2 or len(rows) < max(LEAST, LEAST_EACH * len(found)) or sizes.max() == 1:
        return False
    near = rows[_usual(space[rows])]
    x = projection.pca(space[near], min(projection.MAX_DIMENSIONS, space.shape[1]), seed=seed)
    k = len(np.unique(labels[near]))
    if not x.std() > 0 or k < 2:
        return False
    ours = measured(x, labels[near])
    draw = np.random.default_rng(seed)
    normal = np.array([_grouped(_normal(x, draw), k, seed) for _ in range(REPEATS)])
    uniform = np.array([_grouped(_uniform(x, draw), k, seed) for _ in range(REPEATS)])
    limits = np.maximum(*(scores.mean(0) + 2 * scores.std(0, ddof=1) for scores in (normal, uniform)))
    return bool((ours <= limits).all())


def _usual(x: Floats) -> npt.NDArray[np.bool_]:
    """False for the few farthest rows: they would stretch the data without groups until nothing could be clearer."""
    away = np.linalg.norm(x - np.median(x, axis=0), axis=1)
    return np.asarray(away <= np.quantile(away, USUAL))


def measured(x: Floats, labels: Ints) -> npt.NDArray[np.float64]:
    """Silhouette, and share of nearest neighbors in the own group beyond what group sizes alone explain."""
    from sklearn.neighbors import NearestNeighbors

    near = NearestNeighbors(n_neighbors=min(NEIGHBORS, len(x) - 1)).fit(x).kneighbors(return_distance=False)
    _, counts = np.unique(labels, return_counts=True)
    luck = float(((counts / counts.sum()) ** 2).sum())
    together = float((labels[near] == labels[:, None]).mean())
    separation = metrics.silhouette(x, labels)
    return np.array([-1.0 if separation is None else separation, (together - luck) / max(1 - luck, 1e-9)])


def _grouped(x: Floats, k: int, seed: int) -> npt.NDArray[np.float64]:
    from sklearn.cluster import KMeans

    return measured(x, KMeans(k, n_init=2, random_state=seed).fit(x).labels_.astype(np.int64))


def _normal(x: Floats, draw: np.random.Generator) -> Floats:
    """As many rows of a normal distribution; `x` lies along its principal axes or has few columns."""
    values, axes = np.linalg.eigh(np.cov(x, rowvar=False).reshape(x.shape[1], x.shape[1]))
    sample = draw.normal(size=x.shape) * np.sqrt(np.maximum(values, 0)) @ axes.T
    return np.asarray(sample, np.float32)


def _uniform(x: Floats, draw: np.random.Generator) -> Floats:
    """As many rows, even within the range of `x` along its principal axes."""
    _, _, axes = np.linalg.svd(x - x.mean(0), full_matrices=False)
    turned = (x - x.mean(0)) @ axes.T
    sample: Floats = (draw.uniform(turned.min(0), turned.max(0), (len(x), len(axes))) @ axes).astype(np.float32)
    return sample
