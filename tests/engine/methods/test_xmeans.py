"""X-means and what G-means and dip-means share with it: the number of groups, the split log, limits, odd data."""

import json
import sys

import numpy as np
import pytest
import torch
from sklearn.metrics import adjusted_rand_score as ari

from engine.core.data import Data
from engine.core.errors import InputError
from engine.inference.outcome import evaluate
from tests.engine.trained import trained

door = sys.modules["engine.clusters.kmeans"]  # its name in the package is the function's
ALL = pytest.mark.parametrize("name", ["xmeans", "gmeans", "dipmeans"])


def blobs(seed: int, spread: tuple[float, float] = (1, 1), n: int = 150) -> tuple[Data, np.ndarray]:
    """Seven blobs on a grid of width 10."""
    truth = np.repeat(np.arange(7), n)
    config = np.array([(i % 3 * 10, i // 3 * 10) for i in range(7)])
    x = config[truth] + np.random.default_rng(seed).normal(size=(7 * n, 2)) * spread
    return Data(torch.from_numpy(x.astype(np.float32))), truth


@pytest.mark.parametrize("seed", range(5))
def test_seven_round_blobs(seed):
    data, truth = blobs(seed)
    method, _ = trained("xmeans", data, None, seed=seed)
    assert method.report()["groups"] == 7
    assert ari(truth, method.labels(data)) > 0.99


def test_many_groups_all_around_are_found_though_the_first_split_gains_nothing():
    data, truth = blobs(3, n=50)
    method, seen = trained("xmeans", data, None)
    assert seen[1].terms["BIC"] < seen[0].terms["BIC"]
    assert ari(truth, method.labels(data)) > 0.99


def test_long_groups_are_chopped():
    data, _ = blobs(0, (2.2, 0.4))
    assert trained("xmeans", data, None)[0].report()["groups"] > 20


def test_the_best_score_on_the_way_is_kept():
    data, _ = blobs(0)
    method, seen = trained("xmeans", data, None)
    scores = [one.terms["BIC"] for one in seen]
    assert len(scores) >= 3
    assert method.report()["BIC"] == pytest.approx(max(scores), rel=1e-6)


@ALL
def test_split_log_is_a_tree_over_the_groups(name):
    data, _ = blobs(1)
    outcome = evaluate(trained(name, data, None)[0], data)
    nodes = outcome.tree
    leaves = [node for node in nodes if node["left"] is None]
    assert len(leaves) == len(outcome.centers) == 7
    assert len(nodes) == 13
    assert [node["size"] for node in leaves] == np.bincount(outcome.labels).tolist()
    assert [node["label"] for node in leaves] == list(range(7))
    assert sum(node["size"] == len(data) for node in nodes) == 1
    json.dumps(nodes)


@ALL
def test_new_rows_join_the_nearest_center(name):
    data, _ = blobs(1)
    method, _ = trained(name, data, None)
    centers = method.group_centers()
    assert method.labels(Data(centers + 0.3)).tolist() == list(range(7))
    torch.testing.assert_close(method.prototypes()[2], data.x[method.labels(data) == 2].mean(0))


@ALL
def test_given_number_is_the_most(name):
    data, _ = blobs(2)
    assert trained(name, data, 4)[0].report()["groups"] == 4
    assert trained(name, data, 30)[0].report()["groups"] == 7
    assert trained(name, data, None, most=3)[0].report()["groups"] == 3
    one, _ = trained(name, data, 1)
    assert one.labels(data).unique().tolist() == [0]
    assert one.tree() is None


@ALL
def test_one_cloud_is_one_group(name):
    for seed in range(3):
        x = torch.randn(300, 3, generator=torch.Generator().manual_seed(seed))
        assert trained(name, Data(x), None, seed=seed)[0].report()["groups"] == 1


@ALL
@pytest.mark.parametrize(
    "x",
    [torch.arange(3.0).unsqueeze(1), torch.ones(9, 2), torch.eye(3).repeat(5, 1), torch.tensor([[0.0], [7.0]])],
)
def test_odd_data(name, x):
    method, _ = trained(name, Data(x), len(x))
    outcome = evaluate(method, Data(x))
    assert np.isfinite(outcome.centers).all()
    assert len(outcome.centers) <= len(x.unique(dim=0))
    assert np.isfinite([*outcome.report.values()]).all()


@ALL
def test_one_row_is_not_enough(name):
    with pytest.raises(InputError, match="one sample alone"):
        trained(name, Data(torch.ones(1, 3)), None)


@ALL
def test_many_rows_are_decided_on_a_sample(name, monkeypatch):
    monkeypatch.setattr(door, "SAMPLE", 400)
    data, truth = blobs(3)
    method, _ = trained(name, data, None)
    outcome = evaluate(method, data)
    assert ari(truth, outcome.labels) > 0.99
    np.testing.assert_array_equal(method.sizes, np.bincount(outcome.labels))
    for group in range(7):  # the means of all rows, not of the sample
        np.testing.assert_allclose(outcome.centers[group], data.x[outcome.labels == group].mean(0), atol=1e-4)
