"""Means of groups."""

import torch

from engine.clusters import centroids


def test_means_of_members_zero_without_any_and_none_for_outsiders():
    x = torch.tensor([[0.0, 2.0], [4.0, 4.0], [9.0, 9.0], [1.0, 1.0]])
    labels = torch.tensor([0, 0, -1, 2])
    assert centroids(x, labels, 3).tolist() == [[2.0, 3.0], [0.0, 0.0], [1.0, 1.0]]
