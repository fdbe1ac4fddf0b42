"""Mini-batch k-means comes close to k-means."""

import torch

from engine.core.data import Data
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
