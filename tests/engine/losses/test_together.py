"""Losses that methods are put together from: agreement, information, triplets."""

import math

import pytest
import torch

from engine.losses import mutual_information_loss, self_augmentation, triplet


def test_agreement_by_hand():
    z, other = torch.tensor([[0.0, 0.0], [2.0, 0.0]]), torch.tensor([[0.0, 1.0], [2.0, -1.0]])
    # Distances 1 and 1; spread 1 around (1, 0), and 1 + 1 around (1, 0).
    assert float(self_augmentation(z, other)) == pytest.approx(1 / 3)


def test_agreement_gains_nothing_by_shrinking_and_is_none_between_strangers():
    torch.manual_seed(0)
    z, other = torch.randn(4000, 5), torch.randn(4000, 5)
    assert float(self_augmentation(z, other)) == pytest.approx(1, abs=0.03)
    assert float(self_augmentation(z / 100, other / 100)) == pytest.approx(float(self_augmentation(z, other)), rel=1e-4)
    assert float(self_augmentation(z, z)) == 0


def test_information_by_hand():
    q = torch.tensor([[0.9, 0.1], [0.2, 0.8]])
    unsure = -(0.9 * math.log(0.9) + 0.1 * math.log(0.1) + 0.2 * math.log(0.2) + 0.8 * math.log(0.8)) / 2
    uneven = 0.55 * math.log(0.55 / 0.5) + 0.45 * math.log(0.45 / 0.5)
    assert float(mutual_information_loss(q)) == pytest.approx(unsure + uneven, abs=1e-6)


@pytest.mark.parametrize(
    ("q", "value"),
    [
        ([[1.0, 0.0], [0.0, 1.0]], 0.0),  # sure, and equal in size
        ([[0.5, 0.5], [0.5, 0.5]], math.log(2)),  # never sure
        ([[1.0, 0.0], [1.0, 0.0]], math.log(2)),  # all in one
    ],
)
def test_information_at_its_ends(q, value):
    assert float(mutual_information_loss(torch.tensor(q))) == pytest.approx(value, abs=1e-6)


def test_triplets_by_hand():
    # Two groups of two at right angles: the partner is at squared distance 0, the stranger at 2.
    z = torch.tensor([[1.0, 0.0], [3.0, 0.0], [0.0, 2.0], [0.0, 5.0]])
    assert float(triplet(z, torch.tensor([0, 0, 1, 1]), 0.2)) == 0
    # Crossed: partners at 2, strangers at 0 (i with its twin) or 2.
    found = {round(float(triplet(z, torch.tensor([0, 1, 0, 1]), 0.2)) * 4 / 2.2, 3) for _ in range(50)}
    assert found <= {round((0.2 * (4 - n) + 2.2 * n) / 2.2, 3) for n in range(5)}
    assert len(found) > 1


def test_triplets_without_partner_or_stranger_do_not_count():
    z = torch.randn(3, 2, requires_grad=True)
    assert float(triplet(z, torch.tensor([0, 0, 0])).detach()) == 0
    assert float(triplet(z, torch.tensor([0, 1, 2])).detach()) == 0
    triplet(z, torch.tensor([0, 1, 2])).backward()
    assert torch.isfinite(z.grad).all()


def test_triplets_by_slow_loops_in_the_mean():
    torch.manual_seed(0)
    z, labels = torch.randn(8, 3), torch.tensor([0, 0, 0, 1, 1, 2, 2, 2])
    unit = z / z.norm(dim=1, keepdim=True)
    expected = []
    for i in range(8):
        near = [j for j in range(8) if j != i and labels[j] == labels[i]]
        far = [j for j in range(8) if labels[j] != labels[i]]
        each = [
            max(0, 0.2 + float((unit[i] - unit[j]).square().sum() - (unit[i] - unit[m]).square().sum()))
            for j in near
            for m in far
        ]
        expected.append(sum(each) / len(each))
    drawn = torch.stack([triplet(z, labels) for _ in range(3000)]).mean()
    assert float(drawn) == pytest.approx(sum(expected) / 8, rel=0.03)
