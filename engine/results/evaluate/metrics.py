"""Numbers of a grouping, with and without true labels.

Rules that hold throughout: against labels, the unassigned members (-1) count as one group of their own, and members
whose label is unknown (-1) are left out; without labels, only assigned members count, and `coverage` says how many
those are. A number that is not defined (one group, every member alone) is absent rather than zero.
"""

from typing import Any

import numpy as np
import numpy.typing as npt

from engine.results.record.record import Bools, Confusion, Floats, Ints

# Rows on which the silhouette is measured: its cost grows with their square.
SILHOUETTE_ROWS = 4000
# Rows on which the other measures without labels are taken where there are more.
SPREAD_ROWS = 1_000_000


def sampling_note(n: int) -> str:
    """Which figures of a result of `n` members are of a sample, a sentence; "" where all members took part.

    Examples
    --------
    >>> sampling_note(60_000)
    ''
    """
    if n <= SPREAD_ROWS:
        return ""
    return (
        f"Of the {n:,} members about {SPREAD_ROWS:,}, drawn at random from every group, stand for all in the overlap of groups, "
        "in medians and in what sets groups apart; outlier scores compare with fewer members than in smaller data."
    )


def contingency(truth: Ints, labels: Ints) -> tuple[Ints, Ints, Ints]:
    """Counts [classes, groups] with the sorted values that rows and columns stand for."""
    classes, rows = np.unique(truth, return_inverse=True)
    groups, columns = np.unique(labels, return_inverse=True)
    counts = np.zeros((len(classes), len(groups)), np.int64)
    np.add.at(counts, (rows, columns), 1)
    return counts, classes.astype(np.int64), groups.astype(np.int64)


def matched(truth: Ints, labels: Ints) -> dict[int, int]:
    """Group -> class under the best one-to-one pairing (Hungarian method, Kuhn 1955)."""
    from scipy.optimize import linear_sum_assignment

    counts, classes, groups = contingency(truth, labels)
    rows, columns = linear_sum_assignment(counts, maximize=True)
    return {int(groups[c]): int(classes[r]) for r, c in zip(rows, columns, strict=True)}


def hits(truth: Ints, labels: Ints) -> Bools:
    """Which members match their label; the mean over known labels is the accuracy (ACC).

    Parameters
    ----------
    truth
        int64 [n], the class of each member, -1 where it is unknown.
    labels
        int64 [n], the group of each member, -1 where it has none; that counts as a group of its own.

    Returns
    -------
    Bools
        [n], True where the member's group is paired with its class, see `matched`.

    Examples
    --------
    >>> hits(np.array([0, 0, 1]), np.array([5, 5, 5])).tolist()
    [True, True, False]
    """
    known = truth >= 0
    pairing = matched(truth[known], labels[known])
    groups, rows = np.unique(labels, return_inverse=True)
    partners = np.array([pairing.get(int(group), -2) for group in groups], np.int64)
    return np.asarray(partners[rows] == truth)


def with_truth(truth: Ints, labels: Ints) -> dict[str, float]:
    """Measures against the true classes.

    Parameters
    ----------
    truth
        int64 [n], -1 where it is unknown; those members are left out.
    labels
        int64 [n], -1 where a member has no group; that counts as a group of its own.

    Returns
    -------
    dict[str, float]
        "acc" (clustering accuracy), "nmi" (normalized by the arithmetic mean) and "ari" (adjusted Rand index); empty where
        no class is known.
    """
    from sklearn.metrics import adjusted_rand_score, normalized_mutual_info_score

    known = truth >= 0
    if not known.any():
        return {}
    return {
        "acc": float(hits(truth, labels)[known].mean()),
        "nmi": float(normalized_mutual_info_score(truth[known], labels[known])),
        "ari": float(adjusted_rand_score(truth[known], labels[known])),
    }


def agreement(a: Ints, b: Ints) -> float:
    """Adjusted Rand index of two groupings (Hubert and Arabie 1985)."""
    from sklearn.metrics import adjusted_rand_score

    return float(adjusted_rand_score(a, b))


def without_truth(space: Floats, labels: Ints, *, seed: int = 0) -> dict[str, float]:
    """Measures of the assigned members by their distances alone.

    Parameters
    ----------
    space
        float32 [n, d], the columns or codes that distances are measured in.
    labels
        int64 [n], -1 where a member has no group.
    seed
        Draws the `SILHOUETTE_ROWS` that the silhouette is measured on where there are more, and `SPREAD_ROWS` for the others.

    Returns
    -------
    dict[str, float]
        "silhouette", "davies_bouldin" and "calinski_harabasz"; what is not defined is absent.
    """
    from sklearn.metrics import calinski_harabasz_score, davies_bouldin_score

    assigned = labels >= 0
    if not defined(labels):
        return {}
    rows = np.flatnonzero(assigned)
    if len(rows) > SPREAD_ROWS:
        rows = np.sort(np.random.default_rng(seed).choice(rows, SPREAD_ROWS, replace=False))
    x, y = (space, labels) if len(rows) == len(labels) else (space[rows], labels[rows])
    if not defined(y):
        return {}
    scores = {
        "silhouette": silhouette(space, labels, seed=seed),
        "davies_bouldin": float(davies_bouldin_score(x, y)),
        "calinski_harabasz": float(calinski_harabasz_score(x, y)),
    }
    return {name: value for name, value in scores.items() if value is not None and np.isfinite(value)}


def defined(labels: Ints) -> bool:
    """True where the assigned members form at least two groups and not all of them stand alone."""
    assigned = labels[labels >= 0]
    return 2 <= len(np.unique(assigned)) < len(assigned)


def silhouette(space: Floats, labels: Ints, *, rows: Ints | None = None, seed: int = 0) -> float | None:
    """Mean silhouette (Rousseeuw 1987) over `rows`, or over a seeded sample of the assigned; None if not defined."""
    from sklearn.metrics import silhouette_score

    rows = silhouette_rows(labels, seed) if rows is None else rows
    if not defined(labels[rows]):
        return None
    return float(silhouette_score(_flat(space[rows]), labels[rows]))


def silhouette_rows(labels: Ints, seed: int = 0) -> Ints:
    """The assigned rows that a silhouette is measured on: all of them, or `SILHOUETTE_ROWS` drawn by the seed."""
    rows = np.flatnonzero(labels >= 0)
    if len(rows) > SILHOUETTE_ROWS:
        rows = np.sort(np.random.default_rng(seed).choice(rows, SILHOUETTE_ROWS, replace=False))
    return rows.astype(np.int64)


def confusion(truth: Ints, labels: Ints, class_names: tuple[str, ...]) -> Confusion:
    """Classes by groups with each group under the class it is paired with; groups without a partner follow by size."""
    known = truth >= 0
    counts, classes, groups = contingency(truth[known], labels[known])
    partner = matched(truth[known], labels[known])
    rank = {int(c): i for i, c in enumerate(classes)}

    def place(column: int) -> tuple[bool, float, int]:
        group = int(groups[column])
        paired = rank[partner[group]] if group in partner else len(classes)
        return group < 0, paired, -int(counts[:, column].sum())

    order = sorted(range(len(groups)), key=place)
    names = tuple(class_names[c] if c < len(class_names) else str(c) for c in classes)
    return Confusion(counts[:, order], names, tuple(int(groups[c]) for c in order))


def _flat(x: npt.NDArray[Any]) -> npt.NDArray[Any]:
    return x.reshape(len(x), -1)
