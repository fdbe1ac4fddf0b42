"""TURTLE: labelings that linear classifiers learn fast, on features of any width."""

import numpy as np
import pytest
import torch
from sklearn.datasets import make_blobs
from sklearn.metrics import adjusted_rand_score as ari
from sklearn.metrics import normalized_mutual_info_score as nmi

from engine.core.card import check_knobs
from engine.core.data import Data
from engine.core.errors import InputError
from engine.inference.outcome import evaluate
from engine.methods.turtle import TURTLE, Knobs
from tests.engine.trained import trained


@pytest.fixture(scope="module")
def found(digits):
    data = Data(torch.from_numpy(digits[0]))
    method, seen = trained("turtle", data, 10, steps=300, heads=6)
    return method, seen, data


def test_digits(found, digits):
    method, seen, data = found
    outcome = evaluate(method, data)
    assert nmi(digits[1], outcome.labels) > 0.7
    assert 0 < seen[-1].terms["cross-entropy"] < 1.3  # by chance log 10
    assert 0 <= seen[-1].terms["imbalance"] < 0.5
    assert 9 < outcome.report["groups in use"] <= 10
    assert outcome.report["agreement of heads"] > 0.5
    np.testing.assert_array_equal(outcome.soft.argmax(1), outcome.labels)


def test_examples_are_members_of_their_groups(found):
    method, _, data = found
    rows = [int((data.x == example).all(1).nonzero()[0]) for example in method.prototypes()]
    assert method.labels(data)[rows].tolist() == list(range(10))


def test_a_labeling_that_puts_all_into_one_group_is_not_kept(found):
    method, _, data = found
    before = int(method.best)
    method.task.bias.data[before, 0] = 100.0
    method.choose(data)
    assert int(method.best) != before
    assert method.labels(data).unique().numel() == 10


@pytest.mark.parametrize(("rows", "columns", "k"), [(40, 2, 2), (40, 3, 5), (300, 2, 4), (600, 300, 6), (1500, 40, 50)])
def test_no_size_collapses(rows, columns, k):
    x, y = make_blobs(rows, columns, centers=k, cluster_std=0.5 if columns < 5 else 1.0, random_state=3)
    x = x - x.mean(0)
    data = Data(torch.from_numpy((x / np.sqrt(x.var(0).mean())).astype(np.float32)))
    method, _ = trained("turtle", data, k, steps=300, heads=4)
    labels = method.labels(data)
    assert labels.unique().numel() > 0.9 * k
    assert ari(y, labels) > 0.7


def test_classifiers_start_anew_and_are_no_part_of_the_gradient(digits):
    data = Data(torch.from_numpy(digits[0][:100]))
    method = TURTLE(data, 4, check_knobs(TURTLE.card, {"heads": 2}))
    task = torch.softmax(method.task(data.x), -1)
    first, second = (method.learned(data.x, task, data.x) for _ in range(2))
    assert not first.requires_grad
    assert not torch.equal(first, second)
    sum(method.search(data.batch(torch.arange(100))).values()).backward()
    assert method.task.direction.grad.abs().sum() > 0


def test_number_of_groups_is_needed(digits):
    with pytest.raises(InputError, match="needs to know the number of groups"):
        TURTLE(Data(torch.from_numpy(digits[0])), None, Knobs())
