"""How well each group stands apart, beside its partner in plain k-means."""

import numpy as np

from engine.results.embed.projection import stratified
from engine.results.evaluate import metrics
from engine.results.record.diagnostics import Separation
from engine.results.record.record import Baseline, Floats, Ints

# Distances grow with the square of the rows.
ROWS = 2000


def by_group(space: Floats, labels: Ints, k: int, plain: Baseline | None, *, seed: int = 0) -> Separation | None:
    """Silhouettes by group in `space` [n, d], on at most `ROWS` of the assigned; None where not defined."""
    from sklearn.metrics import pairwise_distances

    assigned = np.flatnonzero(labels >= 0)
    rows = assigned[stratified(labels[assigned], ROWS, seed)]
    if not metrics.defined(labels[rows]):
        return None
    away = pairwise_distances(space[rows])
    ours = _values(away, labels[rows])
    parts = [ours[labels[rows] == g] for g in range(k)]
    return Separation(
        mean=tuple(_of(part, np.mean) for part in parts),
        low=tuple(_of(part, lambda p: np.quantile(p, 0.1)) for part in parts),
        high=tuple(_of(part, lambda p: np.quantile(p, 0.9)) for part in parts),
        below=tuple(_of(part, lambda p: (p < 0).mean()) for part in parts),
        plain=(None,) * k if plain is None else _partners(away, labels[rows], k, plain.labels[rows]),
    )


def _partners(away: Floats, labels: Ints, k: int, plain: Ints) -> tuple[float | None, ...]:
    """The mean silhouette of the group of k-means that is paired with each group; every one is paired once."""
    if not metrics.defined(plain):
        return (None,) * k
    theirs, partner = _values(away, plain), metrics.matched(plain, labels)
    return tuple(_of(theirs[plain == partner[g]], np.mean) if g in partner else None for g in range(k))


def _values(away: Floats, labels: Ints) -> Floats:
    from sklearn.metrics import silhouette_samples

    np.fill_diagonal(away, 0)
    return np.asarray(silhouette_samples(away, labels, metric="precomputed"), np.float32)


def _of(part: Floats, measure: object) -> float | None:
    return float(measure(part)) if len(part) and callable(measure) else None
