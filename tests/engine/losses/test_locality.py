"""Neighbors that stay neighbors and few blocks that speak, by hand and by slow loops."""

import pytest
import torch

from engine.losses import group_sparsity, locality_loss

Z = torch.tensor([[3.0, 4.0, 0.0, 0.0], [0.0, 0.0, 5.0, 12.0]])


def test_neighbor_pull_by_hand():
    neighbors = torch.stack([Z + 1, Z])  # [2 samples, 2 neighbors, 4]
    weights = torch.tensor([[0.5, 2.0], [1.0, 3.0]])
    apart = [[float((Z[i] - neighbors[i, j]).square().sum()) for j in range(2)] for i in range(2)]
    slow = sum(float(weights[i, j]) * apart[i][j] for i in range(2) for j in range(2)) / 2
    assert float(locality_loss(Z, neighbors, weights)) == pytest.approx(slow)
    assert float(locality_loss(Z, Z.unsqueeze(1), torch.ones(2, 1))) == 0


def test_neighbor_pull_of_nobody_is_nothing():
    assert float(locality_loss(Z, torch.zeros(2, 0, 4), torch.zeros(2, 0))) == 0


def test_block_sparsity_by_hand():
    # Blocks of two numbers of lengths 5 and 0, 0 and 13; each times the root of two.
    assert float(group_sparsity(Z, 2)) == pytest.approx(2**0.5 * 9)
    assert float(group_sparsity(Z, 4)) == pytest.approx((7 + 17) / 2)
    assert float(group_sparsity(Z, 1)) == pytest.approx(2 * 9)


def test_silent_blocks_have_gradient_zero():
    z = Z.clone().requires_grad_()
    group_sparsity(z, 2).backward()
    expected = 2**0.5 / 2 * torch.tensor([[0.6, 0.8, 0, 0], [0, 0, 5 / 13, 12 / 13]])
    torch.testing.assert_close(z.grad, expected)


def test_one_block_that_speaks_is_cheaper_than_two():
    spread = torch.tensor([[3.0, 0.0, 4.0, 0.0]])
    together = torch.tensor([[3.0, 4.0, 0.0, 0.0]])
    assert group_sparsity(together, 2) < group_sparsity(spread, 2)
