"""The loss of several groupings against values computed by hand."""

import pytest
import torch

from engine.losses import optimal_subspace_weights, subspace_distances, subspace_kmeans_loss


def test_weights_are_squared():
    z, centers = torch.tensor([[2.0, 4.0]]), torch.zeros(1, 2)
    # 0.5^2 * 2^2 + 0.1^2 * 4^2
    assert subspace_distances(z, centers, torch.tensor([0.5, 0.1])).item() == pytest.approx(1 + 0.16)


def test_each_grouping_sees_its_own_axes():
    z = torch.tensor([[0.0, 5.0], [3.0, 5.0]], requires_grad=True)
    first, second = torch.tensor([[0.0, 0.0], [4.0, 0.0]]), torch.tensor([[9.0, 7.0]])
    weights = torch.tensor([[1.0, 0.0], [0.0, 1.0]])
    # First grouping: 0 and (3 - 4)^2 = 1, mean 0.5; second: (5 - 7)^2 = 4 twice, mean 4; mean of both 2.25.
    loss = subspace_kmeans_loss(z, [first, second], weights)
    assert loss.item() == pytest.approx(2.25)
    loss.backward()
    torch.testing.assert_close(z.grad, torch.tensor([[0.0, -1.0], [-0.5, -1.0]]))


def test_gradient_reaches_the_weights_but_not_the_centers():
    centers = torch.randn(3, 4, requires_grad=True)
    weights = torch.rand(1, 4, requires_grad=True)
    subspace_kmeans_loss(torch.randn(6, 4), [centers], weights).backward()
    assert centers.grad is None
    assert weights.grad.abs().sum() > 0


def test_cheapest_shares_of_two_by_hand():
    shares = optimal_subspace_weights(torch.tensor([[1.0, 4.0], [3.0, 1.0]]))
    torch.testing.assert_close(shares, torch.tensor([[0.75, 0.2], [0.25, 0.8]]))


def test_no_other_shares_are_cheaper():
    torch.manual_seed(0)
    costs = torch.rand(3, 5)
    cost = lambda shares: (shares.square() * costs).sum(0)
    least = cost(optimal_subspace_weights(costs))
    for _ in range(200):
        assert (cost(torch.randn(3, 5).softmax(0)) >= least).all()


def test_shares_of_what_costs_nothing_stay_numbers():
    shares = optimal_subspace_weights(torch.tensor([[0.0, 0.0, 1.0], [0.0, 2.0, 1.0]]))
    torch.testing.assert_close(shares, torch.tensor([[0.5, 1.0, 0.5], [0.5, 0.0, 0.5]]), atol=1e-5, rtol=0)
    torch.testing.assert_close(optimal_subspace_weights(torch.zeros(2, 3)), torch.full((2, 3), 0.5))
