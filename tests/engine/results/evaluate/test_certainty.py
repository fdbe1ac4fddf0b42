"""Certainty, typical and doubtful members, on values by hand."""

import numpy as np
import pytest

from engine.core.snapshot import Outcome
from engine.results.evaluate import certainty


def _outcome(labels, embedding, soft=None, centers=None):
    embedding = np.asarray(embedding, np.float32)
    if embedding.ndim == 1:
        embedding = embedding[:, None]
    soft = None if soft is None else np.asarray(soft, np.float32)
    centers = None if centers is None else np.asarray(centers, np.float32)
    return Outcome(np.asarray(labels, np.int64), soft, embedding, centers, None, {}, None, {})


def test_membership_is_the_certainty_where_there_is_one():
    outcome = _outcome(
        [0, 1, 2, -1], np.zeros(4), [[0.7, 0.2, 0.1], [0.43, 0.46, 0.11], [0.1, 0.1, 0.8], [0.4, 0.5, 0.1]]
    )
    found = certainty.certainty(outcome, 3)
    assert found.sure == pytest.approx([0.7, 0.46, 0.8, 0])
    assert found.second.tolist() == [1, 0, 0, 1]
    assert found.doubtful.tolist() == [False, True, False, False]


def test_relative_margin_without_membership():
    found = certainty.certainty(_outcome([0, 0, 1, 0], [0, 4, 10, 4.9], centers=[[0], [10]]), 2)
    assert found.sure == pytest.approx([1, 1 / 3, 1, 0.2 / 5.1], abs=1e-5)
    assert found.second.tolist() == [1, 1, 0, 1]
    assert found.doubtful.tolist() == [False, False, False, True]


def test_centers_are_the_means_of_groups_where_a_method_has_none():
    outcome = _outcome([0, 0, 2, -1], [1, 3, 7, 100])
    centers = certainty.centers_of(outcome, certainty.groups_of(outcome))
    assert centers[[0, 2], 0].tolist() == [2, 7]
    assert np.isnan(centers[1]).all()
    found = certainty.certainty(outcome, 3)
    # Nobody is near an empty group; an unassigned member still has a nearest group.
    assert found.second.tolist() == [2, 2, 0, 2]
    assert found.sure[3] == 0


def test_a_member_nearer_to_a_foreign_center_is_not_sure():
    found = certainty.certainty(_outcome([0], [9], centers=[[0], [10]]), 2)
    assert found.sure[0] == 0
    assert found.doubtful[0]


@pytest.mark.parametrize("soft", [None, [[1.0], [1.0]]])
def test_a_single_group_leaves_no_doubt(soft):
    found = certainty.certainty(_outcome([0, 0], [1, 2], soft), 1)
    assert found.sure.tolist() == [1, 1]
    assert found.second.tolist() == [-1, -1]
    assert not found.doubtful.any()


def test_no_group_at_all():
    found = certainty.certainty(_outcome([-1, -1], [1, 2]), 0)
    assert found.sure.tolist() == [0, 0]


def test_chunks_change_nothing(monkeypatch):
    draw = np.random.default_rng(0)
    outcome = _outcome(draw.integers(-1, 4, 50), draw.normal(size=(50, 3)))
    whole = certainty.certainty(outcome, 4)
    monkeypatch.setattr(certainty, "_CHUNK", 7)
    parts = certainty.certainty(outcome, 4)
    assert whole.sure == pytest.approx(parts.sure, abs=1e-5)
    assert np.array_equal(whole.second, parts.second)


def test_typical_members_are_nearest_and_of_their_own_group():
    outcome = _outcome([0, 0, 0, 1], [1, 2, 6, 3], centers=[[3], [9]])
    assert certainty.typical(outcome, 0, outcome.centers) == (1, 0, 2)


def test_doubtful_members_come_least_sure_first():
    outcome = _outcome([0, 0, 0], [0, 4.9, 4.95], centers=[[0], [10]])
    assert certainty.doubtful(certainty.certainty(outcome, 2), outcome.labels, 0) == (2, 1)
