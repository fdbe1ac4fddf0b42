"""DBHD: crowded and sparse groups side by side, the rest, new rows."""

import numpy as np
import pytest
import torch
from sklearn.datasets import make_blobs
from sklearn.metrics import adjusted_mutual_info_score as ami

from engine.core.data import Data
from engine.core.errors import InputError
from engine.inference.outcome import evaluate
from tests.engine.trained import trained


@pytest.fixture(scope="module")
def crowds() -> tuple[Data, np.ndarray]:
    sizes, centers = [400, 400, 400, 200], np.array([[0, 0], [8, 0], [0, 8], [12, 12]])
    x, y = make_blobs(sizes, centers=centers, cluster_std=[0.2, 0.6, 1.2, 2.0], random_state=0)
    return Data(torch.from_numpy(x.astype(np.float32))), y


@pytest.fixture(scope="module")
def found(crowds):
    return trained("dbhd", crowds[0], None)[0]


def test_digits_with_the_settings_of_the_authors(digits):
    data = Data(torch.from_numpy(digits[0]))
    labels = trained("dbhd", data, None, neighbors=95, rho=1.8, beta=0.0)[0].labels(data).numpy()
    assert ami(digits[1], labels) == pytest.approx(0.823, abs=0.005)
    assert labels.max() + 1 == 7
    assert (labels < 0).sum() == 44


def test_crowds_of_differing_density(found, crowds):
    data, truth = crowds
    labels = found.labels(data)
    assert found.report()["groups"] == len(found.reach) == labels.max() + 1 == 4
    assert ami(truth, labels) > 0.93
    assert (found.reach.diff() > 0).all()  # from the most crowded to the sparsest
    assert found.report()["share outside"] == pytest.approx(float((labels < 0).float().mean()))
    torch.testing.assert_close(found.prototypes()[2], data.x[labels == 2].mean(0))


def test_new_rows_join_the_group_of_a_member_in_reach(found, crowds):
    data, _ = crowds
    labels = found.labels(data)
    member = int((labels == 0).nonzero()[0])
    new = torch.stack([data.x[member] + found.reach[0] * 1e-3, torch.tensor([30.0, -30.0]), data.x[member]])
    assert found.labels(Data(new)).tolist() == [0, -1, 0]
    away = torch.cdist(new[:1] + 0.3, data.x)
    near = labels[away.argmin()]
    expected = int(near) if near >= 0 and away.min() <= found.reach[near] else -1
    assert found.labels(Data(new[:1] + 0.3)).tolist() == [expected]


def test_neither_the_order_nor_copies_of_rows_matter(found, crowds):
    data, _ = crowds
    order = torch.cat([torch.randperm(1400, generator=torch.Generator().manual_seed(0)), torch.zeros(300).long()])
    mixed, _ = trained("dbhd", data.take(order), None)
    assert torch.equal(mixed.labels(data), found.labels(data))


def test_the_rest_belongs_to_no_group():
    x = torch.cat([torch.arange(20.0) / 10, torch.tensor([50.0, 60.0, 70.0])]).unsqueeze(1)
    data = Data(x)
    outcome = evaluate(trained("dbhd", data, None, neighbors=4, rho=0.0)[0], data)
    assert outcome.labels.tolist() == [0] * 20 + [-1] * 3
    assert outcome.report == {"groups": 1.0, "share outside": pytest.approx(3 / 23)}


def test_tiny_data():
    for x, groups in ((torch.eye(3), 1), (torch.ones(30, 2), 1), (torch.tensor([[0.0], [1.0]]), 1)):
        outcome = evaluate(trained("dbhd", Data(x), None)[0], Data(x))
        assert outcome.report["groups"] == groups
        assert len(np.unique(outcome.labels)) == groups
    with pytest.raises(InputError, match="one sample alone"):
        trained("dbhd", Data(torch.ones(1, 3)), None)
