"""Random convolutions, against convolutions written out as loops."""

import numpy as np
import pytest
import torch

from engine.nets.random_convolutions import Kernels, RandomConvolutions, pooled, random_kernels


def by_hand(series: np.ndarray, kernels: Kernels) -> tuple[list[float], list[float]]:
    """Shares and means for one series [channels, time] without anything behind its end."""
    shares, means = [], []
    ends = np.zeros((len(series), kernels.padding))
    padded = np.hstack([ends, series, ends])
    padded = np.hstack([padded, np.zeros((len(series), max(kernels.reach + 1 - padded.shape[1], 0)))])
    for weights, bias in zip(kernels.weights.double().numpy(), kernels.biases.tolist(), strict=True):
        answers = []
        for start in range(padded.shape[1] - kernels.reach):
            answer = bias
            for channel in range(len(series)):
                for tap in range(weights.shape[1]):
                    answer += weights[channel, tap] * padded[channel, start + tap * kernels.dilation]
            answers.append(answer)
        positive = [answer for answer in answers if answer > 0]
        shares.append(len(positive) / len(answers))
        means.append(sum(positive) / len(positive) if positive else 0.0)
    return shares, means


@pytest.mark.parametrize("channels", [1, 3])
def test_each_series_is_convolved_as_if_it_were_alone_and_ended_with_its_last_moment(channels):
    draw, lengths = np.random.default_rng(0), np.array([30, 21, 4, 1])
    x = draw.normal(size=(4, channels, 30)) * (np.arange(30) < lengths[:, None, None])
    for kernels in random_kernels(30, channels, 30):
        share, mean = pooled(torch.from_numpy(x).float(), torch.from_numpy(lengths), kernels)
        for i, length in enumerate(lengths):
            shares, means = by_hand(x[i, :, :length], kernels)
            np.testing.assert_allclose(share[i], shares, atol=1e-6)
            np.testing.assert_allclose(mean[i], means, atol=1e-4)


def test_kernels_are_those_of_the_paper():
    groups = random_kernels(600, 4, 100)
    weights = torch.cat([group.weights.flatten(0, 1) for group in groups if group.weights.shape[2] == 9])
    used = weights[weights.abs().sum(1) > 0]
    assert 0 < len(used) < len(weights)
    np.testing.assert_allclose(used.sum(1), 0, atol=1e-5)
    assert used.var().item() == pytest.approx(8 / 9, abs=0.1)  # of nine numbers from N(0, 1) around their own mean
    biases = torch.cat([group.biases for group in groups])
    assert -1 <= biases.min() < -0.9
    assert 0.9 < biases.max() <= 1
    assert max(group.reach for group in groups) in range(50, 100)
    assert {group.padding in (0, group.reach // 2) for group in groups} == {True}
    share = sum(len(group.biases) for group in groups if group.padding) / 600
    assert share == pytest.approx(0.5, abs=0.1)


def test_half_of_the_dilations_are_below_the_root_of_the_largest():
    dilations = [group.dilation for group in random_kernels(2000, 1, 601) for _ in group.biases]
    assert np.mean(np.array(dilations) < 9) == pytest.approx(0.5, abs=0.06)  # 2^u with u uniform up to log2(60 to 100)


def test_the_same_seed_gives_the_same_and_another_seed_others():
    x, lengths = torch.randn(3, 1, 40, generator=torch.Generator().manual_seed(0)), torch.full((3,), 40)
    first, again, other = (RandomConvolutions(20, 1, 40, seed)(x, lengths) for seed in (0, 0, 1))
    assert torch.equal(first, again)
    assert not torch.allclose(first, other)


def test_large_inputs_are_made_in_pieces_that_fit_together(monkeypatch):
    x, lengths = torch.randn(7, 2, 40, generator=torch.Generator().manual_seed(0)), torch.arange(34, 41)
    net = RandomConvolutions(8, 2, 40)
    whole = net(x, lengths)
    monkeypatch.setattr("engine.nets.random_convolutions.AT_ONCE", {"cpu": 100})
    torch.testing.assert_close(net(x, lengths), whole)
