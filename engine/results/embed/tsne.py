"""A flat map by t-SNE, made on request: it takes longer than UMAP and shows close neighbors more clearly."""

from collections.abc import Callable
from typing import Any

import numpy as np

from engine.results.embed.projection import pca, stratified
from engine.results.record.record import Floats, Ints

ROWS = 10_000
"""Rows that t-SNE learns its map from; the rest is placed on it. 70,000 members of 10 numbers take 44 s of one core."""
PERPLEXITY = 30
NEAREST, TOWARD = 5, 0.2
AT_ONCE = 20_000
"""Rows that are placed together."""
_EXAGGERATED, _PLAIN, _EVERY = 250, 500, 20
"""Steps of the descent with and without exaggeration (openTSNE's), and after how many of them somebody is told."""
Tell = Callable[[float], None]


def _silent(share: float) -> None:
    """Report nothing."""


def tsne2(embedding: Floats, labels: Ints, *, seed: int = 0, rows: int = ROWS, tell: Tell = _silent) -> Floats:
    """t-SNE (van der Maaten and Hinton 2008) of the embedding [n, d], float32 [n, 2]; `tell` hears the share that is done.

    By openTSNE (Poličar, Stražar and Zupan 2024): Barnes-Hut, interpolated from 10,000 rows on (Linderman et al. 2019), from a
    start by PCA (Kobak and Berens 2019), on one thread, so that the same rows give the same map. It learns from a sample that
    keeps every group's share; each other member is put into the middle of the five of the sample that are most like it.
    Seconds to minutes: not for the web server. Fewer than five members are shown by PCA.
    """
    if len(embedding) < 5:
        return pca(embedding, 2, seed=seed)
    sample = stratified(labels, rows, seed)
    positions = np.empty((len(embedding), 2), np.float32)
    positions[sample] = _learned(embedding[sample], seed, tell)
    rest = np.setdiff1d(np.arange(len(embedding)), sample)
    for start in range(0, len(rest), AT_ONCE):
        some = rest[start : start + AT_ONCE]
        positions[some] = _placed(embedding[some], embedding[sample], positions[sample])
        tell(0.9 + 0.1 * (start + len(some)) / len(rest))
    return positions


def _placed(x: Floats, known: Floats, positions: Floats) -> Floats:
    """Rows [m, d] on the map [n, 2] of those known [n, d]: in the middle of the five nearest, a little toward the nearest.

    The mean would put rows between two groups that they are both a little like; the median alone would heap them on few spots.
    On 1,797 digits of which 1,000 are learned from, 98 of 100 others lie among those of their own digit by the median, 96 by the
    mean.
    """
    from sklearn.neighbors import NearestNeighbors

    away, who = NearestNeighbors(n_neighbors=min(NEAREST, len(known))).fit(known).kneighbors(x)
    near, weights = positions[who], 1 / np.maximum(away, 1e-12)[:, :, None]
    middle, pulled = np.median(near, axis=1), (weights * near).sum(1) / weights.sum(1)
    return np.asarray(middle + TOWARD * (pulled - middle), np.float32)


def _learned(x: Floats, seed: int, tell: Tell) -> Floats:
    """The map of all rows."""
    from openTSNE import TSNE

    done = 0

    def heard(step: int, error: float, positions: Any) -> None:
        nonlocal done
        done += _EVERY
        tell(0.9 * min(1.0, done / (_EXAGGERATED + _PLAIN)))

    positions = TSNE(
        perplexity=min(PERPLEXITY, (len(x) - 1) / 3),
        initialization=_start(x, seed),
        neighbors="exact",
        early_exaggeration_iter=_EXAGGERATED,
        n_iter=_PLAIN,
        n_jobs=1,
        random_state=seed,
        callbacks=heard,
        callbacks_every_iters=_EVERY,
    ).fit(x)
    return np.asarray(positions, np.float32)


def _start(x: Floats, seed: int) -> Floats:
    """Principal components, as small as t-SNE wants them; copies of a row lie apart by a hair, or nothing would part them."""
    start = pca(x, 2, seed=seed)
    start = start / max(float(start[:, 0].std()), 1e-12) * 1e-4
    return np.asarray(start + np.random.default_rng(seed).normal(0, 1e-6, start.shape), np.float32)
