"""Expected agreement, by hand."""

import numpy as np
import pytest

from engine.portfolio.judge import SHARPNESS, agreements, expected_agreement, weights

A = np.array([0, 0, 0, 1, 1, 1])
RENAMED = np.array([5, 5, 5, 2, 2, 2])
OTHER = np.array([0, 1, 0, 1, 0, 1])
LUMP = np.array([0, 0, 0, 0, 0, 1])


def test_names_of_groups_do_not_matter():
    assert agreements([A, RENAMED])[0, 1] == pytest.approx(1)
    np.testing.assert_allclose(expected_agreement([A, RENAMED], [0.2, 0.2]), 1)


def test_a_likelier_candidate_counts_more():
    likely = weights([0.5, 0.3], [A, OTHER])
    assert likely.sum() == pytest.approx(1)
    assert likely[0] / likely[1] == pytest.approx(np.exp(SHARPNESS * 0.2))


def test_groups_of_very_unequal_sizes_say_little():
    likely = weights([0.4, 0.4], [A, LUMP])
    assert likely[1] / likely[0] == pytest.approx(np.exp(-(5 / 6 * np.log(5 / 6) + 1 / 6 * np.log(1 / 6))) / 2)


def test_what_two_of_three_come_to_wins():
    scores = expected_agreement([OTHER, A, RENAMED], [0.4, 0.4, 0.4])
    assert scores.argmax() == 1
    between = agreements([A, OTHER])[0, 1]
    assert scores[1] == pytest.approx((2 + between) / 3)


def test_a_candidate_that_is_right_far_more_often_wins_alone():
    assert expected_agreement([OTHER, A, RENAMED], [0.9, 0.1, 0.1]).argmax() == 0
