"""Mini-batch k-means comes close to k-means."""

import torch

from benchmarks.collapse import SETS, accuracy
from engine.core.data import Data
from engine.methods import minibatch_kmeans
from tests.engine.trained import trained


def test_cost_is_near_that_of_k_means(digits):
    data = Data(torch.from_numpy(digits[0]))
    costs = {
        name: torch.cdist(data.x, trained(name, data, 10)[0].centers).square().amin(1).mean()
        for name in ("kmeans", "minibatch_kmeans")
    }
    assert costs["kmeans"] <= costs["minibatch_kmeans"] * 1.0001
    assert costs["minibatch_kmeans"] < costs["kmeans"] * 1.06


def test_every_row_has_its_nearest_center(digits):
    data = Data(torch.from_numpy(digits[0][:200]))
    method, _ = trained("minibatch_kmeans", data, 5, batch=32)
    assert torch.equal(method.labels(data), torch.cdist(data.x, method.centers).argmin(1))


def test_starts_are_tried_on_a_part_of_many_rows(monkeypatch):
    data, y = SETS["blobs 20 x 200 unequal"]()
    for tried in (10_000, 120):
        monkeypatch.setattr(minibatch_kmeans, "TRIED", tried)
        found = [trained("minibatch_kmeans", data, 5, seed=seed)[0].labels(data).numpy() for seed in range(4)]
        assert min(accuracy(y, labels) for labels in found) > 0.97
