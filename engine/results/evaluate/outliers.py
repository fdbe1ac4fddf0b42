"""Outlier scores of the members, by the rule that says which new rows do not fit (`assignment.RULE`).

A member is compared with all others where they are few, else with an even part of them, among the numbers and in the code, once
each; 1 is what 99 of 100 members stay below, rows that the network never saw counted among them, as for new rows. Of a network's
own training data therefore a little less than one in a hundred exceeds it.
"""

from collections.abc import Callable

import numpy as np

from engine.results.record.record import Floats, Ints

NEAREST = 5
SHARE = 0.99
AT_ONCE = 2**17
"""Members whose distances are in memory at a time."""
COMPARED = 5_000
"""Members that every member is compared with. 10,000 members of 784 numbers take 4 s of one core, 70,000 take 17 s."""
MANY, COMPARED_OF_MANY = 1_000_000, 1_000
"""Members from which on each is compared with fewer."""
_ROUNDING = 1e-4
Halfway = Callable[[Ints], Floats]
"""Codes [j, e] of what lies halfway between the two members of each pair [j, 2]."""


def outlier_scores(rows: Floats, codes: Floats | None = None, halfway: Halfway | None = None) -> Floats:
    """How far each member is from its five nearest others, 1 being the limit.

    Parameters
    ----------
    rows
        float32 [n, d], the prepared numbers.
    codes
        float32 [n, e], what the method sees in them; None where it sees the numbers themselves.
    halfway
        Gives the codes of what lies between two members, which stand in for rows that the network never saw.

    Returns
    -------
    Floats
        float32 [n]; 99 of 100 members stay below 1. Zeros for fewer than four members.
    """
    n = len(rows)
    if n < 4:
        return np.zeros(n, np.float32)
    compared = COMPARED if n <= MANY else COMPARED_OF_MANY
    known = np.unique(np.linspace(0, n - 1, min(n, compared)).round().astype(np.int64))
    own = np.full((n, 1), -1, np.int64)
    own[known, 0] = np.arange(len(known))
    away, twin = nearest(rows[known], rows, own)
    twin, scale = twin[known], DistanceScale()
    scores = scale.scaled(rows[known], away, away[known])
    if codes is not None:
        away = nearest(codes[known], codes, own)[0]
        among = away[known]
        if halfway is not None:
            between = halfway(np.stack([known, known[twin]], axis=1))
            among = np.maximum(among, nearest(codes[known], between, np.stack([own[known, 0], twin], axis=1))[0])
        scores = np.maximum(scores, scale.scaled(codes[known], away, among))
    return np.asarray(scores / scale.limit, np.float32)


class DistanceScale:
    """What distances are usual among members [m], space after space; the larger of a member's counts."""

    def __init__(self) -> None:
        self._largest = np.zeros(1, np.float32)

    def scaled(self, known: Floats, away: Floats, among: Floats) -> Floats:
        """Distances in a space whose members are `known` [n, d], in units of the median of those `among` members [m]."""
        # Rounding alone tells rows apart that are copies of members, where all members are copies of one another.
        unit = max(float(np.median(among)), _ROUNDING * float(np.abs(known).max(initial=0)), 1e-12)
        self._largest = np.maximum(self._largest, among / unit)
        return np.asarray(away / unit, np.float32)

    @property
    def limit(self) -> float:
        """What 99 of 100 members stay below, in the same units."""
        return max(float(np.quantile(self._largest, SHARE)), 1.0)


def nearest(known: Floats, rows: Floats, but: Ints | None = None) -> tuple[Floats, Ints]:
    """[m] mean distance of rows to the nearest five members, and the nearest of all; those in `but` [m, some] do not count."""

    starts = range(0, max(len(rows), 1), AT_ONCE)
    found = [_nearest(known, rows[i : i + AT_ONCE], None if but is None else but[i : i + AT_ONCE]) for i in starts]
    return np.concatenate([away for away, _ in found]), np.concatenate([who for _, who in found])


def _nearest(known: Floats, rows: Floats, but: Ints | None) -> tuple[Floats, Ints]:
    from sklearn.neighbors import NearestNeighbors

    left_out = 0 if but is None else but.shape[1]
    most = min(NEAREST, len(known) - left_out)
    distances, who = NearestNeighbors(n_neighbors=most + left_out).fit(known).kneighbors(rows)
    if but is not None:
        distances = np.where((who[:, :, None] == but[:, None, :]).any(2), np.inf, distances)
        order = np.argsort(distances, axis=1, kind="stable")
        distances, who = np.take_along_axis(distances, order, 1), np.take_along_axis(who, order, 1)
    return np.asarray(distances[:, :most].mean(1), np.float32), np.asarray(who[:, 0], np.int64)
