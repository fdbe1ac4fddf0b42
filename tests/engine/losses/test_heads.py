"""Losses of cluster heads against values computed by hand."""

import math

import pytest
import torch

from engine.losses import marginal_entropy, pair_information, temi_loss, turtle_loss


def test_information_of_a_pair_by_hand():
    p, q, m = torch.tensor([[0.7, 0.3]]), torch.tensor([[0.6, 0.4]]), torch.tensor([0.8, 0.2])
    assert float(pair_information(p, q, m)) == pytest.approx(-math.log(0.42 / 0.8 + 0.12 / 0.2), abs=1e-6)
    powers = 0.42**0.6 / 0.8 + 0.12**0.6 / 0.2
    assert float(pair_information(p, q, m, 0.6)) == pytest.approx(-math.log(powers), abs=1e-6)


@pytest.mark.parametrize("k", [2, 10, 77])
def test_information_at_its_ends(k):
    equal = torch.full((k, k), 1 / k)
    # Nothing is known: with beta 1, log 1; below, the negative of 2 (1 - beta) log k.
    assert float(pair_information(equal, equal, equal[0]).abs().max()) < 1e-5
    torch.testing.assert_close(
        pair_information(equal, equal, equal[0], 0.6), torch.full((k,), -0.8 * math.log(k)), atol=1e-5, rtol=0
    )
    # All is known: -log k, whatever beta is.
    for beta in (0.6, 1.0):
        sure = pair_information(torch.eye(k), torch.eye(k), equal[0], beta)
        torch.testing.assert_close(sure, torch.full((k,), -math.log(k)), atol=1e-3, rtol=0)


def test_all_in_one_group_gains_nothing():
    one = torch.tensor([[1.0, 0.0], [1.0, 0.0]])
    assert float(pair_information(one, one, one[0], 0.6).abs().max()) < 0.01
    assert float(pair_information(one, one, one[0], 1.0).abs().max()) < 1e-6


def test_sure_of_different_groups_stays_a_number():
    p = torch.tensor([[1.0, 0.0]], requires_grad=True)
    loss = pair_information(p, torch.tensor([[0.0, 1.0]]), torch.tensor([1.0, 0.0]), 0.6)
    loss.sum().backward()
    assert torch.isfinite(loss).all()
    assert torch.isfinite(p.grad).all()


def test_temi_by_slow_loops():
    torch.manual_seed(0)
    student, teacher = torch.randn(2, 3, 5, 4).softmax(3), torch.randn(2, 3, 5, 4).softmax(3)
    marginal, by_hand = torch.rand(3, 4).softmax(1), torch.zeros(3)
    for i in range(5):
        weight = sum(float(teacher[0, h, i] @ teacher[1, h, i]) for h in range(3)) / 3
        for h in range(3):
            for one, other in ((0, 1), (1, 0)):
                parts = (float(student[one, h, i, c]) * float(teacher[other, h, i, c]) for c in range(4))
                ratio = sum(part**0.6 / float(m) for part, m in zip(parts, marginal[h], strict=True))
                by_hand[h] -= weight * math.log(ratio) / 2 / 5
    loss = temi_loss(student.requires_grad_(), teacher.requires_grad_(), marginal, 0.6)
    torch.testing.assert_close(loss.detach(), by_hand)
    loss.sum().backward()
    assert teacher.grad is None


def test_entropy_of_the_mean_is_at_most_the_logarithm_of_the_groups():
    torch.manual_seed(0)
    p = torch.randn(20, 30, 7).softmax(2)
    assert marginal_entropy(p).shape == (20,)
    assert float(marginal_entropy(p).max()) <= math.log(7)
    assert float(marginal_entropy(torch.eye(7))) == pytest.approx(math.log(7), abs=1e-6)
    by_hand = -0.75 * math.log(0.75) - 0.25 * math.log(0.25)
    assert float(marginal_entropy(torch.tensor([[1.0, 0.0], [0.5, 0.5]]))) == pytest.approx(by_hand, abs=1e-6)


def test_turtle_by_hand():
    task = torch.tensor([[[0.9, 0.1], [0.6, 0.4]]], requires_grad=True)
    logits = torch.tensor([[[0.0, 0.0], [math.log(3), 0.0]]], requires_grad=True)
    cross_entropy, imbalance = turtle_loss(task, logits, 10.0)
    # The classifier says one half each, then three quarters and one quarter.
    by_hand = (math.log(2) - 0.6 * math.log(0.75) - 0.4 * math.log(0.25)) / 2
    assert float(cross_entropy.detach()) == pytest.approx(by_hand, abs=1e-6)
    entropy = -0.75 * math.log(0.75) - 0.25 * math.log(0.25)
    assert float(imbalance.detach()) == pytest.approx(10 * (math.log(2) - entropy), abs=1e-5)
    (cross_entropy + imbalance).sum().backward()
    assert logits.grad is None
    # More of the first group costs balance, whatever the classifiers say.
    assert task.grad[0, 0, 0] - task.grad[0, 0, 1] > 0


def test_turtle_is_nothing_where_all_is_learned_and_balanced():
    task = torch.eye(3)[None]
    cross_entropy, imbalance = turtle_loss(task, 100 * task, 10.0)
    assert float(cross_entropy) == pytest.approx(0, abs=1e-6)
    assert float(imbalance) == pytest.approx(0, abs=1e-5)
