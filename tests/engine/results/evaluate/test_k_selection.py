"""The scan finds numbers of groups that were built in, and says where there are none."""

import numpy as np
import pytest
from sklearn.datasets import make_blobs

from engine.results.evaluate import k_selection
from engine.results.evaluate.k_criteria import CRITERIA, favored
from engine.results.record.diagnostics import Scan


def test_five_blobs_are_five_groups():
    x, _ = make_blobs(600, 4, centers=5, random_state=3)
    told = []
    found = k_selection.scan(x.astype(np.float32), None, np.arange(1, 9), tell=told.append)
    assert k_selection.sentence(found, 5).startswith("In the prepared data **5 groups** stand out")
    assert k_selection.sentence(found, 5).endswith("The run has 5.")
    assert "The run's own 7 is named by none." in k_selection.sentence(found, 7)
    assert found.columns.shape == (len(CRITERIA), k_selection.SAMPLES, 8)
    assert np.isfinite(found.columns[:, :, 1:]).all()
    assert told == pytest.approx(np.arange(1, 9) / 8)


def test_the_gap_says_that_noise_has_no_groups():
    x = np.random.default_rng(0).normal(size=(600, 4)).astype(np.float32)
    found = k_selection.scan(x, None, np.arange(1, 7))
    assert k_selection.votes(found, "columns")["gap"] == [1] * k_selection.SAMPLES


def test_what_was_learned_is_told_apart_from_the_columns():
    x, _ = make_blobs(400, 4, centers=3, random_state=0)
    noise = np.random.default_rng(0).normal(size=(400, 4)).astype(np.float32)
    found = k_selection.scan(noise, x.astype(np.float32), np.arange(1, 6))
    assert list(found.spaces) == ["learned", "columns"]
    assert k_selection.votes(found, "learned")["silhouette"] == [3] * k_selection.SAMPLES
    assert "agrees with itself" in k_selection.sentence(found, 3)


def test_each_criterion_chooses_by_its_own_rule():
    ks, errors = np.arange(1, 6), np.full(5, 0.05)
    values = np.array([np.nan, 0.3, 0.9, 0.89, 0.2])
    assert favored("silhouette", values, ks, errors) == 3
    assert favored("davies_bouldin", values, ks, errors) == 5
    assert favored("stability", values, ks, errors) == 4
    # Tibshirani's rule: the first that is not beaten by the next one by more than its error.
    assert favored("gap", np.array([0.0, 0.3, 0.5, 0.54, 0.9]), ks, errors) == 3
    assert favored("gap", np.array([0.5, 0.52, 0.9, 0.9, 0.9]), ks, errors) == 1


def test_criteria_that_disagree_favor_none():
    values = np.zeros((5, 2, 6), np.float32)
    for i, best in enumerate((1, 2, 3, 4, 5)):
        values[i, :, best] = 1
    values[2] = -values[2]
    found = Scan(np.arange(1, 7), values, None, np.zeros((2, 6), np.float32))
    assert "**no number stands out**" in k_selection.sentence(found, 4)


@pytest.mark.parametrize(("n", "own", "most"), [(5000, 8, 20), (5000, 30, 35), (100, 3, 8), (20, 2, 3)])
def test_the_numbers_that_are_tried(n, own, most):
    assert k_selection.numbers(n, own).tolist() == list(range(1, most + 1))
