"""How odd members are: planted outliers stand out, by the rule that judges new rows."""

import numpy as np
import pytest

from engine.results.evaluate import outliers
from engine.results.evaluate.assignment import Space, calibration_pairs, relative_distance
from engine.results.evaluate.outliers import outlier_scores

PLANTED = np.array([7, 300, 611])


@pytest.fixture(scope="module")
def crowds():
    """Two crowds of five columns, and three members that belong to none."""
    random = np.random.default_rng(5)
    rows = (np.repeat([[0.0] * 5, [10.0] * 5], 400, axis=0) + random.normal(size=(800, 5))).astype(np.float32)
    random.shuffle(rows)
    rows[PLANTED] = [[5.0] * 5, [-9.0] * 5, [30.0] * 5]
    return rows


def test_planted_outliers_are_the_oddest(crowds):
    found = outlier_scores(crowds)
    assert set(np.argsort(found)[-3:]) == set(PLANTED)
    assert (found[PLANTED] > 1).all()
    assert np.argmax(found) == 611
    assert (found > 1).mean() < 0.02


def test_the_score_is_the_mean_distance_to_the_five_nearest_others(crowds):
    away = np.linalg.norm(crowds[:, None].astype(float) - crowds, axis=2)
    np.fill_diagonal(away, np.inf)
    five = np.sort(away, axis=1)[:, :5].mean(1)
    assert outlier_scores(crowds) == pytest.approx(five / np.quantile(five, 0.99), rel=1e-4)


def test_it_is_the_rule_for_new_rows(crowds):
    """A member is as odd as if it came new and the others had been there before."""
    turned = np.random.default_rng(1).normal(size=(5, 2)).astype(np.float32)

    def halfway(pairs, rows=crowds):
        return (rows[pairs[:, 0]] + rows[pairs[:, 1]]) / 2 @ turned

    found = outlier_scores(crowds, crowds @ turned, halfway)
    for member in (*PLANTED, 0, 500):
        others, new = np.delete(crowds, member, axis=0), crowds[member][None]
        pairs = calibration_pairs(others)
        spaces = [Space(others, new), Space(others @ turned, new @ turned, halfway(pairs, others))]
        assert relative_distance(spaces, pairs)[0] == pytest.approx(found[member], rel=0.1)


def test_of_many_an_even_part_is_compared_with(crowds, monkeypatch):
    monkeypatch.setattr(outliers, "COMPARED", 200)
    found = outlier_scores(crowds)
    assert set(np.argsort(found)[-3:]) == set(PLANTED)


@pytest.mark.parametrize("rows", [np.ones((50, 3)), np.arange(3)[:, None], np.zeros((0, 2)), np.arange(5)[:, None]])
def test_copies_and_a_handful_are_not_odd(rows):
    found = outlier_scores(rows.astype(np.float32))
    assert found.shape == (len(rows),)
    assert (found <= 1.01).all()
