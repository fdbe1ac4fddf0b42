"""A shallow decision tree that places members as a run did, from what can be said of them in words.

CART (Breiman, Friedman, Olshen and Stone 1984) by scikit-learn. Its depth is the smallest whose cross-validated share of
members placed as the run did lies within one standard error of the best (their rule), or within one point in a hundred.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from engine.core.formatting import UNITS, precision_of
from engine.results.explain.decision_tree import DEEPEST, Tree, best_depth, grown, reached
from engine.results.explain.features import Feature
from engine.results.record.explanations import Branch, Question, SurrogateTree
from engine.results.record.record import Ints

# Members that a tree is made from and judged on; those beyond are counted, not learned from.
MOST = 20_000
LEAST = 20
_HELD = 0.3
PIECE = 2**18
"""Members that are counted at a time."""
Array = npt.NDArray[Any]


@dataclass(frozen=True, eq=False)
class _Ask:
    """Something that can be asked of every member."""

    question: Question
    values: Array
    place: int | None = None
    """The value that means yes; None for numbers and dates."""

    def answers(self, rows: Ints | slice) -> Array:
        """Numbers as they are, float64 with NaN where missing; 1 for yes and 0 for no."""
        values = self.values[rows]
        return np.asarray(values if self.place is None else values == self.place, np.float64)


def fit_surrogate(features: Sequence[Feature], labels: Ints, *, seed: int = 0) -> SurrogateTree | None:
    """The tree for a grouping, -1 being a group of its own; None for too few members or a single group."""
    asks = [ask for feature in features for ask in _asks(feature)]
    known, codes = np.unique(labels, return_inverse=True)
    if len(known) < 2 or len(labels) < LEAST or not asks:
        return None
    order = np.random.default_rng(seed).permutation(len(labels))[:MOST]
    x = np.stack([ask.answers(order) for ask in asks], 1)
    held_out = max(5, round(_HELD * len(order)))
    learned = x[held_out:], codes[order[held_out:]], len(known)
    tree = _rounded(grown(*learned, best_depth(*learned)), asks, x)
    predicted, run = tree.votes.argmax(1)[reached(tree, x[:held_out], DEEPEST)], codes[order[:held_out]]
    majority = np.bincount(learned[1]).argmax()
    return SurrogateTree(
        branches=_branches(tree, asks, codes, known),
        fidelity=float((predicted == run).mean()),
        majority=float((run == majority).mean()),
        held_out=held_out,
        n_features=len({ask.question.column for ask in asks}),
    )


def _asks(feature: Feature) -> list[_Ask]:
    if feature.kind in ("number", "date"):
        blank = False if np.isnan(feature.values).any() else None
        return [_Ask(Question(feature.column, feature.kind, blank=blank), feature.values)]
    # Of two categories one question is enough.
    two = feature.kind == "category" and len(feature.names) == 2 and set(np.unique(feature.values)) == {0, 1}
    return [
        _Ask(Question(feature.column, feature.kind, name, 0.5), feature.values, 1 if feature.kind == "word" else place)
        for place, name in enumerate(feature.names[:1] if two else feature.names)
    ]


def _rounded(tree: Tree, asks: Sequence[_Ask], x: Array) -> Tree:
    """The tree with thresholds that can be said: about a hundredth of the column's usual spread, and of dates whole days,
    or minutes or seconds where the column spans no more than a few days.
    """
    for node in np.flatnonzero(tree.left >= 0):
        question = asks[tree.feature[node]].question
        if question.kind == "date":
            tree.threshold[node] = _rounded_moment(float(tree.threshold[node]), x[:, tree.feature[node]])
        elif question.kind == "number":
            tree.threshold[node] = _spoken(float(tree.threshold[node]), x[:, tree.feature[node]])
    return tree


def _rounded_moment(threshold: float, values: Array) -> float:
    precision = precision_of(values)
    unit = UNITS[precision]
    return threshold if precision == "microsecond" else float(np.floor(threshold / unit) * unit)


def _spoken(threshold: float, values: Array) -> float:
    known = values[np.isfinite(values)].astype(np.float64)
    if not (known % 1).any() and np.ptp(known) < 1000:
        return float(np.floor(threshold))
    low, high = np.quantile(known, [0.1, 0.9])
    spread = float(high - low) or float(np.ptp(known)) or 1.0
    decimals = 2 - int(np.floor(np.log10(spread)))
    return float(round(threshold, decimals))


def _branches(tree: Tree, asks: Sequence[_Ask], codes: Ints, known: Ints) -> tuple[Branch, ...]:
    """The nodes from the root down, with all members counted; what is above the threshold comes first."""
    counts = _counts(tree, asks, codes)
    branches: list[Branch] = []
    waiting = [(0, -1, False)]
    while waiting:
        node, parent, answer = waiting.pop(0)
        label, question = int(tree.votes[node].argmax()), _question(tree, node, asks)
        size, inside = int(counts[node].sum()), int(counts[node, label])
        branches.append(Branch(parent, answer, question, int(known[label]), size, inside))
        if question is not None:
            here = len(branches) - 1
            waiting += [(int(tree.right[node]), here, True), (int(tree.left[node]), here, False)]
    return tuple(branches)


def _counts(tree: Tree, asks: Sequence[_Ask], codes: Ints) -> Array:
    """[nodes, groups] members of each group that pass each node; only the columns that are asked about are read."""
    used, places = np.unique(np.maximum(tree.feature, 0), return_inverse=True)
    narrow = replace(tree, feature=places)
    passed = np.zeros((DEEPEST + 1, *tree.votes.shape), tree.votes.dtype)
    for start in range(0, len(codes), PIECE):
        part = slice(start, start + PIECE)
        x = np.stack([asks[i].answers(part) for i in used], 1)
        for depth in range(DEEPEST + 1):
            ends = reached(narrow, x, depth) * tree.votes.shape[1] + codes[part]
            passed[depth] += np.bincount(ends, minlength=tree.votes.size).reshape(tree.votes.shape).astype(passed.dtype)
    counts = np.zeros_like(tree.votes)
    for at_depth in passed:
        fresh = counts.sum(1) == 0
        counts[fresh] = at_depth[fresh]
    return counts


def _question(tree: Tree, node: int, asks: Sequence[_Ask]) -> Question | None:
    if tree.left[node] < 0:
        return None
    asked = asks[tree.feature[node]].question
    blank = None if asked.blank is None else not bool(tree.blank_left[node])
    return Question(asked.column, asked.kind, asked.value, float(tree.threshold[node]), blank)
