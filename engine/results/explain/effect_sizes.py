"""How far a group lies from all other members, on one scale for numbers and categories: standard deviations."""

from dataclasses import dataclass, replace
from statistics import NormalDist
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from engine.results.record.record import Ints

Array = npt.NDArray[Any]
# Fewer members than this, inside or outside, and nothing is claimed.
LEAST_MEMBERS = 5
# "Small" by Cohen (1988): what is smaller is not worth a sentence.
LEAST_EFFECT = 0.2
# Columns more lopsided than this are compared by ranks and medians.
_SKEWED = 1.5
_NORMAL = NormalDist()


@dataclass(frozen=True)
class Contrast:
    """One group against the rest in one column: effect with 95 % interval, and what both sides have."""

    effect: float
    low: float
    high: float
    inside: float
    outside: float
    measure: Literal["mean", "median", "share"]
    claimed: bool
    """True where the effect is not small and its interval, widened for the number of comparisons, excludes zero."""


def widened(comparisons: int) -> float:
    """Half width, in standard errors, of a 95 % interval that holds for so many comparisons at once (Bonferroni)."""
    return _NORMAL.inv_cdf(1 - 0.025 / max(comparisons, 1))


def of_numbers(values: Array, labels: Ints, k: int, z: float) -> list[Contrast | None]:
    """Each group against the rest in a column of numbers [n], NaN where missing.

    Cohen's d with the interval of Hedges and Olkin (1985); lopsided columns by Cliff's delta with the standard error
    of Hanley and McNeil (1982), turned into the d of two normal distributions that overlap as much.
    """
    known = np.isfinite(values)
    values, labels = values[known].astype(np.float64), labels[known]
    spread = values.std() if len(values) else 0.0
    if not spread > 1e-12 * max(1.0, float(np.abs(values).max(initial=0.0))):
        return [None] * k
    standard = (values - values.mean()) / spread
    means = _by_means(standard, labels, k, z)
    contrasts = [m and replace(m, **_sides(values, labels, g, np.mean)) for g, m in enumerate(means)]
    if abs(float((standard**3).mean())) <= _SKEWED:
        return contrasts
    ranks = _by_ranks(values, labels, k, z)
    return [_preferred(r, m, values, labels, g) for g, (r, m) in enumerate(zip(ranks, contrasts, strict=True))]


def of_shares(belongs: npt.NDArray[np.bool_], labels: Ints, k: int, z: float) -> list[Contrast | None]:
    """Each group against the rest in the share of members for which `belongs` [n] holds: Cohen's h (1988)."""
    inside, n = _counts(labels, belongs, k), _counts(labels, None, k)
    outside, m = belongs.sum() - inside, len(labels) - n
    contrasts: list[Contrast | None] = []
    for g in range(k):
        if min(n[g], m[g]) < LEAST_MEMBERS:
            contrasts.append(None)
            continue
        p, q = inside[g] / n[g], outside[g] / m[g]
        effect = 2 * float(np.arcsin(np.sqrt(p)) - np.arcsin(np.sqrt(q)))
        error = float(np.sqrt(1 / n[g] + 1 / m[g]))
        contrast = _contrast(effect, (effect - 1.96 * error, effect + 1.96 * error), effect, z * error, "share")
        contrasts.append(replace(contrast, inside=float(p), outside=float(q)))
    return contrasts


def _by_means(standard: Array, labels: Ints, k: int, z: float) -> list[Contrast | None]:
    n, s1, s2 = (_counts(labels, w, k) for w in (None, standard, standard**2))
    m, t1, t2 = len(standard) - n, standard.sum() - s1, (standard**2).sum() - s2
    contrasts: list[Contrast | None] = []
    for g in range(k):
        if min(n[g], m[g]) < LEAST_MEMBERS:
            contrasts.append(None)
            continue
        within = max(s2[g] - s1[g] ** 2 / n[g], 0) + max(t2[g] - t1[g] ** 2 / m[g], 0)
        # Two constant halves would make d infinite; ten pooled deviations say as much.
        pooled = max(float(np.sqrt(within / (n[g] + m[g] - 2))), 0.1 * abs(s1[g] / n[g] - t1[g] / m[g]), 1e-9)
        d = float((s1[g] / n[g] - t1[g] / m[g]) / pooled)
        error = float(np.sqrt(1 / n[g] + 1 / m[g] + d**2 / (2 * (n[g] + m[g]))))
        contrasts.append(_contrast(d, (d - 1.96 * error, d + 1.96 * error), d, z * error, "mean"))
    return contrasts


def _by_ranks(values: Array, labels: Ints, k: int, z: float) -> list[Contrast | None]:
    from scipy.stats import rankdata

    n, ranks = _counts(labels, None, k), _counts(labels, rankdata(values), k)
    m = len(values) - n
    contrasts: list[Contrast | None] = []
    for g in range(k):
        if min(n[g], m[g]) < LEAST_MEMBERS:
            contrasts.append(None)
            continue
        # Probability that a member has more than one of the rest; Cliff's delta is 2 * area - 1.
        area = float((ranks[g] - n[g] * (n[g] + 1) / 2) / (n[g] * m[g]))
        error = _area_error(area, float(n[g]), float(m[g]))
        bounds = (_deviations(area - 1.96 * error, n[g] * m[g]), _deviations(area + 1.96 * error, n[g] * m[g]))
        contrasts.append(_contrast(_deviations(area, n[g] * m[g]), bounds, area - 0.5, z * error, "median"))
    return contrasts


def _contrast(
    effect: float, bounds: tuple[float, float], center: float, half: float, measure: Literal["mean", "median", "share"]
) -> Contrast:
    low, high = bounds
    claimed = abs(effect) >= LEAST_EFFECT and abs(center) > half and low * high > 0
    return Contrast(effect, low, high, 0.0, 0.0, measure, claimed)


def _preferred(
    ranks: Contrast | None, means: Contrast | None, values: Array, labels: Ints, group: int
) -> Contrast | None:
    """The comparison by ranks, unless its medians do not show the difference (a column of mostly zeros)."""
    if ranks is None or not ranks.claimed:
        return ranks
    sides = _sides(values, labels, group, np.median)
    return replace(ranks, **sides) if (sides["inside"] - sides["outside"]) * ranks.effect > 0 else means


def _sides(values: Array, labels: Ints, group: int, middle: Any) -> dict[str, Any]:
    inside = labels == group
    return {"inside": float(middle(values[inside])), "outside": float(middle(values[~inside]))}


def _counts(labels: Ints, weights: Array | None, k: int) -> Array:
    assigned = labels >= 0
    return np.bincount(labels[assigned], None if weights is None else weights[assigned], minlength=k)


def _area_error(area: float, n: float, m: float) -> float:
    """Standard error of the area under the curve (Hanley and McNeil 1982, equation 2), symmetric in the two sides."""
    a = max(area, 1 - area)
    once, twice = a / (2 - a), 2 * a**2 / (1 + a)
    return float(np.sqrt(max(a * (1 - a) + (n - 1) * (once - a**2) + (m - 1) * (twice - a**2), 0) / (n * m)))


def _deviations(area: float, pairs: float) -> float:
    """d of two normal distributions with this area; no closer to 0 or 1 than half a pair of members allows."""
    edge = 0.5 / pairs
    return 2**0.5 * _NORMAL.inv_cdf(min(max(area, edge), 1 - edge))
