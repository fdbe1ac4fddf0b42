"""Online k-means: a stage without a loss whose centers move under the eyes of the reader."""

import pytest
import torch

from benchmarks.collapse import SETS
from engine.core.data import Data
from engine.methods.sgd_kmeans import Knobs, SGDKMeans
from tests.engine.trained import trained

Z = torch.tensor([[0.0, 0.0], [1.0, 0.0], [3.0, 0.0], [4.0, 1.0]])


@pytest.fixture(scope="module")
def data(digits) -> Data:
    return Data(torch.from_numpy(digits[0]))


def test_one_batch_by_hand():
    data = Data(Z)
    method = SGDKMeans(data, 2, Knobs())
    method.centers, method.counts = torch.tensor([[0.0, 0.0], [4.0, 0.0]]), torch.tensor([100, 100])
    terms = method.update_centers(data.batch(torch.arange(4)))
    expected = torch.tensor([[0.009804, 0], [3.990196, 0.009804]])
    torch.testing.assert_close(method.centers, expected, atol=1e-6, rtol=0)
    assert method.counts.tolist() == [102, 102]
    assert float(terms["k-means"]) == pytest.approx((0 + 1 + 1 + 1) / 4, abs=0.01)


def test_training_shows_cost_labels_and_sizes_of_every_pass(data):
    method, seen = trained("sgd_kmeans", data, 10, epochs=6, tolerance=0.0, restarts=1)
    ended = [one for one in seen if one.terms]
    assert [set(one.terms) for one in ended] == [{"k-means"}] * 6
    costs = [one.terms["k-means"] for one in ended]
    assert costs[-1] < costs[0]
    assert all(one.labels is not None and one.sizes.sum() == len(data) for one in ended)
    assert any(one.changed > 0 for one in ended[1:])
    assert int(method.counts.sum()) == 6 * len(data) + 10


def test_cost_is_near_that_of_k_means(data):
    best = torch.cdist(data.x, trained("kmeans", data, 10)[0].centers).square().amin(1).mean()
    own = torch.cdist(data.x, trained("sgd_kmeans", data, 10)[0].centers).square().amin(1).mean()
    assert best * 0.999 < own < best * 1.1


def test_quiet_groups_end_the_training(data):
    _, seen = trained("sgd_kmeans", data, 3, epochs=200, tolerance=0.01)
    assert len([one for one in seen if one.terms]) < 100


def test_starts_on_samples(data):
    for init in ("random", "k-means++"):
        start = SGDKMeans(data, 6, Knobs(init=init)).start(data.x)
        assert torch.cdist(start, data.x).amin(1).max() < 1e-3
        assert len(start.unique(dim=0)) == 6


def test_the_best_of_several_starts_goes_on():
    data, y = SETS["blobs 20 x 200"]()
    costs = [kmeans_cost(data, restarts=restarts) for restarts in (1, 10)]
    within = sum(float((data.x[y == g] - data.x[y == g].mean(0)).square().sum()) for g in range(5)) / len(data)
    assert max(costs[0]) > 1.05 * within, "a single start fails now and then"
    assert max(costs[1]) < 1.02 * within


def kmeans_cost(data, **knobs):
    """Mean squared distance to the nearest center, for each of six seeds."""
    found = [trained("sgd_kmeans", data, 5, seed=seed, **knobs)[0].centers for seed in range(6)]
    return [float(torch.cdist(data.x, centers).square().amin(1).mean()) for centers in found]


def test_heavy_start_moves_less(data):
    torch.manual_seed(0)
    moves = []
    for count in (1, 1000):
        method = SGDKMeans(data, 5, Knobs(start_count=count))
        method.centers = before = data.x[:5].clone()
        method.counts.fill_(count)
        method.update_centers(data.batch(torch.arange(200)))
        moves.append(float((method.centers - before).norm()))
    assert moves[1] < moves[0] / 5
