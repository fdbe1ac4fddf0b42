"""HDBSCAN: crowds of any shape, members outside of all, new rows."""

import numpy as np
import pytest
import torch
from sklearn.cluster import HDBSCAN as Reference
from sklearn.datasets import make_moons

from engine.core.data import Data
from engine.core.errors import InputError
from engine.inference.outcome import evaluate
from tests.engine.trained import trained


@pytest.fixture(scope="module")
def moons() -> Data:
    x, _ = make_moons(600, noise=0.07, random_state=0)
    return Data(torch.from_numpy(np.concatenate([x, [[4, 4], [-4, -4], [4, -4]]]).astype(np.float32)))


@pytest.fixture(scope="module")
def found(moons):
    return trained("hdbscan", moons, None, min_cluster_size=15)[0]


def test_digits_as_scikit_learn_finds_them(digits):
    data = Data(torch.from_numpy(digits[0]))
    labels = trained("hdbscan", data, None, min_cluster_size=20)[0].labels(data).numpy()
    reference = Reference(min_cluster_size=20, min_samples=5, copy=True).fit_predict(digits[0].astype(float))
    np.testing.assert_array_equal(labels, reference)
    assert labels.max() + 1 == 13
    assert (labels < 0).mean() == pytest.approx(0.29, abs=0.005)


def test_outsiders_belong_to_no_group(found, moons):
    labels = found.labels(moons)
    assert labels[-3:].tolist() == [-1, -1, -1]
    assert labels.max() == 1
    assert found.report()["groups"] == 2
    assert found.report()["share outside"] == pytest.approx(float((labels < 0).float().mean()))


def test_new_rows_join_a_crowd_or_stay_outside(found):
    new = Data(torch.tensor([[0.0, 1.0], [1.0, -0.5], [3.0, 3.0], [0.5, 0.25], [-3.9, -4.0]]))
    first, second, *others = found.labels(new).tolist()
    assert {first, second} == {0, 1}
    assert others == [-1, -1, -1]


def test_membership_is_the_strength_and_the_rest_is_even(found, moons):
    outcome = evaluate(found, moons)
    np.testing.assert_allclose(outcome.soft.sum(1), 1, atol=1e-6)
    assert (outcome.soft[-3:] == 0.5).all()
    inside = outcome.labels >= 0
    assert (outcome.soft[inside].argmax(1) == outcome.labels[inside])[outcome.soft[inside].max(1) > 0.5].all()
    np.testing.assert_allclose(outcome.soft[inside].max(1), 0.5 + found.strength.numpy()[inside] / 2, atol=1e-6)


def test_given_number_of_groups_is_ignored(moons, found):
    again, _ = trained("hdbscan", moons, 7, min_cluster_size=15)
    assert torch.equal(again.labels(moons), found.labels(moons))


def test_smallest_group_follows_the_rows_where_it_is_not_chosen(moons):
    sizes = torch.bincount(trained("hdbscan", moons, None)[0].assigned.clamp_min(0))
    assert sizes.min() >= 6  # a hundredth of 603 rows
    strict, _ = trained("hdbscan", moons, None, min_cluster_size=200)
    assert torch.bincount(strict.labels(moons) + 1)[1:].min() >= 200


def test_nothing_found_is_no_failure():
    data = Data(torch.rand(12, 3, generator=torch.Generator().manual_seed(0)))
    outcome = evaluate(trained("hdbscan", data, None, min_cluster_size=12)[0], data)
    assert (outcome.labels == -1).all()
    assert outcome.soft.shape == (12, 0)
    assert outcome.centers.shape == (0, 3)
    assert outcome.report == {"groups": 0.0, "share outside": 1.0}


@pytest.mark.parametrize("name", ["hdbscan", "agglomerative", "gmm"])
def test_one_row_is_not_enough(name):
    with pytest.raises(InputError, match="one sample alone"):
        trained(name, Data(torch.ones(1, 3)), 1)
