"""What stays of the groups when a method is trained again: with other seeds, and on part of the rows."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from engine.core.formatting import format_list, format_percent
from engine.results.embed.projection import stratified
from engine.results.evaluate import metrics
from engine.results.record.diagnostics import Stability
from engine.results.record.record import Floats, Ints

# Members of the consensus matrix.
SHOWN = 400
# Mean overlap from which Hennig (2007) trusts a group; below the first it should not be.
DOUBTFUL, PATTERN, STABLE = 0.6, 0.75, 0.85


def stability(
    labels: Ints, k: int, repeated: Sequence[Ints], *, seeds: int, seconds: float = 0.0, seed: int = 0
) -> Stability:
    """Compare the run's `labels` [n] with those of each repetition [n], of which the first `seeds` had other seeds."""
    every = [labels, *repeated]
    agreement = np.array([[metrics.agreement(a, b) if a is not b else 1.0 for b in every] for a in every], np.float32)
    left = np.mean([_left(labels, other) for other in repeated], axis=0).astype(np.float32)
    sample = np.random.default_rng(seed).permutation(stratified(labels, SHOWN, seed))[:SHOWN]
    sample = sample[np.lexsort((left[sample], np.where(labels[sample] < 0, k, labels[sample])))]
    return Stability(
        agreement=agreement,
        seeds=seeds,
        overlap=np.stack([overlaps(labels, other, k) for other in repeated]),
        left=left,
        sample=sample,
        consensus=consensus([other[sample] for other in repeated]),
        seconds=seconds,
    )


def overlaps(labels: Ints, other: Ints, k: int) -> Floats:
    """[k] largest Jaccard coefficient of each group with a group of `other` (Hennig 2007); NaN for an empty group.

    Members are counted over both; who is in no group (-1) belongs to none on that side.
    """
    best = np.full(k, np.nan, np.float32)
    sizes = np.bincount(other[other >= 0], minlength=1)
    for group in np.unique(labels[labels >= 0]):
        inside = other[labels == group]
        shared = np.bincount(inside[inside >= 0], minlength=len(sizes))
        best[group] = (shared / np.maximum(sizes + len(inside) - shared, 1)).max()
    return best


def consensus(repeated: Sequence[Ints]) -> npt.NDArray[np.uint8]:
    """[m, m] percent of the repetitions in which two members [m] are in one group (Monti et al. 2003)."""
    together = [(labels[:, None] == labels) & (labels[:, None] >= 0) for labels in repeated]
    return np.asarray(np.round(100 * np.mean(together, axis=0)), np.uint8)


def _left(labels: Ints, other: Ints) -> npt.NDArray[np.bool_]:
    """[n] True where a member is not in the group of `other` that is paired with its own."""
    if not (labels >= 0).any():
        return np.asarray(other >= 0)
    stays = metrics.hits(labels, other) & (other >= 0)
    return np.asarray(np.where(labels >= 0, ~stays, other >= 0))


def between(found: Stability, *, seeds: bool) -> Floats:
    """Agreement of every two groupings among the run and its repetitions: those of other seeds, or of other rows."""
    count = len(found.agreement)
    of = [0, *(range(1, found.seeds + 1) if seeds else range(found.seeds + 1, count))]
    part = found.agreement[np.ix_(of, of)]
    return np.asarray(part[np.triu_indices(len(of), 1)], np.float32)


def rule(overlap: float) -> str:
    """Hennig's rule of thumb in words."""
    if overlap >= STABLE:
        return "very stable"
    if overlap >= PATTERN:
        return "a real pattern"
    return "a pattern with uncertain members" if overlap >= DOUBTFUL else "doubtful"


def sentence(found: Stability) -> str:
    """What the repetitions say, as Markdown."""
    return f"{_agreed(found)} {_groups(found)} {_members(found)}"


def _agreed(found: Stability) -> str:
    parts = []
    for values, how in (
        (between(found, seeds=True), "started from other random numbers"),
        (between(found, seeds=False), "trained on other 80 % of the rows"),
    ):
        if len(values):
            parts.append(f"**{values.mean():.2f}** ({values.min():.2f} to {values.max():.2f}) where it was {how}")
    return f"The method agrees with itself at {format_list(parts)}; 1 is the same grouping." if parts else ""


def _groups(found: Stability) -> str:
    groups = found.groups
    known = np.flatnonzero(np.isfinite(groups))
    by_word: dict[str, list[int]] = {}
    for group in sorted(known, key=lambda g: -groups[g]):
        by_word.setdefault(rule(float(groups[group])), []).append(int(group))
    if len(by_word) == 1:
        word = next(iter(by_word))
        return f"**Every group is {word}.**"
    return f"{format_list([_some(found, word, members) for word, members in by_word.items()])}."


def _some(found: Stability, word: str, groups: list[int]) -> str:
    """Few groups by name, many by number."""
    mark = "**" if word == "doubtful" else ""
    if len(groups) <= 3:
        names = format_list([f"Group {g + 1} ({found.groups[g]:.2f})" for g in sorted(groups)])
        return f"{names} {'is' if len(groups) == 1 else 'are'} {mark}{word}{mark}"
    return f"{len(groups)} groups are {mark}{word}{mark}"


def _members(found: Stability) -> str:
    ever, often = float((found.left > 0).mean()), float((found.left >= 0.5).mean())
    return (
        f"{format_percent(ever)} of the members ever changed group, {format_percent(often)} at least every second time."
    )
