"""The one convention of all losses: sum over features, mean over samples."""

import torch

from engine.losses import reconstruction


def test_sum_over_features_and_mean_over_samples():
    x, drawn = torch.randn(5, 2, 4, 3), torch.randn(5, 2, 4, 3)
    slow = sum(float((x[i] - drawn[i]).square().sum()) for i in range(5)) / 5
    assert abs(float(reconstruction(x, drawn)) - slow) < 1e-4


def test_one_column_off_by_two_costs_four():
    x = torch.zeros(3, 10)
    drawn = x.clone()
    drawn[:, 4] = 2
    assert float(reconstruction(x, drawn)) == 4.0


def test_half_precision_is_summed_in_float32():
    x = torch.ones(2, 4096)
    assert reconstruction(x, torch.zeros(2, 4096, dtype=torch.bfloat16)) == 4096
