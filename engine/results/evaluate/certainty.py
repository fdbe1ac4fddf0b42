"""How sure each membership is, and which members speak for a group."""

from dataclasses import dataclass

import numpy as np

from engine.core.snapshot import Outcome
from engine.results.record.record import Bools, Floats, Ints

# A member is doubtful where its own group leads the next by less than this share, in membership or in distance.
DOUBT = 0.1
SHOWN = 12
_CHUNK = 65_536


@dataclass(frozen=True)
class Certainty:
    """Per member: certainty 0..1, the runner-up group (-1 if none), and whether the two are almost level."""

    sure: Floats
    second: Ints
    doubtful: Bools


def groups_of(outcome: Outcome) -> int:
    """Number of groups, empty ones included."""
    widths = [int(outcome.labels.max(initial=-1)) + 1]
    widths += [] if outcome.soft is None else [outcome.soft.shape[1]]
    widths += [] if outcome.centers is None else [len(outcome.centers)]
    return max(widths)


def centers_of(outcome: Outcome, k: int) -> Floats:
    """The method's centers [k, d], or the mean embedding of each group; an empty group's is NaN."""
    if outcome.centers is not None and outcome.centers.shape == (k, outcome.embedding.shape[1]):
        return outcome.centers
    centers = np.full((k, outcome.embedding.shape[1]), np.nan, np.float32)
    for label in np.unique(outcome.labels[outcome.labels >= 0]):
        centers[label] = mean_of(outcome.embedding, np.flatnonzero(outcome.labels == label))
    return centers


def mean_of(x: Floats, rows: Ints) -> Floats:
    """The mean of some rows of an array [n, ...]; of very many, piece by piece."""
    if len(rows) <= _CHUNK:
        return np.asarray(x[rows].mean(0))
    total = np.zeros(x.shape[1:])
    for start in range(0, len(rows), _CHUNK):
        total += x[rows[start : start + _CHUNK]].sum(0, dtype=np.float64)
    return (total / len(rows)).astype(x.dtype)


def certainty(outcome: Outcome, k: int) -> Certainty:
    """The method's own membership where it has one (`soft`), else the relative margin between own and next center.

    The margin is (next - own) / next, with distances in the embedding: 0 on the border, 1 on the center.
    """
    n = len(outcome.labels)
    result = Certainty(np.zeros(n, np.float32), np.full(n, -1, np.int64), np.zeros(n, np.bool_))
    if k == 0:
        return result
    centers = centers_of(outcome, k)
    for start in range(0, n, _CHUNK):
        part = slice(start, start + _CHUNK)
        labels = outcome.labels[part]
        if outcome.soft is not None:
            sure, second, margin = _by_membership(outcome.soft[part], labels)
        else:
            sure, second, margin = _by_distance(distances(outcome.embedding[part], centers), labels)
        assigned = labels >= 0
        result.sure[part] = np.where(assigned, np.clip(sure, 0, 1), 0)
        result.second[part] = second
        result.doubtful[part] = assigned & (margin < DOUBT)
    return result


def distances(x: Floats, centers: Floats) -> Floats:
    """Euclidean distances [n, k]."""
    squared = (x**2).sum(1)[:, None] - 2 * x @ centers.T + (centers**2).sum(1)
    return np.asarray(np.sqrt(np.maximum(squared, 0)), np.float32)


def typical(outcome: Outcome, label: int, centers: Floats) -> tuple[int, ...]:
    """The members nearest to their group's center in the embedding, nearest first."""
    inside = np.flatnonzero(outcome.labels == label)
    away = np.concatenate(
        [
            np.linalg.norm(outcome.embedding[inside[start : start + _CHUNK]] - centers[label], axis=1)
            for start in range(0, max(len(inside), 1), _CHUNK)
        ]
    )
    return tuple(int(i) for i in inside[np.argsort(away, kind="stable")[:SHOWN]])


def doubtful(found: Certainty, labels: Ints, label: int) -> tuple[int, ...]:
    """The doubtful members of a group, least sure first."""
    inside = np.flatnonzero((labels == label) & found.doubtful)
    return tuple(int(i) for i in inside[np.argsort(found.sure[inside], kind="stable")[:SHOWN]])


def _by_membership(soft: Floats, labels: Ints) -> tuple[Floats, Ints, Floats]:
    rows, k = np.arange(len(soft)), soft.shape[1]
    own = soft[rows, np.maximum(labels, 0)]
    others = soft.copy()
    others[rows[labels >= 0], labels[labels >= 0]] = -1
    second = others.argmax(1).astype(np.int64)
    if k == 1:
        return own, np.where(labels < 0, 0, -1), own
    return own, second, (own - others[rows, second]) / np.maximum(own, 1e-12)


def _by_distance(away: Floats, labels: Ints) -> tuple[Floats, Ints, Floats]:
    rows = np.arange(len(away))
    own = away[rows, np.maximum(labels, 0)]
    others = np.where(np.isnan(away), np.inf, away)
    others[rows[labels >= 0], labels[labels >= 0]] = np.inf
    second = others.argmin(1).astype(np.int64)
    next_away = others[rows, second]
    alone = np.isinf(next_away)
    larger = np.maximum(np.maximum(next_away, own), 1e-12)
    margin = np.where(alone, 1, (np.where(alone, 0, next_away) - own) / np.where(alone, 1, larger)).astype(np.float32)
    return np.clip(margin, 0, 1), np.where(alone, -1, second), margin
