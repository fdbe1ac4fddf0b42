"""Which grouping is kept."""

import pytest
import torch

from engine.clusters.heads import best_head

LABELS = torch.tensor([[0, 0, 0, 1, 1, 1], [0, 0, 1, 1, 2, 2], [2, 2, 1, 1, 0, 0], [0, 1, 2, 0, 1, 2]])


def test_an_empty_group_outweighs_any_loss():
    best, agreement = best_head(torch.tensor([-9.0, -1.0, -2.0, -1.5]), LABELS, 3)
    assert best.tolist() == [2]
    # Of 15 pairs, 3 are together in the best. Halves have 6, of which 2 are among these, where chance has 6 * 3 / 15 = 1.2:
    # 0.8 of at most (6 + 3) / 2 - 1.2. Thirds across the pairs have 3 and none, by chance 0.6.
    # Other names for the same agree wholly.
    halves, across = 0.8 / 3.3, -0.6 / 2.4
    assert agreement == pytest.approx((halves + 1 + across) / 3)


def test_one_alone_is_kept():
    assert best_head(torch.tensor([1.0]), LABELS[:1], 3) == (torch.tensor([0]), 1.0)
