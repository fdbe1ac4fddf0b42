"""Merges, cuts and the top of the tree against slow loops and SciPy's own cut."""

import numpy as np
import pytest
from scipy.cluster.hierarchy import fcluster

from engine.clusters import linkage
from engine.core.errors import InputError

KINDS = ["ward", "average", "complete", "single"]


def slow_heights(points: np.ndarray, kind: str) -> list[float]:
    """Heights of all merges by comparing every pair of groups anew each time."""
    groups, heights = [[i] for i in range(len(points))], []

    def apart(a: list[int], b: list[int]) -> float:
        if kind == "ward":  # sqrt(2 * growth of the sum of squares)
            difference = points[a].mean(0) - points[b].mean(0)
            return float(np.sqrt(2 * len(a) * len(b) / (len(a) + len(b)) * (difference**2).sum()))
        pairs = [float(np.linalg.norm(points[i] - points[j])) for i in a for j in b]
        return {"single": min, "complete": max, "average": np.mean}[kind](pairs)

    while len(groups) > 1:
        pairs = [(apart(groups[i], groups[j]), i, j) for i in range(len(groups)) for j in range(i)]
        height, i, j = min(pairs)
        heights.append(height)
        groups[j] += groups.pop(i)
    return heights


@pytest.mark.parametrize("kind", KINDS)
def test_heights_by_slow_loops(kind):
    points = np.random.default_rng(0).normal(size=(14, 3)).astype(np.float32)
    tree = linkage.merges(points, kind)
    np.testing.assert_allclose(tree[:, 2], slow_heights(points.astype(float), kind), rtol=1e-5)
    assert (np.diff(tree[:, 2]) >= 0).all()


@pytest.mark.parametrize("kind", KINDS)
def test_cuts_are_those_of_scipy_and_numbered_by_their_first_leaf(kind, digits):
    tree = linkage.merges(digits[0][:150], kind)
    for k in (1, 2, 7, 40, 150):
        labels = linkage.cut(tree, k)
        assert labels.dtype == np.int64
        assert len(np.unique(labels)) == k
        theirs = fcluster(tree, k, "maxclust")
        assert len({*zip(labels, theirs, strict=True)}) == k
        first = [int(np.flatnonzero(labels == group)[0]) for group in range(k)]
        assert first == sorted(first)


def test_equal_rows_can_still_be_cut_into_any_number():
    tree = linkage.merges(np.repeat(np.eye(3, dtype=np.float32), 4, 0), "average")
    assert [len(np.unique(linkage.cut(tree, k))) for k in range(1, 13)] == list(range(1, 13))


@pytest.mark.parametrize("leaves", [2, 12, 150])
def test_top_is_the_same_tree_above_its_cut(digits, leaves):
    tree = linkage.merges(digits[0][:150], "ward")
    top = linkage.truncate(tree, leaves)
    assert len(top.merges) == leaves - 1
    assert len(top.heights) == leaves
    for k in range(1, leaves + 1):
        np.testing.assert_array_equal(linkage.cut(top.merges, k)[top.leaf], linkage.cut(tree, k))
    np.testing.assert_array_equal(top.merges[:, 2:], tree[-(leaves - 1) :, 2:])
    assert (top.heights <= top.merges[0, 2]).all()
    sizes = np.bincount(top.leaf)
    assert ((top.heights > 0) == (sizes > 1)).all()


def test_nodes_by_hand():
    tree = np.array([[0, 1, 1.0, 5], [3, 2, 2.0, 9]])
    nodes = linkage.nodes(tree, [0, 0, 1], [2, 3, 4], [0.5, 0.0, 0.7])
    assert nodes[0] == {"id": 0, "parent": 3, "left": None, "right": None, "size": 2, "label": 0, "height": 0.5}
    assert nodes[3] == {"id": 3, "parent": 4, "left": 0, "right": 1, "size": 5, "label": 0, "height": 1.0}
    assert nodes[4] == {"id": 4, "parent": None, "left": 3, "right": 2, "size": 9, "label": None, "height": 2.0}


def test_best_cut_finds_separated_groups():
    draw = np.random.default_rng(0)
    points = np.concatenate(
        [draw.normal(center, 0.5, (40, 2)) for center in ((0, 0), (9, 0), (0, 9), (9, 9), (20, 20))]
    )
    for kind in KINDS:
        assert linkage.best_cut(linkage.merges(points.astype(np.float32), kind), points, 20) == 5


def test_too_many_rows():
    with pytest.raises(InputError, match=r"15,001 rows would need 2 GB. It takes at most 15,000 rows"):
        linkage.merges(np.zeros((15_001, 1), np.float32), "ward")
