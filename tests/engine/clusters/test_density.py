"""Crowds and the place of new rows."""

import numpy as np
import pytest
import torch
from sklearn.datasets import make_moons

from engine.clusters.density import dense_clusters, nearest_dense_member


@pytest.fixture(scope="module")
def moons() -> tuple[torch.Tensor, np.ndarray]:
    x, y = make_moons(400, noise=0.05, random_state=0)
    return torch.from_numpy(x.astype(np.float32)), y


def test_two_moons(moons):
    x, y = moons
    found = dense_clusters(x, 15, 5, selection="eom", single=False)
    assert len({*zip(found.labels.tolist(), y.tolist(), strict=True)}) == 2
    assert len(found.reach) == 2
    assert ((found.strength > 0) & (found.strength <= 1)).all()


def test_reach_is_the_largest_distance_to_the_fifth_neighbor(moons):
    x, _ = moons
    found = dense_clusters(x, 15, 5, selection="eom", single=False)
    core = torch.cdist(x, x, compute_mode="donot_use_mm_for_euclid_dist").sort(1).values[:, 4]
    slow = torch.stack([core[found.labels == group].max() for group in (0, 1)])
    torch.testing.assert_close(found.reach, slow, rtol=1e-4, atol=1e-5)


def test_few_rows_and_equal_rows_raise_no_warning():
    for rows in (torch.zeros(2, 3), torch.ones(40, 3), torch.eye(3).repeat(20, 1)):
        found = dense_clusters(rows, 5, 5, selection="eom", single=False)
        assert len(found.labels) == len(rows)
        assert torch.isfinite(found.strength).all()


def test_places_by_hand():
    members = torch.tensor([[0.0], [1.0], [2.0], [3.0], [10.0]])
    labels, reach = torch.tensor([0, 0, 0, 0, -1]), torch.tensor([1.5])
    rows = torch.tensor([[1.0], [10.0], [2.2], [4.4], [4.6], [9.9]])
    # A member keeps its place, noise too; a row needs its two nearest members within reach.
    assert nearest_dense_member(rows, members, labels, reach, 3).tolist() == [1, 4, 2, -1, -1, -1]
    assert nearest_dense_member(torch.tensor([[4.4]]), members, labels, torch.tensor([2.5]), 3).tolist() == [3]


def test_no_group_has_no_places():
    members = torch.tensor([[0.0], [1.0]])
    labels = torch.tensor([-1, -1])
    assert nearest_dense_member(torch.tensor([[0.5], [0.0]]), members, labels, torch.zeros(0), 2).tolist() == [-1, 0]
