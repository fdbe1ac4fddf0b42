"""NT-Xent against values computed by hand."""

import math

import pytest
import torch

from engine.losses import nt_xent, partner_accuracy, similarities


def test_identical_pairs_among_orthogonal_strangers():
    z = torch.eye(2)
    # Each view sees its twin at cosine 1 and two strangers at 0, temperature 0.5: -2 + ln(e^2 + 2).
    assert nt_xent(similarities(z, z), 0.5).item() == pytest.approx(-2 + math.log(math.exp(2) + 2))
    assert nt_xent(similarities(z, z), 0.5).item() == pytest.approx(0.2395, abs=1e-4)
    assert partner_accuracy(similarities(z, z)) == 1


def test_nothing_learned_costs_the_logarithm_of_the_others():
    torch.manual_seed(0)
    first, second = torch.randn(256, 64), torch.randn(256, 64)
    assert nt_xent(similarities(first, second), 1e4).item() == pytest.approx(math.log(511), abs=1e-3)
    assert partner_accuracy(similarities(first, second)) < 0.05


def test_loss_equals_the_sum_written_out():
    torch.manual_seed(0)
    first, second = torch.randn(3, 4), torch.randn(3, 4)
    z = torch.nn.functional.normalize(torch.cat([first, second]), dim=1)
    total = 0.0
    for i in range(6):
        partner = (i + 3) % 6
        others = sum(math.exp(float(z[i] @ z[m]) / 0.3) for m in range(6) if m != i)
        total -= math.log(math.exp(float(z[i] @ z[partner]) / 0.3) / others)
    assert nt_xent(similarities(first, second), 0.3).item() == pytest.approx(total / 6, rel=1e-5)


def test_length_of_a_code_does_not_matter():
    torch.manual_seed(0)
    first, second = torch.randn(8, 4), torch.randn(8, 4)
    torch.testing.assert_close(similarities(first, second), similarities(3 * first, 0.1 * second))


def test_similarities_stay_in_float32_under_autocast():
    with torch.autocast("cpu", torch.bfloat16):
        assert similarities(torch.randn(4, 8), torch.randn(4, 8)).dtype == torch.float32
