"""The Clustering Module's losses: the identity with soft k-means, the prior, right angles; by hand and by slow loops."""

import math

import pytest
import torch

from engine.losses import (
    average_center,
    balance_prior,
    center_overlap,
    orthogonality,
    reconstruction,
    variance_loss,
    vote_variance,
)
from engine.losses.module import TINY

GAMMA = torch.tensor([[0.7, 0.3], [0.2, 0.8]])
X = torch.tensor([[1.0, 2.0], [3.0, 0.0]])
CENTERS = torch.tensor([[1.0, 1.0], [2.0, 0.0]])


def test_module_by_hand():
    terms = (
        reconstruction(X, average_center(GAMMA, CENTERS)),
        variance_loss(GAMMA, CENTERS),
        -center_overlap(GAMMA, CENTERS),
    )
    assert [2 * float(term) for term in terms] == pytest.approx([3.26, 2.22, -1.48], abs=1e-5)
    assert 2 * float(sum(terms)) == pytest.approx(4.0, abs=1e-5)


@pytest.mark.parametrize(("n", "k", "d"), [(7, 1, 3), (40, 6, 2), (9, 12, 30)])
def test_module_is_soft_k_means(n, k, d):
    torch.manual_seed(0)
    x, centers, gamma = torch.randn(n, d), torch.randn(k, d), torch.randn(n, k).softmax(1)
    slow = sum(float(gamma[i, j] * (x[i] - centers[j]).square().sum()) for i in range(n) for j in range(k)) / n
    total = (
        reconstruction(x, average_center(gamma, centers))
        + variance_loss(gamma, centers)
        - center_overlap(gamma, centers)
    )
    assert float(total) == pytest.approx(slow, rel=1e-4)


def test_terms_by_slow_loops():
    torch.manual_seed(1)
    centers, gamma = torch.randn(4, 3), torch.randn(5, 4).softmax(1)
    lonely = sum(float(g[j] * (1 - g[j]) * centers[j].dot(centers[j])) for g in gamma for j in range(4)) / 5
    pairs = [(j, m) for j in range(4) for m in range(4) if j != m]
    alike = sum(float(g[j] * g[m] * centers[j].dot(centers[m])) for g in gamma for j, m in pairs) / 5
    assert float(variance_loss(gamma, centers)) == pytest.approx(lonely, rel=1e-5)
    assert float(center_overlap(gamma, centers)) == pytest.approx(alike, abs=1e-5)


def test_sure_votes_cost_nothing_but_distance():
    gamma = torch.eye(2)
    assert float(variance_loss(gamma, CENTERS)) == 0
    assert float(center_overlap(gamma, CENTERS)) == 0
    assert torch.equal(average_center(gamma, CENTERS), CENTERS)
    assert float(vote_variance(gamma).sum()) == 0


def test_undecided_by_hand():
    torch.testing.assert_close(vote_variance(GAMMA), torch.tensor([[0.21, 0.21], [0.16, 0.16]]))


def test_imbalance_by_hand():
    assert float(balance_prior(torch.eye(3))) == pytest.approx(0, abs=1e-6)
    assert float(balance_prior(GAMMA)) == pytest.approx(-math.log(2 * 0.45) - math.log(2 * 0.55), abs=1e-5)
    empty = torch.tensor([[1.0, 0.0], [1.0, 0.0]])
    assert float(balance_prior(empty)) == pytest.approx(-math.log(2) - math.log(2 * TINY), rel=1e-5)


def test_imbalance_at_shares_of_more_than_the_batch():
    gamma = torch.eye(2)[[0, 0, 0, 1]].requires_grad_()
    shares = torch.tensor([0.25, 0.75])
    loss = balance_prior(gamma, shares)
    assert float(loss.detach()) == pytest.approx(-math.log(2 * 0.25) - math.log(2 * 0.75), abs=1e-5)
    loss.backward()
    # The slope of -log(share) by one vote of four, whatever the shares of this batch.
    torch.testing.assert_close(gamma.grad, torch.tensor([[-1 / (4 * 0.25), -1 / (4 * 0.75)]]).repeat(4, 1))


def test_imbalance_does_not_depend_on_the_number_of_samples():
    assert float(balance_prior(GAMMA.repeat(50, 1))) == pytest.approx(float(balance_prior(GAMMA)), rel=1e-5)


def test_imbalance_raises_a_group_without_votes():
    logits = torch.tensor([[9.0, 0.0], [9.0, 0.0]], requires_grad=True)
    balance_prior(logits.softmax(1)).backward()
    assert (logits.grad[:, 1] < 0).all()
    assert torch.isfinite(logits.grad).all()


def test_slant_by_hand():
    assert float(orthogonality(torch.eye(3)[:2])) == 0
    assert float(orthogonality(CENTERS)) == pytest.approx(1 + 3 + 2 + 2)
    basis = torch.linalg.qr(torch.randn(6, 6)).Q
    assert float(orthogonality(basis[:4])) == pytest.approx(0, abs=1e-5)


def test_half_precision_is_left():
    x = torch.randn(20, 64).softmax(1)
    centers = torch.randn(64, 30)
    with torch.autocast("cpu", torch.bfloat16):
        half = [average_center(x, centers), center_overlap(x, centers), orthogonality(centers)]
    full = [average_center(x, centers), center_overlap(x, centers), orthogonality(centers)]
    for one, other in zip(half, full, strict=True):
        assert one.dtype == torch.float32
        assert torch.equal(one, other)
