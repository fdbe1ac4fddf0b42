"""The dip against a linear program built from its definition, known values, and its own gradient."""

import numpy as np
import pytest
from scipy.optimize import linprog

from engine.clusters.dip import dip, dip_p_value, p_value, spread_ties


def slow_dip(x: np.ndarray) -> float:
    """min over unimodal G of max |F - G|: one linear program for every place the mode may have.

    Unknowns are G at the m different values, G just before the mode, and the distance D. G is convex before the mode, concave
    after it, may jump there, and otherwise has to be near F both before and after F's step.
    """
    values, counts = np.unique(x, return_counts=True)
    after = counts.cumsum() / counts.sum()
    before = after - counts / counts.sum()
    m, widths, best = len(values), np.diff(values), np.inf
    for mode in range(m):
        rows, limits = [], []

        def less(entries, limit, rows=rows, limits=limits):
            row = np.zeros(m + 2)
            for place, value in entries:
                row[place] += value
            rows.append(row)
            limits.append(limit)

        left = [m if i == mode else i for i in range(m)]  # where G is read just before a value
        for i in range(m):
            for place, height in ((left[i], before[i]), (i, after[i])):
                less([(place, 1), (m + 1, -1)], height)
                less([(place, -1), (m + 1, -1)], -height)
        less([(m, 1), (mode, -1)], 0)  # a jump goes up
        slopes = [
            [(left[i + 1] if i < mode else i + 1, 1 / widths[i]), (left[i] if i < mode else i, -1 / widths[i])]
            for i in range(m - 1)
        ]
        for slope in slopes:
            less([(place, -value) for place, value in slope], 0)
        for i in range(m - 2):
            if i + 1 != mode:
                sign = 1 if i + 1 < mode else -1
                less(
                    [(p, sign * v) for p, v in slopes[i]] + [(p, -sign * v) for p, v in slopes[i + 1]],
                    0,
                )
        cost = np.zeros(m + 2)
        cost[-1] = 1
        best = min(best, linprog(cost, np.array(rows), limits, bounds=[(None, None)] * (m + 1) + [(0, None)]).fun)
    return best


@pytest.mark.parametrize("seed", range(12))
def test_is_the_least_distance_to_a_distribution_with_one_mode(seed):
    draw = np.random.default_rng(seed)
    n = int(draw.integers(4, 13))
    for x in (
        draw.normal(size=n),
        draw.integers(0, 5, n).astype(float),  # many ties
        np.concatenate([draw.normal(0, 1, n // 2), draw.normal(6, 1, n - n // 2)]),
    ):
        x = np.sort(x)
        assert dip(x).value == pytest.approx(max(slow_dip(x), 1 / (2 * n)), abs=1e-7)


@pytest.mark.parametrize(
    ("x", "value", "p"),
    [
        (np.arange(10), 0.05, 1.0),
        ([0, 1, 2, 10, 11, 12], 0.2, 0.012),
        ([0, 0, 0, 1, 1, 1], 0.25, 0.0008),
        ([1, 2, 3, 4, 20, 21, 22, 23, 40, 41, 42, 43], 0.141667, 0.024),
        (np.arange(20) ** 2, 0.025, 1.0),
        (np.sin(np.arange(100)), 0.069228, 0.0018),
        ([3, 3, 3, 3, 3], 0.1, 0.9),
    ],
)
def test_known_values(x, value, p):
    x = np.sort(np.asarray(x, dtype=float))
    assert dip(x).value == pytest.approx(value, abs=1e-6)
    assert dip_p_value(x) == pytest.approx(p, abs=0.05 if p > 0.5 else 0.0006)


@pytest.mark.parametrize(
    ("n", "value", "p"),
    [(100, 0.04, 0.291), (100, 0.05, 0.060), (1000, 0.016, 0.079), (10_000, 0.005, 0.099), (3, 0.25, 1)],
)
def test_probabilities(n, value, p):
    assert p_value(value, n) == pytest.approx(p, abs=0.0006)


def test_probability_is_how_often_even_numbers_dip_so_deep():
    draw = np.random.default_rng(0)
    found = np.array([dip_p_value(np.sort(draw.uniform(size=60))) for _ in range(2000)])
    for level in (0.5, 0.1, 0.05):
        assert (found < level).mean() == pytest.approx(level, rel=0.25)


def test_modal_interval_is_a_heap_of_two():
    draw = np.random.default_rng(0)
    x = np.sort(np.concatenate([draw.normal(0, 0.1, 300), draw.normal(9, 1, 200)]))
    found = dip(x)
    assert -0.6 < x[found.low] < x[found.high] < 0.6
    assert found.high - found.low > 250
    assert dip_p_value(x) < 1e-6
    assert dip_p_value(x[found.low : found.high + 1]) > 0.5


@pytest.mark.parametrize("sign", [1, -1])
def test_triangle_gives_the_gradient(sign):
    """Leiber et al. (KDD 2022): only three numbers move the dip, and by a closed form."""
    draw = np.random.default_rng(3)
    x = np.sort(sign * np.concatenate([draw.normal(0, 1, 40), draw.normal(8, 1, 25)]))
    found, n = dip(x), len(x)
    one, two, three = found.triangle
    assert one < two < three
    a, b, c = x[[one, two, three]]
    area = (one - two) + (three - one) * (b - a) / (c - a)
    factor = np.sign(area) * (three - one) / (2 * n)
    gradient = np.zeros(n)
    gradient[[one, two, three]] = factor * np.array([(b - c) / (c - a) ** 2, 1 / (c - a), (a - b) / (c - a) ** 2])
    step = 1e-6
    measured = [(dip(x + step * row).value - dip(x - step * row).value) / (2 * step) for row in np.eye(n)]
    np.testing.assert_allclose(measured, gradient, atol=1e-6)
    assert np.abs(gradient).max() > 1e-3


def test_does_not_care_for_place_scale_or_direction():
    x = np.sort(np.random.default_rng(1).gamma(2, size=80) % 3)
    value = dip(x).value
    assert dip(100 + 7 * x).value == pytest.approx(value, abs=1e-9)
    assert dip(np.sort(-x)).value == pytest.approx(value, abs=1e-9)
    assert dip(x).triangle is not None


def test_fewest_numbers():
    assert dip(np.array([2.0])).value == 0.5
    assert dip(np.array([2.0, 5.0])).value == 0.25
    assert dip(np.array([2.0, 5.0])).triangle is None
    assert dip_p_value(np.array([])) == dip_p_value(np.array([1.0, 1.0, 9.0])) == 1
    with pytest.raises(ValueError, match="no numbers"):
        dip(np.array([]))


def test_equal_numbers_are_spread_over_the_smallest_gap():
    np.testing.assert_allclose(spread_ties(np.array([0.0, 0, 2, 2, 2, 2, 5])), [-0.5, 0.5, 1.25, 1.75, 2.25, 2.75, 5])
    for x in (np.array([1.0, 2, 4]), np.array([7.0, 7, 7])):
        assert spread_ties(x) is x
    grades = np.sort(np.random.default_rng(0).binomial(8, 0.5, 500)).astype(float)
    assert dip_p_value(grades) < 1e-6 < 0.9 < dip_p_value(spread_ties(grades))
    piles = np.sort(np.random.default_rng(0).choice([0.0, 1, 10, 11], 500))
    assert dip_p_value(spread_ties(piles)) < 1e-6
