"""Effect sizes against values by hand, and that their intervals keep their promise."""

import numpy as np
import pytest
from scipy.stats import mannwhitneyu

from engine.results.explain import effect_sizes

TWO = np.repeat([0, 1], 50)


def test_cohens_d_by_hand():
    # Means 12 and 10, both with a sample variance of 4 * 50 / 49.
    values = np.where(TWO == 0, 12.0, 10.0) + np.tile([2.0, -2.0], 50)
    first, second = effect_sizes.of_numbers(values, TWO, 2, 1.96)
    d = 2 / np.sqrt(4 * 50 / 49)
    error = np.sqrt(1 / 50 + 1 / 50 + d**2 / 200)
    assert first.effect == pytest.approx(d)
    assert (first.low, first.high) == pytest.approx((d - 1.96 * error, d + 1.96 * error))
    assert (first.inside, first.outside, first.measure) == (12, 10, "mean")
    assert second.effect == pytest.approx(-d)


def test_lopsided_columns_are_compared_by_ranks():
    draw = np.random.default_rng(0)
    values = np.exp(draw.normal(size=100) * 1.5 + 2 * (TWO == 0))
    contrast = effect_sizes.of_numbers(values, TWO, 2, 1.96)[0]
    area = mannwhitneyu(values[:50], values[50:]).statistic / 2500
    assert contrast.measure == "median"
    assert (contrast.inside, contrast.outside) == (np.median(values[:50]), np.median(values[50:]))
    assert contrast.effect == pytest.approx(effect_sizes._deviations(area, 2500))
    assert contrast.low < contrast.effect < contrast.high


def test_ranks_and_means_agree_on_normal_data():
    draw = np.random.default_rng(1)
    labels = np.repeat([0, 1], 2000)
    values = draw.normal(size=4000) + 0.8 * (labels == 0)
    ranks = effect_sizes._by_ranks(values, labels, 2, 1.96)[0]
    assert ranks.effect == pytest.approx(0.8, abs=0.08)
    assert (ranks.low, ranks.high) == pytest.approx((0.735, 0.865), abs=0.09)


def test_a_column_of_mostly_zeros_falls_back_to_means():
    labels = np.repeat([0, 1], 400)
    values = np.zeros(800)
    values[:180] = 5000.0
    values[400:410] = 5000.0
    contrast = effect_sizes.of_numbers(values, labels, 2, 1.96)[0]
    assert contrast.measure == "mean"
    assert (contrast.inside, contrast.outside) == (2250, 125)


def test_shares_by_hand():
    belongs = np.r_[np.arange(50) < 40, np.arange(50) < 10]
    contrast = effect_sizes.of_shares(belongs, TWO, 2, 1.96)[0]
    assert (contrast.inside, contrast.outside) == (0.8, 0.2)
    assert contrast.effect == pytest.approx(2 * np.arcsin(np.sqrt(0.8)) - 2 * np.arcsin(np.sqrt(0.2)))
    assert contrast.high - contrast.low == pytest.approx(2 * 1.96 * 0.2)


def test_missing_values_and_unassigned_members():
    values = np.r_[np.full(50, 1.0), np.full(50, 3.0)] + np.tile([0.5, -0.5], 50)
    values[::7] = np.nan
    labels = np.where(np.arange(100) % 10 == 3, -1, TWO)
    contrast = effect_sizes.of_numbers(values, labels, 2, 1.96)[1]
    known = np.isfinite(values)
    assert contrast.inside == pytest.approx(values[known & (labels == 1)].mean())
    # The unassigned belong to everybody else.
    assert contrast.outside == pytest.approx(values[known & (labels != 1)].mean())


@pytest.mark.parametrize("values", [np.ones(100), np.full(100, np.nan)])
def test_constant_and_empty_columns_say_nothing(values):
    assert effect_sizes.of_numbers(values, TWO, 2, 1.96) == [None, None]


def test_a_handful_of_members_says_nothing():
    labels = np.repeat([0, 1], [4, 96])
    assert effect_sizes.of_numbers(np.arange(100.0), labels, 2, 1.96) == [None, None]
    assert effect_sizes.of_shares(np.arange(100) < 50, labels, 2, 1.96) == [None, None]


def test_complete_separation_is_large_but_finite():
    contrast = effect_sizes.of_numbers((TWO == 0).astype(float), TWO, 2, 1.96)[0]
    assert contrast.claimed
    assert 3 < contrast.effect < 20


def test_intervals_cover_the_truth():
    draw = np.random.default_rng(2)
    labels = np.repeat([0, 1], [40, 80])
    true, covered = 0.5, 0
    for _ in range(300):
        contrast = effect_sizes.of_numbers(draw.normal(size=120) + true * (labels == 0), labels, 2, 1.96)[0]
        covered += contrast.low <= true <= contrast.high
    assert 0.91 <= covered / 300 <= 0.985


def test_more_comparisons_widen():
    assert effect_sizes.widened(1) == pytest.approx(1.96, abs=0.001)
    assert effect_sizes.widened(100) == pytest.approx(3.481, abs=0.001)
