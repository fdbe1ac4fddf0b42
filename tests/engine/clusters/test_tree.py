"""A tree of groups kept as a matrix: growing, pruning, cutting, drawing."""

import torch

from engine.clusters.tree import clearest_first, cut, cut_means, grow, nodes, prune, root, side_means


def three() -> torch.Tensor:
    """Leaves 0 and 2 under the left part of the root, leaf 1 right."""
    return grow(grow(root(), 0), 0)


def test_growing_splits_a_leaf_in_place():
    assert three().tolist() == [[1, -1, 1], [1, 0, -1]]


def test_cut_undoes_the_latest_splits_and_numbers_from_left_to_right():
    sides = grow(three(), 1)  # leaves 0, 2 | 1, 3
    assert cut(sides, 1).tolist() == [0, 0, 0, 0]
    assert cut(sides, 2).tolist() == [0, 1, 0, 1]
    assert cut(sides, 3).tolist() == [0, 2, 1, 2]
    assert cut(sides, 4).tolist() == [0, 2, 1, 3]
    assert cut(sides, 99).tolist() == [0, 2, 1, 3]


def test_pruning_lets_the_sibling_take_the_place_of_its_parent():
    sides = grow(three(), 1)
    assert prune(sides, 2).tolist() == [[1, -1, -1], [0, 1, -1]]
    # A leaf beside a whole branch: the branch moves up to the root.
    assert prune(three(), 1).tolist() == [[1, -1]]
    assert prune(grow(root(), 0), 0).shape == (0, 1)


def test_side_means_weigh_the_leaves():
    centers = torch.tensor([[0.0], [10.0], [3.0]])
    left, right = side_means(three(), centers, torch.tensor([2.0, 1.0, 1.0]))
    torch.testing.assert_close(left, torch.tensor([[1.0], [0.0]]))
    torch.testing.assert_close(right, torch.tensor([[10.0], [3.0]]))


def test_cut_means_weigh_the_leaves_of_each_group():
    centers = torch.tensor([[0.0], [10.0], [3.0]])
    weights = torch.tensor([2.0, 0.0, 1.0])  # a leaf that has died is still somewhere
    torch.testing.assert_close(cut_means(cut(three(), 2), centers, weights), torch.tensor([[1.0], [10.0]]))
    torch.testing.assert_close(cut_means(cut(three(), 1), centers, weights), torch.tensor([[1.0]]), atol=1e-5, rtol=0)


def test_nodes_tell_the_whole_tree():
    centers = torch.tensor([[0.0], [10.0], [3.0]])
    drawn = {node["id"]: node for node in nodes(three(), centers, torch.tensor([2, 1, 1]), cut(three(), 2))}
    root, inner = drawn[3], drawn[4]
    assert (root["parent"], root["left"], root["right"], root["size"], root["label"]) == (None, 4, 1, 4, None)
    assert (inner["parent"], inner["left"], inner["right"], inner["size"], inner["label"]) == (3, 0, 2, 3, 0)
    assert [drawn[leaf]["height"] for leaf in (0, 1, 2)] == [0, 0, 0]
    # Scatter between 0 (2 members) and 3 (1 member): 2 * 1 / 3 * 9 = 6, of 4 members in all.
    assert abs(inner["height"] ** 2 - 6 / 4) < 1e-6
    # The root adds 3 * 1 / 4 * (10 - 1)^2.
    assert abs(root["height"] ** 2 - (6 + 0.75 * 81) / 4) < 1e-5
    assert set(root) == {"id", "parent", "left", "right", "size", "label", "height"}


def test_random_life_of_a_tree_keeps_it_a_tree():
    torch.manual_seed(0)
    sides = root()
    for _ in range(60):
        leaves = sides.shape[1]
        pick = int(torch.randint(leaves, ()))
        sides = prune(sides, pick) if leaves > 2 and torch.rand(()) < 0.4 else grow(sides, pick)
        leaves = sides.shape[1]
        assert len(sides) == leaves - 1
        for k in range(1, leaves + 1):
            assert cut(sides, k).unique().tolist() == list(range(k))
        drawn = nodes(sides, torch.randn(leaves, 2), torch.ones(leaves, dtype=torch.int64), cut(sides, 2))
        assert len(drawn) == 2 * leaves - 1
        assert sum(node["parent"] is None for node in drawn) == 1
        assert max(node["size"] for node in drawn) == leaves


def test_the_clearest_splits_come_first_but_none_before_the_one_above_it():
    # Leaves at 0, 10, 1 and 30: the second split parts 0 from 1, the third, below the first, 10 from 30.
    sides = grow(grow(grow(root(), 0), 0), 1)
    centers = torch.tensor([[0.0], [10.0], [1.0], [30.0]])
    found = clearest_first(sides, centers, torch.ones(4))
    assert found.tolist() == sides[[0, 2, 1]].tolist()
    # The first split alone, between means 10 and 10.5, is less clear than the one below it.
    centers = torch.tensor([[0.0], [10.0], [20.0], [11.0]])
    assert clearest_first(sides, centers, torch.ones(4)).tolist() == sides.tolist()
    assert cut(clearest_first(sides, centers, torch.ones(4)), 3).tolist() == [0, 2, 1, 2]
    # Heavy leaves count for more: a gap of 1 between 50 and 50 members explains 25, one of 4 between 2 and 2 explains 16.
    weights, centers = torch.tensor([50.0, 2.0, 50.0, 2.0]), torch.tensor([[0.0], [90.0], [1.0], [94.0]])
    assert clearest_first(sides, centers, weights).tolist() == sides.tolist()
    assert clearest_first(sides, centers, torch.ones(4)).tolist() == sides[[0, 2, 1]].tolist()
    assert clearest_first(root(), torch.zeros(1, 2), torch.ones(1)).shape == (0, 1)
