"""The game over blended codes against values computed by hand and slow loops."""

import pytest
import torch

from engine.losses import acai_critic_loss, acai_loss, interpolate, interpolation_weights


def test_shares_are_up_to_a_half_and_one_for_a_whole_sample():
    torch.manual_seed(0)
    share = interpolation_weights(4000, torch.device("cpu"))
    assert share.shape == (4000, 1)
    assert share.min() >= 0
    assert share.max() <= 0.5
    assert share.mean().item() == pytest.approx(0.25, abs=0.01)


def test_blend_by_hand():
    z = torch.tensor([[0.0, 0.0], [1.0, 2.0], [3.0, 0.0]])
    # The first takes half of the last, the second nothing, the third a quarter of the second.
    found = interpolate(z, torch.tensor([[0.5], [0.0], [0.25]]))
    torch.testing.assert_close(found, torch.tensor([[1.5, 0.0], [1.0, 2.0], [2.5, 0.5]]))


def test_blend_by_slow_loops_with_gradients_to_both_samples():
    torch.manual_seed(0)
    z, share = torch.randn(5, 3, requires_grad=True), interpolation_weights(5, torch.device("cpu"))
    found, rows = interpolate(z, share), z.tolist()
    for i in range(5):
        for j in range(3):
            by_hand = float(share[i]) * rows[i - 1][j] + (1 - float(share[i])) * rows[i][j]
            assert found[i, j].item() == pytest.approx(by_hand, abs=1e-6)
    found[2].sum().backward()
    expected = torch.zeros(5, 1)
    expected[1], expected[2] = share[2], 1 - share[2]
    torch.testing.assert_close(z.grad, expected.expand(5, 3))


def test_one_code_is_its_own_blend():
    torch.testing.assert_close(
        interpolate(torch.tensor([[2.0, 4.0]]), torch.tensor([[0.3]])), torch.tensor([[2.0, 4.0]])
    )


def test_seam_and_misjudgment_by_hand():
    said, share = torch.tensor([[0.5], [-0.1]]), torch.tensor([[0.2], [0.3]])
    assert acai_loss(said).item() == pytest.approx((0.25 + 0.01) / 2)
    # Blends: 0.3^2 and 0.4^2; what is not blended: 0.2^2 and 0, and 0.4^2.
    loss = acai_critic_loss(said, share, torch.tensor([[0.2], [0.0], [0.4]]))
    assert loss.item() == pytest.approx((0.09 + 0.16) / 2 + (0.04 + 0.16) / 3)
    assert acai_critic_loss(share, share, torch.zeros(2, 1)).item() == 0


def test_half_precision_counts_in_full():
    said = torch.full((2, 1), 0.1).bfloat16()
    assert acai_loss(said).dtype == torch.float32
    assert interpolate(said, torch.full((2, 1), 0.5)).dtype == torch.float32
