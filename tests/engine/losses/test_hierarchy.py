"""The losses of a cluster tree against values computed by hand."""

import pytest
import torch

from engine.losses import node_center_loss, node_data_compression


def test_center_drift_is_the_distance_to_the_mean_of_the_members():
    z = torch.tensor([[0.0, 0.0], [2.0, 0.0], [5.0, 5.0]])
    centers = torch.tensor([[1.0, 3.0], [5.0, 1.0], [9.0, 9.0]], requires_grad=True)
    # Leaf 0 has its mean at (1, 0): 3 away; leaf 1 at (5, 5): 4 away; leaf 2 has no members. (3 + 4 + 0) / 3 leaves.
    loss = node_center_loss(z, centers, torch.tensor([0, 0, 1]))
    assert loss.item() == pytest.approx(7 / 3)
    loss.backward()
    torch.testing.assert_close(centers.grad, torch.tensor([[0.0, 1 / 3], [0.0, -1 / 3], [0.0, 0.0]]))


def test_center_drift_leaves_the_codes_alone():
    z = torch.randn(4, 2, requires_grad=True)
    centers = torch.randn(2, 2, requires_grad=True)
    node_center_loss(z, centers, torch.tensor([0, 1, 0, 1])).backward()
    assert z.grad is None
    assert centers.grad is not None


def test_split_compression_measures_along_the_line_between_the_centers():
    left, right = torch.tensor([[2.0, 0.0]]), torch.tensor([[-2.0, 0.0]])
    z = torch.tensor([[3.0, 100.0], [-2.0, 7.0], [0.0, 0.0], [9.0, 9.0]], requires_grad=True)
    sides = torch.tensor([[1], [-1], [-1], [0]])
    # Along the first axis: 1, 0, 2 and nothing for a member that is elsewhere: 3 / (2 * 1 split * 4 members).
    loss = node_data_compression(z, sides, left, right)
    assert loss.item() == pytest.approx(3 / 8)
    loss.backward()
    assert z.grad[:, 1].abs().max() == 0  # directions the split does not need stay free
    assert z.grad[3].abs().max() == 0


def test_split_compression_survives_equal_centers():
    z = torch.randn(3, 2, requires_grad=True)
    same = torch.zeros(1, 2)
    loss = node_data_compression(z, torch.tensor([[1], [-1], [1]]), same, same)
    loss.backward()
    assert loss.item() == 0
    assert torch.isfinite(z.grad).all()
