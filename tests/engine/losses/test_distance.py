"""Distances and k-means losses against hand-computed values and slow loops."""

import math

import pytest
import torch

from engine.losses import kmeans_loss, softmin_distance, squared_distances

Z = torch.tensor([[0.0, 0.0], [1.0, 0.0], [3.0, 0.0], [4.0, 1.0]])
M = torch.tensor([[0.0, 0.0], [4.0, 0.0]])
D = torch.tensor([[0.0, 16.0], [1.0, 9.0], [9.0, 1.0], [17.0, 1.0]])


def test_squared_distances_by_hand():
    torch.testing.assert_close(squared_distances(Z, M), D)


@pytest.mark.parametrize("width", [3, 64, 65, 300])
def test_squared_distances_by_slow_loops(width):
    z, m = torch.randn(9, width), torch.randn(5, width)
    slow = torch.tensor([[math.dist(a, b) ** 2 for b in m] for a in z])
    torch.testing.assert_close(squared_distances(z, m), slow, rtol=1e-4, atol=1e-3)


@pytest.mark.parametrize("width", [8, 100])
def test_squared_distances_leave_half_precision(width):
    z, m = torch.randn(40, width), torch.randn(30, width)
    with torch.autocast("cpu", torch.bfloat16):
        half = squared_distances(z, m)
    assert half.dtype == torch.float32
    torch.testing.assert_close(half, squared_distances(z, m))


def test_gradient_of_a_code_on_its_center_is_a_number():
    for width in (2, 80):
        z = torch.zeros(1, width, requires_grad=True)
        squared_distances(z, torch.zeros(1, width)).sum().backward()
        assert (z.grad == 0).all()


@pytest.mark.parametrize("offset", [0.0, 1e4])
@pytest.mark.parametrize(("n", "k", "d"), [(300, 4, 3), (300, 20, 10), (300, 200, 10), (64, 12, 300)])
def test_distances_and_gradients_equal_those_of_differences_in_float64(n, k, d, offset):
    torch.manual_seed(0)
    z, m = torch.randn(n, d) + offset, torch.randn(k, d) + offset
    z[:k] = m[:n] + 1e-3 * torch.randn(k, d)  # codes almost on their centers
    z[0] = m[0]
    weight = torch.rand(n, k)
    exact = [one.double().requires_grad_() for one in (z, m)]
    slow = (exact[0].unsqueeze(1) - exact[1]).square().sum(2)
    (slow * weight).sum().backward()
    ours = [one.clone().requires_grad_() for one in (z, m)]
    fast = squared_distances(*ours)
    (fast * weight).sum().backward()
    assert fast.min() >= 0
    torch.testing.assert_close(fast.double(), slow, rtol=1e-5, atol=2e-4 * d**0.5)
    for one, other in zip(ours, exact, strict=True):
        torch.testing.assert_close(one.grad.double(), other.grad, rtol=1e-5, atol=1e-5 * float(other.grad.abs().max()))


def test_pull_is_the_sum_over_features_and_the_mean_over_samples():
    assert kmeans_loss(Z, M[[0, 0, 1, 1]]) == (0 + 1 + 1 + 1) / 4


@pytest.mark.parametrize(
    ("alpha", "total"), [(0.0, 27.0), (0.1, 13.335820), (1.0, 3.005369), (1000.0, 3.0), (1e6, 3.0)]
)
def test_soft_k_means_by_hand(alpha, total):
    assert 4 * float(softmin_distance(Z, M, alpha)) == pytest.approx(total, abs=2e-5)


def test_soft_k_means_passes_gradients_through_the_choice_too():
    z, m, alpha = Z.double().requires_grad_(), M.double().requires_grad_(), 0.3
    softmin_distance(z, m, alpha).backward()
    step = 1e-3
    for tensor, other in (
        (z, lambda moved: softmin_distance(moved, M, alpha)),
        (m, lambda moved: softmin_distance(Z, moved, alpha)),
    ):
        moved = tensor.detach().clone()
        moved[1, 0] += step
        up = other(moved)
        moved[1, 0] -= 2 * step
        assert float(tensor.grad[1, 0]) == pytest.approx(float(up - other(moved)) / (2 * step), abs=2e-3)


def test_soft_k_means_stays_finite_where_exponentials_vanish():
    z = torch.full((3, 2), 100.0, requires_grad=True)
    softmin_distance(z, M, 1000.0).backward()
    assert torch.isfinite(z.grad).all()
