"""k-medoids: real members as prototypes, samples of large data, what it cannot do."""

import numpy as np
import pytest
import torch
from sklearn.datasets import make_blobs
from sklearn.metrics import adjusted_rand_score

from engine.clusters import medoids
from engine.core.data import Data
from engine.core.errors import InputError
from engine.inference.outcome import evaluate
from tests.engine.trained import trained


@pytest.fixture(scope="module")
def data(digits) -> Data:
    return Data(torch.from_numpy(digits[0]))


@pytest.fixture(scope="module")
def found(data):
    return trained("kmedoids", data, 10)


def test_digits_end_where_no_swap_helps(found, data):
    method, seen = found
    away = torch.cdist(data.x.double(), data.x.double())
    assert method.report()["total distance"] == pytest.approx(float(away[method.rows].amin(0).sum()), rel=1e-6)
    # The lowest sum seen from BUILD and from six random starts.
    assert method.report()["total distance"] == pytest.approx(3199.67, abs=3)
    assert len(seen) == 3
    assert min(one.terms["mean distance"] for one in seen) * len(data) == pytest.approx(3199.67, abs=3)


def test_prototypes_are_members_in_groups_of_their_own(found, data):
    method, _ = found
    assert torch.equal(method.prototypes(), data.x[method.rows])
    assert torch.equal(method.labels(data)[method.rows], torch.arange(10))


def test_new_rows_take_their_nearest_medoid(data):
    for distance, p in (("euclidean", 2), ("manhattan", 1)):
        method, _ = trained("kmedoids", data.take(torch.arange(300)), 7, distance=distance, restarts=1)
        new = Data(torch.rand(20, 64, generator=torch.Generator().manual_seed(0)))
        slow = torch.stack([(new.x - held).norm(p=p, dim=1) for held in method.centers], 1).argmin(1)
        assert torch.equal(method.labels(new), slow)


def test_building_needs_no_chance(data):
    part = data.take(torch.arange(200))
    one, seen = trained("kmedoids", part, 5, start="build", seed=0)
    other, _ = trained("kmedoids", part, 5, start="build", seed=9)
    assert torch.equal(one.rows, other.rows)
    assert len(seen) == 1


@pytest.mark.parametrize("start", ["random", "build"])
def test_samples_of_large_data(monkeypatch, start):
    monkeypatch.setattr(medoids, "LIMIT", 1000)
    x, y = make_blobs(5000, centers=6, center_box=(-20, 20), random_state=4)
    data = Data(torch.from_numpy(x.astype(np.float32)))
    method, seen = trained("kmedoids", data, 6, sample_size=300, restarts=4, start=start)
    assert adjusted_rand_score(y, method.labels(data)) > 0.9
    assert torch.equal(method.centers, data.x[method.rows])
    # The best sample is kept, judged on all rows.
    assert min(one.terms["mean distance"] for one in seen) * 5000 == pytest.approx(
        method.report()["total distance"], rel=1e-5
    )
    with pytest.raises(InputError, match="at most 480 groups"):
        trained("kmedoids", data, 481)


def test_tiny_data():
    rows = Data(torch.tensor([[0.0], [1.0], [1.0], [9.0]]))
    assert sorted(evaluate(trained("kmedoids", rows, 3)[0], rows).prototypes[:, 0].tolist()) == [0, 1, 9]
    assert trained("kmedoids", rows, 1)[0].centers.tolist() == [[1.0]]
    single = Data(torch.ones(1, 3))
    assert trained("kmedoids", single, 1)[0].labels(single).tolist() == [0]
    with pytest.raises(InputError, match="only 3 differ"):
        trained("kmedoids", rows, 4)
    with pytest.raises(InputError, match="number of groups"):
        trained("kmedoids", rows, None)
