"""k-means: nearest centers, centers as prototypes, and what it cannot do."""

import math

import pytest
import torch

from engine.core.data import Data
from engine.core.errors import InputError
from engine.inference.outcome import evaluate
from tests.engine.trained import trained


@pytest.fixture(scope="module")
def data(digits) -> Data:
    return Data(torch.from_numpy(digits[0]))


def test_digits_are_grouped_as_well_as_scikit_learn_does(data):
    method, _ = trained("kmeans", data, 10, restarts=3)
    cost = torch.cdist(data.x, method.centers).square().amin(1).sum()
    assert cost / 4550 == pytest.approx(1, abs=0.01)  # 1165 * 1000 in units of 256, the known optimum


def test_every_row_takes_its_nearest_center(data):
    method, _ = trained("kmeans", data, 7, restarts=1)
    new = Data(torch.rand(20, 64))
    slow = [min(range(7), key=lambda k: math.dist(row, method.centers[k])) for row in new.x]
    assert method.labels(new).tolist() == slow


def test_pictures_have_pictures_as_prototypes(digits):
    data = Data(torch.from_numpy(digits[0][:100]).view(-1, 1, 8, 8), "image")
    outcome = evaluate(trained("kmeans", data, 4)[0], data)
    assert outcome.prototypes.shape == (4, 1, 8, 8)
    for group in range(4):
        mean = data.x[torch.from_numpy(outcome.labels == group)].mean(0)
        torch.testing.assert_close(torch.from_numpy(outcome.prototypes[group]), mean, atol=1e-5, rtol=0)


@pytest.mark.parametrize("name", ["kmeans", "minibatch_kmeans", "sgd_kmeans"])
def test_number_of_groups_must_be_known_and_possible(data, name):
    with pytest.raises(InputError, match="number of groups"):
        trained(name, data, None)
    with pytest.raises(InputError, match="11 groups cannot be made of 10 rows"):
        trained(name, data.take(torch.arange(10)), 11)
    with pytest.raises(InputError, match="All 30 rows are equal"):
        trained(name, data.take(torch.zeros(30, dtype=torch.int64)), 2)
