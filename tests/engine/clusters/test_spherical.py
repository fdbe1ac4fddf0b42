"""Spherical k-means and the revival of lost groups."""

import pytest
import torch

from engine.clusters.revival import reinitialize_empty
from engine.clusters.spherical import spherical_kmeans
from engine.core.errors import InputError


def rays() -> tuple[torch.Tensor, torch.Tensor]:
    """Three directions at all lengths, and which each row has."""
    torch.manual_seed(0)
    truth = torch.arange(3).repeat(50)
    return (torch.eye(3)[truth] + 0.05 * torch.randn(150, 3)) * torch.rand(150, 1).add(0.1).mul(10), truth


def test_groups_by_direction_whatever_the_length():
    z, truth = rays()
    centers, labels = spherical_kmeans(z, 3)
    torch.testing.assert_close(centers.norm(dim=1), torch.ones(3))
    assert torch.stack([labels, truth]).unique(dim=1).shape[1] == 3
    assert labels.dtype == torch.int64


def test_more_groups_than_directions_are_all_used():
    z, _ = rays()
    _, labels = spherical_kmeans(z, 10)
    assert len(labels.unique()) == 10


def test_too_few_rows():
    with pytest.raises(InputError, match="4 groups cannot be made of 3 rows"):
        spherical_kmeans(torch.eye(3), 4)


def test_lost_center_finds_members_and_the_others_stay():
    torch.manual_seed(0)
    z = torch.cat([torch.randn(50, 2) * 0.1, torch.randn(50, 2) * 0.1 + 5])
    z = z[torch.randperm(100)]
    centers = torch.tensor([[0.0, 0.0], [100.0, 100.0]])
    made = reinitialize_empty(z, centers, torch.tensor([False, True]), torch.ones(2))
    assert torch.equal(made[0], centers[0])
    torch.testing.assert_close(made[1], torch.tensor([5.0, 5.0]), atol=0.3, rtol=0)


def test_revival_never_averages_with_nothing():
    z = torch.ones(1, 2)
    made = reinitialize_empty(z, torch.zeros(3, 2), torch.tensor([True, True, True]), torch.ones(2))
    assert torch.isfinite(made).all()
