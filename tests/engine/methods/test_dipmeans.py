"""dip-means: the number of round and of stretched groups by distances and by projections."""

import pytest
import torch
from sklearn.datasets import make_blobs
from sklearn.metrics import adjusted_rand_score as ari
from sklearn.metrics import normalized_mutual_info_score as nmi

from engine.clusters import evidence
from engine.core.data import Data
from tests.engine.methods.test_xmeans import blobs
from tests.engine.trained import trained


@pytest.mark.parametrize("views", ["distances", "projections"])
@pytest.mark.parametrize("spread", [(1, 1), (2.2, 0.4)])
def test_seven_blobs_round_and_stretched(views, spread, monkeypatch):
    monkeypatch.setattr(evidence, "TESTED", 500)  # quicker, and enough
    for seed in (0, 1, 3):
        data, truth = blobs(seed, spread)
        method, seen = trained("dipmeans", data, None, seed=seed, views=views)
        assert method.report() == {"groups": 7}
        assert ari(truth, method.labels(data)) > 0.93
        assert len(seen) == 7


def test_groups_in_many_columns():
    x, truth = make_blobs(600, 30, centers=10, random_state=0)
    data = Data(torch.from_numpy(x).float())
    for views in ("distances", "projections"):
        assert ari(truth, trained("dipmeans", data, None, views=views)[0].labels(data)) > 0.99


def test_digits_show_themselves_to_projections_alone(digits):
    data = Data(torch.from_numpy(digits[0]))
    assert trained("dipmeans", data, None, significance=1e-4)[0].report()["groups"] == 1
    method, _ = trained("dipmeans", data, None, views="projections")
    assert 5 <= method.report()["groups"] <= 15
    assert nmi(digits[1], method.labels(data)) > 0.6
