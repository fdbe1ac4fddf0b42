"""Stability against values computed by hand."""

from dataclasses import replace

import numpy as np
import pytest

from engine.results import add_check, load_result, save_result
from engine.results.evaluate.stability import between, consensus, overlaps, rule, sentence, stability
from engine.results.evaluate.summaries import summarize
from engine.results.record.diagnostics import Robustness, Scan


def test_the_overlap_is_the_largest_jaccard_coefficient():
    labels = np.array([0, 0, 0, 0, 1, 1, 3, 3, -1])
    other = np.array([2, 2, 2, 0, 0, 0, -1, -1, 2])
    found = overlaps(labels, other, 4)
    # {0,1,2} of {0,1,2,3,8}; {4,5} of {3,4,5}; nobody is in group 2; the last is in no group of the other.
    assert found[[0, 1, 3]] == pytest.approx([3 / 5, 2 / 3, 0])
    assert np.isnan(found[2])


def test_consensus_counts_how_often_two_are_together():
    found = consensus([np.array([0, 0, 1]), np.array([1, 1, 1]), np.array([-1, -1, 0])])
    assert found.tolist() == [[67, 67, 33], [67, 67, 33], [33, 33, 100]]


@pytest.fixture
def shaken():
    """Four groups of 50; the repetitions confuse the last two and keep the first two, under other numbers."""
    labels = np.repeat(np.arange(4), 50)
    draw = np.random.default_rng(0)
    repeated = []
    for _ in range(4):
        other = (labels + 1) % 4
        torn = labels >= 2
        other[torn] = draw.choice([3, 0], torn.sum())
        repeated.append(other)
    return labels, repeated


def test_groups_that_return_are_stable_and_those_that_do_not_are_doubtful(shaken):
    labels, repeated = shaken
    found = stability(labels, 4, repeated, seeds=2, seconds=3.0)
    assert found.groups[:2] == pytest.approx([1, 1])
    assert [rule(value) for value in found.groups] == ["very stable", "very stable", "doubtful", "doubtful"]
    assert found.left[:100].max() == 0
    assert 0.3 < found.left[100:].mean() < 0.5
    assert found.consensus[0, 1] == 100
    assert labels[found.sample].tolist() == sorted(labels[found.sample].tolist())
    told = sentence(found)
    assert "are **doubtful**" in told
    assert "Group 1 (1.00) and Group 2 (1.00) are very stable" in told
    assert len(between(found, seeds=True)) == len(between(found, seeds=False)) == 3


def test_the_same_labels_under_other_numbers_are_the_same_groups():
    labels = np.repeat(np.arange(3), 30)
    found = stability(labels, 3, [2 - labels, (labels + 1) % 3], seeds=1)
    assert found.agreement == pytest.approx(np.ones((3, 3)))
    assert "**Every group is very stable.** 0 % of the members ever changed group" in sentence(found)


def test_many_members_are_shown_by_a_sample(shaken):
    labels = np.repeat(np.arange(4), 1000)
    found = stability(labels, 4, [labels, labels], seeds=1)
    assert len(found.sample) == len(found.consensus) == 400


@pytest.mark.parametrize("k", [0, 1])
def test_nobody_or_everybody_in_one_group(k):
    labels = np.full(20, k - 1)
    found = stability(labels, k, [labels, labels], seeds=1)
    assert found.overlap.shape == (2, k)
    assert found.left.max() == 0
    assert sentence(found)


def test_checks_are_added_to_a_stored_result_and_come_back(penguins, shaken):
    parts = {}
    save_result(penguins.result, parts.__setitem__)
    stored = load_result(parts.__getitem__)
    assert stored.stability is stored.scan is stored.robustness is None
    scan = Scan(np.arange(1, 4), np.ones((5, 2, 3), np.float32), None, np.zeros((2, 3), np.float32))
    third = np.ones(2, np.float32)
    for name, record in (
        ("stability", stability(*shaken[:1], 4, shaken[1], seeds=2, seconds=3.0)),
        ("scan", scan),
        ("robustness", Robustness(third, third, third, third)),
    ):
        add_check(stored, name, record, parts.__setitem__)
        back = getattr(load_result(parts.__getitem__), name)
        for field, value in vars(record).items():
            assert np.array_equal(getattr(back, field), value) if value is not None else getattr(back, field) is None
    again = {}
    save_result(load_result(parts.__getitem__), again.__setitem__)
    assert {name.split("-")[1] for name in again if name.startswith("check-")} == {"stability", "scan", "robustness"}


def test_every_part_has_its_sentence(penguins, shaken):
    shares = np.array([0.01, 0.02, 0.04], np.float32)
    whole = replace(
        penguins.result,
        stability=stability(*shaken[:1], 4, shaken[1], seeds=2),
        robustness=Robustness(shares, shares, shares / 4, np.array([0, 0.5, np.nan], np.float32)),
    )
    assert summarize(whole, "stability") == sentence(whole.stability)
    assert "**2 %** of the members can be moved" in summarize(whole, "robustness")
    assert "**Group 2** gives way most (50 %)" in summarize(whole, "robustness")
    assert summarize(whole, "scan") == summarize(penguins.result, "stability") == ""
