"""Flat maps of the embedding: PCA at once, UMAP later in the light worker."""

from typing import Any

import numpy as np

from engine.core.numba_cache import compiled_once
from engine.intake.mapped import is_large, room_for
from engine.results.record.record import Floats, Ints

# Rows that UMAP learns its map from; the rest is placed on it.
UMAP_ROWS = 5000
# Dimensions of the embedding that are kept for later projections.
MAX_DIMENSIONS = 50
# Numbers of all rows together that are kept.
MAX_NUMBERS = 2**27
# Rows that the principal components of a large embedding are learned from, and that are turned at a time.
LEARNED, PIECE = 100_000, 65_536


def pca(embedding: Floats, dimensions: int, *, seed: int = 0) -> Floats:
    """The leading principal components, float32 [n, dimensions]; filled up with zeros where there are fewer.

    An embedding that has just so many dimensions is only centered, not turned: its axes may mean something.
    """
    if is_large(embedding.nbytes):
        return _pca_in_pieces(embedding, dimensions, seed)
    centered = embedding - embedding.mean(0, keepdims=True)
    if embedding.shape[1] > dimensions and len(embedding) > 1:
        centered = _fit_pca(centered, dimensions, seed).fit_transform(centered)
    missing = dimensions - centered.shape[1]
    return np.ascontiguousarray(np.pad(centered, ((0, 0), (0, max(missing, 0))))[:, :dimensions], np.float32)


def _pca_in_pieces(embedding: Floats, dimensions: int, seed: int) -> Floats:
    """The same, learned from some rows and applied piece by piece."""
    rows = np.sort(np.random.default_rng(seed).permutation(len(embedding))[:LEARNED])
    some = embedding[rows]
    mean = some.mean(0, keepdims=True)
    turned = embedding.shape[1] > dimensions
    model = _fit_pca(some - mean, dimensions, seed).fit(some - mean) if turned else None
    result = room_for((len(embedding), dimensions))
    result[:] = 0
    for start in range(0, len(embedding), PIECE):
        part = embedding[start : start + PIECE] - mean
        part = part if model is None else model.transform(part)
        result[start : start + PIECE, : part.shape[1]] = part
    return result


def maps(embedding: Floats, *, seed: int = 0) -> dict[str, Floats]:
    """ "pca2" and "pca3" of the embedding [n, d]."""
    return {"pca2": pca(embedding, 2, seed=seed), "pca3": pca(embedding, 3, seed=seed)}


def limit_dimensions(embedding: Floats, *, seed: int = 0) -> Floats:
    """The embedding, or its first 50 principal components where it has more dimensions; fewer of very many rows."""
    most = int(np.clip(MAX_NUMBERS // max(len(embedding), 1), 2, MAX_DIMENSIONS))
    narrow = embedding.shape[1] <= most
    return np.ascontiguousarray(embedding, np.float32) if narrow else pca(embedding, most, seed=seed)


def umap2(embedding: Floats, labels: Ints, *, seed: int = 0, rows: int = UMAP_ROWS) -> Floats:
    """UMAP (McInnes, Healy and Melville 2018) of the embedding, float32 [n, 2].

    It learns from a sample that keeps every group's share and places the other members on the learned map. Takes
    seconds to minutes: not for the web server. Fewer than five members are shown by PCA.
    """
    if len(embedding) < 5:
        return pca(embedding, 2, seed=seed)
    sample = stratified(labels, rows, seed)
    positions = np.empty((len(embedding), 2), np.float32)
    model = _umap(len(sample), seed)
    positions[sample] = model.fit_transform(embedding[sample])
    rest = np.setdiff1d(np.arange(len(embedding)), sample)
    if len(rest):
        positions[rest] = model.transform(embedding[rest])
    return positions


def stratified(labels: Ints, most: int, seed: int = 0, least: int = 2) -> Ints:
    """At most about `most` rows, drawn from every group by its share, at least `least` of each; sorted."""
    if len(labels) <= most:
        return np.arange(len(labels), dtype=np.int64)
    draw = np.random.default_rng(seed)
    chosen = []
    for label in np.unique(labels):
        rows = np.flatnonzero(labels == label)
        count = min(len(rows), max(least, round(most * len(rows) / len(labels))))
        chosen.append(draw.choice(rows, count, replace=False))
    return np.sort(np.concatenate(chosen)).astype(np.int64)


def _fit_pca(x: Floats, dimensions: int, seed: int) -> Any:
    from sklearn.decomposition import PCA

    usable = min(dimensions, *x.shape)
    # Exact and fast for few columns; random projections (Halko et al. 2011) where there are many.
    solver = "covariance_eigh" if x.shape[1] <= 1000 else "randomized"
    return PCA(usable, svd_solver=solver, random_state=seed)


def _umap(n: int, seed: int) -> Any:
    import warnings

    with warnings.catch_warnings(), compiled_once():
        warnings.simplefilter("ignore")
        from umap import UMAP

    return UMAP(n_components=2, n_neighbors=min(15, n - 1), min_dist=0.1, random_state=seed, n_jobs=1, init="pca")
