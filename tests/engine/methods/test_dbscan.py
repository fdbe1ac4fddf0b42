"""DBSCAN: crowds of any shape, members outside of all, new rows."""

import numpy as np
import pytest
import torch
from scipy.spatial.distance import cdist
from sklearn.cluster import DBSCAN as Reference
from sklearn.datasets import make_circles, make_moons
from sklearn.metrics import adjusted_rand_score

from engine.core.data import Data
from engine.core.errors import InputError
from engine.inference.outcome import evaluate
from tests.engine.trained import trained

STRAYS = [[4, 4], [-4, -4], [4, -4]]


def shaped(x: np.ndarray) -> Data:
    return Data(torch.from_numpy(np.concatenate([x, STRAYS]).astype(np.float32)))


@pytest.fixture(scope="module")
def moons() -> tuple[Data, np.ndarray]:
    x, y = make_moons(600, noise=0.05, random_state=0)
    return shaped(x), y


@pytest.fixture(scope="module")
def found(moons):
    return trained("dbscan", moons[0], None, eps=0.15, min_samples=5)[0]


def test_groups_and_cores_are_those_of_scikit_learn(digits):
    data = Data(torch.from_numpy(digits[0]))
    method, _ = trained("dbscan", data, None, eps=1.2, min_samples=5)
    reference = Reference(eps=1.2, min_samples=5).fit(digits[0].astype(float))
    labels = method.labels(data).numpy()
    cores = reference.core_sample_indices_
    np.testing.assert_array_equal(labels[cores], reference.labels_[cores])
    np.testing.assert_array_equal(labels < 0, reference.labels_ < 0)
    assert labels.max() > 5
    # At the border, the nearest core member decides.
    border = np.setdiff1d(np.flatnonzero(labels >= 0), cores)
    nearest = cores[cdist(digits[0][border], digits[0][cores]).argmin(1)]
    np.testing.assert_array_equal(labels[border], labels[nearest])
    assert len(border) > 100


@pytest.mark.parametrize("shape", [make_moons, make_circles])
def test_shapes_with_a_reach_found_by_itself(shape):
    x, y = shape(600, noise=0.05, random_state=0, **({"factor": 0.5} if shape is make_circles else {}))
    data = shaped(x)
    outcome = evaluate(trained("dbscan", data, None)[0], data)
    assert outcome.report["groups"] == 2
    assert outcome.labels[-3:].tolist() == [-1, -1, -1]
    assert adjusted_rand_score(y, outcome.labels[:-3]) > 0.9
    assert outcome.report["share outside"] == pytest.approx((outcome.labels < 0).mean())


def test_new_rows_join_a_core_member_within_reach(found, moons):
    x = moons[0].x
    member = int(found.members[0].eq(x).all(1).nonzero()[0])
    group = int(found.labels(moons[0])[member])
    stray = torch.tensor([4.0, 4.0])
    new = torch.stack([x[member], x[member] + 1e-4, stray, stray + 0.01, torch.tensor([0.5, 0.25])])
    assert found.labels(Data(new)).tolist() == [group, group, -1, -1, -1]


def test_order_of_the_rows_does_not_matter(found, moons):
    order = torch.randperm(603, generator=torch.Generator().manual_seed(0))
    mixed, _ = trained("dbscan", moons[0].take(order), None, eps=0.15, min_samples=5)
    one, other = found.labels(moons[0])[order], mixed.labels(moons[0])[order]
    assert torch.equal(one < 0, other < 0)
    assert len({*zip(one.tolist(), other.tolist(), strict=True)}) == len(one.unique())


def test_centers_are_means(found, moons):
    labels = found.labels(moons[0])
    torch.testing.assert_close(found.prototypes()[1], moons[0].x[labels == 1].mean(0))


def test_a_given_number_of_groups_is_ignored(found, moons):
    again, _ = trained("dbscan", moons[0], 7, eps=0.15, min_samples=5)
    assert torch.equal(again.labels(moons[0]), found.labels(moons[0]))


def test_nothing_found_is_no_failure():
    data = Data(torch.rand(12, 3, generator=torch.Generator().manual_seed(0)))
    outcome = evaluate(trained("dbscan", data, None, eps=1e-4)[0], data)
    assert (outcome.labels == -1).all()
    assert outcome.centers.shape == (0, 3)
    assert outcome.report["share outside"] == 1


def test_equal_and_few_rows():
    same = Data(torch.ones(30, 2))
    assert trained("dbscan", same, None)[0].labels(same).tolist() == [0] * 30
    two = Data(torch.tensor([[0.0], [1.0]]))
    assert trained("dbscan", two, None)[0].labels(two).tolist() == [-1, -1]
    with pytest.raises(InputError, match="one sample alone"):
        trained("dbscan", Data(torch.ones(1, 3)), None)
