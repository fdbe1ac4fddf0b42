"""Contingency of groups and a column, against values from the literature and by hand."""

import numpy as np
import pandas as pd
import pytest

from engine import intake
from engine.results.evaluate.fairness import candidates, fairness, newcombe, sentence, wilson

TITLES = {0: "Group 1", 1: "Group 2"}


def test_intervals_are_those_of_newcombe():
    # Newcombe (1998), table II, row (a): 56/70 - 48/80, method 10: 0.0524 to 0.3339.
    assert newcombe(56, 70, 48, 80, 1.959964) == pytest.approx((0.0524, 0.3339), abs=1e-4)
    # (g): 10/10 - 0/10.
    assert newcombe(10, 10, 0, 10, 1.959964) == pytest.approx((0.6075, 1.0), abs=1e-4)
    # Wilson for 81/263, Newcombe (1998a): 0.2553 to 0.3662.
    assert wilson(81, 263, 1.959964) == pytest.approx((0.2553, 0.3662), abs=1e-4)


def test_counts_shares_and_balance():
    labels = np.array([0, 0, 0, 0, 1, 1, 1, -1])
    column = pd.Series(["a", "a", "a", "b", "b", "b", "a", "a"], name="sex")
    found = fairness(column, labels)
    assert (found.groups, found.values) == ((0, 1), ("a", "b"))
    assert found.counts.tolist() == [[3, 1], [1, 2]]
    assert found.balance == pytest.approx([1 / 3, 1 / 2])
    assert found.possible == pytest.approx(3 / 4)
    assert found.shares[0] == pytest.approx([0.75, 0.25])


def test_a_real_disparity_is_said_with_its_interval():
    draw = np.random.default_rng(0)
    labels = np.repeat([0, 1], 400)
    column = pd.Series(np.where(draw.random(800) < np.where(labels == 0, 0.8, 0.3), "yes", "no"), name="*old*")
    said = sentence(fairness(column, labels), TITLES)
    assert r"*\*old\**" in said
    assert "2 of 2 groups" in said


def test_chance_is_not_called_a_disparity():
    draw = np.random.default_rng(1)
    alarms = 0
    for _ in range(40):
        column = pd.Series(draw.choice(list("abcd"), 600), name="city")
        found = fairness(column, draw.integers(0, 6, 600))
        alarms += any(d.claimed for d in found.disparities)
    assert alarms <= 4, "corrected for 24 comparisons, about one table in twenty may differ by chance"


def test_the_same_mix_is_said_so():
    column = pd.Series(["x", "y"] * 200, name="c")
    assert "about the same mix" in sentence(fairness(column, np.repeat([0, 1], 200)), TITLES)


def test_missing_values_are_a_value():
    found = fairness(pd.Series(["a", None, "a", np.nan], name="c"), np.array([0, 0, 1, 1]))
    assert found.values == ("a", "(missing)")


def test_columns_with_few_values_are_candidates():
    rows = pd.DataFrame({"sex": ["m", "f"] * 20, "age": range(40), "same": 1, "kids": [0, 1, 2, None] * 10})
    assert candidates(intake.inspect(rows).columns) == ["sex", "kids"]


def test_numbers_stand_in_their_own_order():
    column = pd.Series([10, 2, 2, np.nan, 1], name="kids")
    assert fairness(column, np.zeros(5, np.int64)).values == ("1", "2", "10", "(missing)")
