"""Groups joined two by two, beside SciPy's Ward linkage."""

import numpy as np
import torch
from scipy.cluster.hierarchy import fcluster, linkage
from sklearn.metrics import adjusted_rand_score

from engine.clusters.joining import ward_merge


def test_single_members_are_joined_as_by_ward():
    torch.manual_seed(0)
    points = torch.randn(40, 3)
    tree = linkage(points.numpy(), "ward")
    for k in (1, 2, 7, 39):
        number = ward_merge(points, torch.ones(40), k)
        assert sorted(number.unique().tolist()) == list(range(k))
        assert adjusted_rand_score(fcluster(tree, k, "maxclust"), number) == 1


def test_large_groups_are_dearer_to_join():
    centers = torch.tensor([[0.0], [1.0], [2.1]])
    assert ward_merge(centers, torch.tensor([100.0, 100.0, 1.0]), 2).tolist() == [0, 1, 1]
    assert ward_merge(centers, torch.tensor([1.0, 1.0, 1.0]), 2).tolist() == [0, 0, 1]


def test_groups_without_members_and_as_many_as_wanted():
    assert ward_merge(torch.tensor([[0.0], [5.0], [9.0]]), torch.tensor([0.0, 3.0, 3.0]), 2).tolist() == [0, 0, 1]
    assert np.array_equal(ward_merge(torch.randn(3, 2), torch.ones(3), 3), [0, 1, 2])
