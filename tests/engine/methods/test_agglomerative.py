"""Agglomerative clustering: known accuracy, its tree, cuts, and new rows."""

import json

import numpy as np
import pytest
import torch
from scipy.optimize import linear_sum_assignment
from sklearn.metrics import confusion_matrix

from engine.clusters import linkage
from engine.core.data import Data
from engine.core.errors import InputError
from engine.inference.outcome import evaluate
from tests.engine.trained import trained


@pytest.fixture(scope="module")
def data(digits) -> Data:
    return Data(torch.from_numpy(digits[0]))


def accuracy(truth: np.ndarray, labels: np.ndarray) -> float:
    table = confusion_matrix(truth, labels)
    return table[linear_sum_assignment(-table)].sum() / len(truth)


@pytest.mark.parametrize(
    ("kind", "known"), [("ward", 0.840), ("average", 0.609), ("complete", 0.590), ("single", 0.105)]
)
def test_accuracy_on_digits(data, digits, kind, known):
    method, _ = trained("agglomerative", data, 10, linkage=kind)
    assert accuracy(digits[1], method.labels(data).numpy()) == pytest.approx(known, abs=0.02)


@pytest.fixture(scope="module")
def grouped(data):
    return trained("agglomerative", data, 10)[0]


def test_tree_holds_the_last_merges_over_all_members(grouped, data):
    nodes = grouped.tree()
    leaves = [node for node in nodes if node["left"] is None]
    assert len(leaves) == 31
    assert len(nodes) == 61
    assert sum(node["size"] for node in leaves) == nodes[-1]["size"] == len(data)
    assert [node["parent"] for node in nodes].count(None) == 1
    for node in nodes:
        if node["left"] is not None:
            below = [nodes[node["left"]], nodes[node["right"]]]
            assert node["size"] == below[0]["size"] + below[1]["size"]
            assert node["height"] >= max(child["height"] for child in below)
    sizes = np.bincount([node["label"] for node in leaves], [node["size"] for node in leaves])
    np.testing.assert_array_equal(sizes, np.bincount(grouped.labels(data)))
    json.dumps(nodes)


def test_other_cuts_are_nested(grouped, data):
    cuts = grouped.alternatives(data)
    assert list(cuts) == ["5 groups", "20 groups"]
    labels = grouped.labels(data)
    assert torch.stack([cuts["20 groups"], labels]).unique(dim=1).shape[1] == 20
    assert torch.stack([cuts["5 groups"], labels]).unique(dim=1).shape[1] == 10


def test_new_rows_join_their_nearest_member(grouped, data):
    torch.manual_seed(0)
    new = Data(data.x[::50] + 0.01 * torch.randn(36, 64))
    assert torch.equal(grouped.labels(new), grouped.labels(data)[::50])


def test_unknown_number_is_that_of_the_clearest_cut(data, digits):
    outcome = evaluate(trained("agglomerative", data, None)[0], data)
    assert len(outcome.centers) == outcome.labels.max() + 1 == 9
    assert outcome.report["groups"] == 9


def test_centers_are_means(grouped, data):
    labels = grouped.labels(data)
    torch.testing.assert_close(grouped.prototypes()[3], data.x[labels == 3].mean(0))


def test_more_groups_than_the_shown_tree_has_leaves(data):
    part = data.take(torch.arange(100))
    method, _ = trained("agglomerative", part, 60)
    assert len(method.labels(part).unique()) == 60
    assert len(method.tree()) == 119


def test_too_many_rows_are_named_before_memory_is_taken(data, monkeypatch):
    monkeypatch.setattr(linkage, "LIMIT", 1000)
    with pytest.raises(InputError, match="at most 1,000 rows"):
        trained("agglomerative", data, 10)
