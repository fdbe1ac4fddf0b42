"""BIC against densities written out, Anderson-Darling against SciPy and published tables, dips of known groups."""

import math

import numpy as np
import pytest
import torch
from scipy.stats import anderson, multivariate_normal

from engine.clusters import evidence
from engine.clusters.evidence import (
    anderson_darling,
    bic,
    bic_gain,
    normal_probability,
    normality_evidence,
    projection_evidence,
    scatter,
    viewer_evidence,
)


def pair(away: float, n: int = 100, columns: int = 3, seed: int = 0) -> tuple[torch.Tensor, torch.Tensor]:
    """Two round groups so far apart, and which is which."""
    torch.manual_seed(seed)
    x = torch.randn(2 * n, columns, dtype=torch.float64)
    side = torch.arange(2 * n) < n
    x[side, 0] += away
    return x, side


def test_bic_by_densities():
    x, side = pair(4.0)
    labels = side.long()
    within = scatter(x, labels, 2)
    variance = within / (3 * (200 - 2))
    likelihood = 0.0
    for group in range(2):
        own = x[labels == group].numpy()
        ball = multivariate_normal(own.mean(0), variance * np.eye(3))
        likelihood += ball.logpdf(own).sum() + len(own) * math.log(len(own) / 200)
    assert bic(within, torch.tensor([100, 100]), 3) == pytest.approx(likelihood - 2 * 4 / 2 * math.log(200))


def test_bic_gain_is_for_two_and_against_one():
    x, side = pair(8.0)
    assert bic_gain(x, side) > 50
    one, _ = pair(0.0)
    assert bic_gain(one, one[:, 0] > one[:, 0].mean()) < 0


def test_bic_of_as_many_groups_as_rows_is_the_worst():
    assert bic(0.0, torch.tensor([1, 1]), 2) == -math.inf
    assert bic_gain(torch.tensor([[0.0], [1.0]]), torch.tensor([True, False])) == -math.inf
    assert math.isfinite(bic(0.0, torch.tensor([3, 3]), 2))


def test_distance_from_normal_is_that_of_scipy():
    x = np.random.default_rng(0).gamma(3, size=80)
    known = anderson(x, "norm", method="interpolate").statistic
    assert anderson_darling(x) == pytest.approx(known * (1 + 0.75 / 80 + 2.25 / 80**2), rel=1e-9)


@pytest.mark.parametrize(
    ("distance", "p"), [(0.631, 0.10), (0.752, 0.05), (0.873, 0.025), (1.035, 0.01), (1.159, 0.005), (1.849, 1e-4)]
)
def test_probabilities_of_the_table(distance, p):
    """D'Agostino & Stephens 1986, table 4.7; the last is the level of G-means."""
    assert normal_probability(distance) == pytest.approx(p, rel=0.03)


def test_the_clearest_cases_stay_clear():
    p = [normal_probability(distance) for distance in (0.1, 0.6, 1, 10, 150, 300, 1000)]
    assert p == sorted(p, reverse=True)
    assert p[-1] < 1e-100


def test_normal_numbers_are_split_as_seldom_as_is_asked_for():
    draw = np.random.default_rng(0)
    found = [normal_probability(anderson_darling(draw.normal(size=100))) < 0.05 for _ in range(2000)]
    assert np.mean(found) == pytest.approx(0.05, abs=0.015)


def test_not_normal_looks_along_the_line_between_the_halves():
    x, side = pair(6.0)
    assert normality_evidence(x, side, 1e-4) > 5
    assert normality_evidence(x, x[:, 1] > 0, 1e-4) == 0  # across the gap each looks like one bell
    assert normality_evidence(x[[0, 1, 100, 101]], torch.tensor([True, True, False, False]), 1e-4) == 0
    assert normality_evidence(torch.ones(20, 2), torch.arange(20) < 10, 1e-4) == 0


def test_few_members_are_drawn_of_many(monkeypatch):
    monkeypatch.setattr(evidence, "TESTED", 50)
    torch.manual_seed(0)
    assert len(evidence.subsample(torch.arange(300).unsqueeze(1)).unique()) == 50
    x, side = pair(10.0, n=400)
    assert viewer_evidence(x, 1e-3) > 0.1
    assert normality_evidence(x, side, 1e-4) < anderson_darling((x[:, 0]).numpy()) / 3


@pytest.mark.parametrize("apart", [viewer_evidence, projection_evidence])
def test_two_groups_are_told_from_one(apart):
    torch.manual_seed(0)
    near, far = apart(pair(6.0)[0], 1e-3), apart(pair(30.0)[0], 1e-3)
    assert 0 < near < far <= 0.25
    for seed in range(5):
        assert apart(pair(0.0, seed=seed)[0], 1e-3) == 0
    assert apart(torch.randint(0, 5, (300, 2)), 1e-3) == 0  # whole numbers are no groups
    assert apart(torch.ones(30, 2), 1e-3) == 0
    assert apart(torch.tensor([[0.0], [1.0], [9.0]]), 1e-3) == 0


def test_a_viewer_sees_its_distances_to_the_others():
    """Two piles seen from within: half of the others near, half far."""
    x = torch.cat([torch.linspace(0, 1, 40), torch.linspace(50, 51, 40)]).unsqueeze(1)
    assert viewer_evidence(x, 1e-3) == pytest.approx(0.25, abs=0.02)
    crowd, _ = pair(0.0, n=150, columns=2)
    few = torch.cat([crowd, torch.full((3, 2), 40.0)])
    assert viewer_evidence(few, 1e-3) == 0  # three far members make no second heap


def test_directions_share_the_significance(monkeypatch):
    seen = []
    monkeypatch.setattr(evidence, "p_value", lambda value, n: seen.append(n) or 0.0011)
    x, _ = pair(0.0, n=20)
    assert projection_evidence(x, 0.001 * 9) == 0  # three columns, three principal and three random directions
    assert seen == [40] * 9
    assert projection_evidence(x, 0.0012 * 9) > 0
