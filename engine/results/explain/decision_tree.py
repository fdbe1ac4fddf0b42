"""Classification trees as arrays (Breiman, Friedman, Olshen and Stone 1984), grown by scikit-learn."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from engine.results.record.record import Ints

DEEPEST = 4
_FOLDS = 5
_SIMPLER = 0.01
"""A level more has to gain at least this share of the members."""
Array = npt.NDArray[Any]


@dataclass(eq=False)
class Tree:
    """Arrays of nodes as scikit-learn has them; `-1` is no child."""

    left: Ints
    right: Ints
    feature: Ints
    threshold: Array
    blank_left: npt.NDArray[np.bool_]
    votes: Array


def best_depth(x: Array, codes: Ints, classes: int) -> int:
    """The depth to grow to: zero where nothing helps."""
    fold = np.arange(len(x)) % _FOLDS
    right = np.zeros((DEEPEST + 1, len(x)), np.bool_)
    for i in range(_FOLDS):
        tree = grown(x[fold != i], codes[fold != i], classes, DEEPEST)
        for depth in range(DEEPEST + 1):
            predicted = tree.votes.argmax(1)[reached(tree, x[fold == i], depth)]
            right[depth, fold == i] = predicted == codes[fold == i]
    shares = right.mean(1)
    error = float(right[shares.argmax()].std() / len(x) ** 0.5)
    return int(np.flatnonzero(shares >= shares.max() - max(error, _SIMPLER))[0])


def grown(x: Array, codes: Ints, classes: int, depth: int) -> Tree:
    """The tree for rows [n, m], NaN where missing, of groups [n] from 0 to classes - 1; it asks `depth` questions at most."""
    from sklearn.tree import DecisionTreeClassifier

    least = max(5, len(x) // 100)
    # A tree of no depth is a single leaf that says the largest group.
    model = DecisionTreeClassifier(max_depth=max(depth, 1), min_samples_leaf=least, random_state=0).fit(x, codes)
    tree = model.tree_
    votes = np.zeros((tree.node_count, classes))
    votes[:, model.classes_] = tree.value[:, 0] * tree.n_node_samples[:, None]
    left, right = tree.children_left.copy(), tree.children_right.copy()
    if depth == 0:
        left[:], right[:] = -1, -1
    blank = tree.missing_go_to_left.astype(np.bool_)
    return _pruned(Tree(left, right, tree.feature.copy(), tree.threshold.copy(), blank, votes))


def _pruned(tree: Tree) -> Tree:
    """Without questions whose answers all lead to the same group."""
    predicted = tree.votes.argmax(1)
    for node in range(len(predicted) - 1, -1, -1):
        a, b = int(tree.left[node]), int(tree.right[node])
        if a >= 0 and tree.left[a] < 0 and tree.left[b] < 0 and predicted[a] == predicted[b]:
            tree.left[node] = tree.right[node] = -1
    return tree


def reached(tree: Tree, x: Array, depth: int) -> Ints:
    """[n] the node at which each row ends, after at most so many questions."""
    node = np.zeros(len(x), np.int64)
    for _ in range(depth):
        values = x[np.arange(len(x)), np.maximum(tree.feature[node], 0)]
        left = np.where(np.isnan(values), tree.blank_left[node], values <= tree.threshold[node])
        node = np.where(tree.left[node] < 0, node, np.where(left, tree.left[node], tree.right[node]))
    return node
