"""DEPICT's target, guess and layers against values computed by hand and slow loops."""

import math

import pytest
import torch

from engine.losses import balanced_target, layerwise_reconstruction, sharpen, soft_cross_entropy

P = torch.tensor([[0.9, 0.1], [0.8, 0.2], [0.6, 0.4], [0.3, 0.7]])
BALANCED = torch.tensor([[0.868494, 0.131506], [0.745883, 0.254117], [0.523968, 0.476032], [0.239246, 0.760754]])
SHARPER = torch.tensor([[0.977586, 0.022414], [0.896, 0.104], [0.547826, 0.452174], [0.09, 0.91]])


def test_target_by_hand():
    torch.testing.assert_close(balanced_target(P), BALANCED, atol=2e-6, rtol=0)
    torch.testing.assert_close(sharpen(P), SHARPER, atol=2e-6, rtol=0)


def test_target_by_slow_loops():
    torch.manual_seed(0)
    p = torch.rand(9, 4).softmax(1)
    found = balanced_target(p)
    for i in range(9):
        parts = [float(p[i, k]) / math.sqrt(sum(float(p[j, k]) for j in range(9))) for k in range(4)]
        for k in range(4):
            assert float(found[i, k]) == pytest.approx(parts[k] / sum(parts), rel=1e-5)


def test_target_makes_groups_more_equal_and_takes_no_gradient():
    found = balanced_target(P.clone().requires_grad_())
    assert not found.requires_grad
    assert 2 < float(found[:, 0].sum()) < float(P[:, 0].sum())
    torch.testing.assert_close(balanced_target(P.flip(1)), found.flip(1))


def test_target_survives_an_empty_group():
    torch.testing.assert_close(
        balanced_target(torch.tensor([[1.0, 0.0], [1.0, 0.0]])), torch.tensor([[1.0, 0.0]]).expand(2, 2)
    )


def test_guess_by_slow_loops():
    torch.manual_seed(0)
    logits, q = torch.randn(5, 3, requires_grad=True), torch.rand(5, 3).softmax(1).requires_grad_()
    by_hand = 0.0
    for i in range(5):
        total = sum(math.exp(float(value)) for value in logits[i].detach())
        by_hand -= sum(float(q[i, k].detach()) * (float(logits[i, k].detach()) - math.log(total)) for k in range(3)) / 5
    loss = soft_cross_entropy(q, logits)
    assert float(loss.detach()) == pytest.approx(by_hand, rel=1e-5)
    loss.backward()
    assert q.grad is None
    torch.testing.assert_close(logits.grad, (logits.softmax(1) - q).detach() / 5)


def test_guess_of_groups_that_seem_impossible_stays_a_number():
    loss = soft_cross_entropy(torch.tensor([[0.5, 0.5]]), torch.tensor([[0.0, -1e4]]))
    assert float(loss) == pytest.approx(5e3)


def test_every_layer_counts_by_its_mean():
    narrow, wide = torch.tensor([[1.0, 2.0]]), torch.zeros(1, 2, 2, 2)
    # (1 + 4) / 2 of the first, 9 of the second, however the second is laid out.
    assert float(
        layerwise_reconstruction([narrow, wide], [torch.zeros(1, 2), torch.full((1, 8), 3.0)])
    ) == pytest.approx(11.5)
