"""The losses of generator and critic against values computed by hand."""

import pytest
import torch

from engine.losses import gradient_penalty, wasserstein


def test_critic_gains_by_scoring_real_samples_higher():
    assert wasserstein(torch.tensor([[1.0], [3.0]]), torch.tensor([[0.0], [1.0]])).item() == pytest.approx(-1.5)


def test_penalty_of_a_linear_critic_is_that_of_its_slope():
    slope = torch.tensor([3.0, 4.0], requires_grad=True)
    critic = lambda x: (x.flatten(1) @ slope).unsqueeze(1)
    real, made = torch.randn(6, 1, 1, 2), torch.randn(6, 1, 1, 2)
    penalty = gradient_penalty(critic, real, made)
    assert penalty.item() == pytest.approx((5 - 1) ** 2)
    penalty.backward()
    # d/ds (|s| - 1)^2 = 2 (|s| - 1) s / |s|
    torch.testing.assert_close(slope.grad, 2 * 4 * torch.tensor([0.6, 0.8]))


def test_penalty_looks_between_real_and_made_samples():
    seen = []

    def critic(x):
        seen.append(x.detach())
        return x.sum(1, keepdim=True)

    gradient_penalty(critic, torch.zeros(100, 3), torch.ones(100, 3))
    between = seen[0]
    assert between.min() >= 0
    assert between.max() <= 1
    assert (between == between[:, :1]).all()  # one share for a whole sample
    assert between[:, 0].unique().numel() > 50  # and another for each


def test_penalty_works_under_autocast_and_without_gradients_to_the_samples():
    net = torch.nn.Sequential(torch.nn.Linear(4, 8), torch.nn.LeakyReLU(), torch.nn.Linear(8, 1))
    real = torch.randn(5, 4, requires_grad=True)
    with torch.autocast("cpu", torch.bfloat16):
        penalty = gradient_penalty(net, real, torch.randn(5, 4).bfloat16())
    penalty.backward()
    assert penalty.dtype == torch.float32
    assert real.grad is None
    assert net[0].weight.grad.abs().sum() > 0
