"""TEMI: heads that agree with their teacher about neighbors, on features of any width."""

import numpy as np
import pytest
import torch
from sklearn.datasets import load_iris, make_blobs
from sklearn.metrics import adjusted_rand_score as ari
from sklearn.metrics import normalized_mutual_info_score as nmi

import engine
from benchmarks.collapse import SETS
from engine.clusters.neighbors import partners
from engine.core.card import check_knobs
from engine.core.data import Data
from engine.core.errors import InputError
from engine.inference.outcome import evaluate
from engine.methods.temi import TEMI, Knobs
from tests.engine.trained import trained


def scaled(x: np.ndarray) -> Data:
    """Rows at mean 0 and a mean variance of 1, as encoders give them."""
    x = x - x.mean(0)
    return Data(torch.from_numpy((x / np.sqrt(x.var(0).mean())).astype(np.float32)))


@pytest.fixture(scope="module")
def found(digits):
    data = Data(torch.from_numpy(digits[0]))
    method, seen = trained("temi", data, 10, steps=200, heads=3)
    return method, seen, data


def test_digits(found, digits):
    method, seen, data = found
    outcome = evaluate(method, data)
    assert nmi(digits[1], outcome.labels) > 0.8  # k-means on the same rows: 0.74
    assert seen[-1].terms["pair information"] < -1.2
    assert 9 < outcome.report["groups in use"] <= 10
    assert outcome.report["neighbors together"] > 0.6
    assert outcome.report["agreement of heads"] > 0.7
    np.testing.assert_allclose(np.linalg.norm(outcome.embedding, axis=1), 1, atol=1e-4)
    np.testing.assert_array_equal(outcome.soft.argmax(1), outcome.labels)


def test_examples_are_members_of_their_groups(found):
    method, _, data = found
    rows = [int((data.x == example).all(1).nonzero()[0]) for example in method.prototypes()]
    assert method.labels(data)[rows].tolist() == list(range(10))


def test_new_rows_are_placed_by_the_head(found, digits):
    method, _, data = found
    moved = Data(data.x + 0.01 * torch.randn(data.x.shape, generator=torch.Generator().manual_seed(0)))
    assert (method.labels(moved) == method.labels(data)).float().mean() > 0.98


def test_a_head_that_puts_all_into_one_group_is_not_kept(digits):
    data = Data(torch.from_numpy(digits[0]))
    method, _ = trained("temi", data, 10, steps=100, heads=2)
    best = int(method.best)
    method.neighbors = partners(method.standard(data.x), 50)
    with torch.no_grad():
        method.teacher.direction[best] = 0.0
    method.choose(data)
    assert int(method.best) == 1 - best
    assert method.labels(data).unique().numel() > 7


@pytest.mark.parametrize(("rows", "columns", "k"), [(40, 2, 2), (40, 3, 5), (300, 2, 4), (600, 300, 6), (1500, 40, 50)])
def test_no_size_collapses(rows, columns, k):
    x, y = make_blobs(rows, columns, centers=k, cluster_std=0.5 if columns < 5 else 1.0, random_state=3)
    data = scaled(x)
    method, _ = trained("temi", data, k, steps=120, heads=2)
    labels = method.labels(data)
    assert labels.unique().numel() > 0.9 * k
    assert ari(y, labels) > 0.75


def test_groups_of_random_weights_may_be_lost():
    data, _ = SETS["blobs 20 x 200 unequal"]()
    model = engine.Clusterer("temi", 5, random_state=0, steps=100, heads=2)
    seen = list(model.follow(data))
    assert not seen[-1].notes


def test_scale_of_the_data_makes_no_difference():
    x = load_iris().data.astype(np.float32)
    labels = [
        trained("temi", data, 3, steps=60, heads=2)[0].labels(data)
        for data in (Data(torch.from_numpy(x)), Data(torch.from_numpy(1024 * x)))
    ]
    assert ari(*labels) > 0.95


def test_teacher_follows_the_student_and_is_not_trained(digits):
    data = Data(torch.from_numpy(digits[0][:100]))
    method = TEMI(data, 4, check_knobs(TEMI.card, {"steps": 100}))
    assert not any(parameter.requires_grad for parameter in method.teacher.parameters())
    before = method.teacher.first.clone()
    with torch.no_grad():
        method.student.first.add_(1.0)
    with torch.no_grad():
        method.follow(data.batch(torch.arange(4)))
    torch.testing.assert_close(method.teacher.first, before + 0.2)  # 1 / (a twentieth of 100 corrections)


def test_number_of_groups_is_needed(digits):
    with pytest.raises(InputError, match="needs to know the number of groups"):
        TEMI(Data(torch.from_numpy(digits[0])), None, Knobs())


def test_equal_rows_get_a_sentence():
    data = Data(torch.zeros(20, 3))
    with pytest.raises(InputError, match="there is nothing to group"):
        trained("temi", data, 2)
