"""G-means: the number of round and of stretched groups, and what it cannot do."""

import pytest
import torch
from sklearn.metrics import adjusted_rand_score as ari

from engine.core.data import Data
from tests.engine.methods.test_xmeans import blobs
from tests.engine.trained import trained


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("spread", [(1, 1), (2.2, 0.4)])
def test_seven_blobs_round_and_stretched(seed, spread):
    data, truth = blobs(seed, spread)
    method, seen = trained("gmeans", data, None, seed=seed)
    assert method.report() == {"groups": 7}
    assert [one.terms["groups"] for one in seen] == [1, 2, 3, 4, 5, 6, 7]
    assert ari(truth, method.labels(data)) > 0.93


def test_significance_decides_what_is_a_bell():
    x = torch.randn(400, 1, generator=torch.Generator().manual_seed(0))
    lopsided = Data(x + 0.16 * x.square())
    assert trained("gmeans", lopsided, None, significance=0.1)[0].report()["groups"] > 1
    assert trained("gmeans", lopsided, None, significance=1e-12)[0].report()["groups"] == 1


def test_even_groups_fall_apart():
    even = Data(torch.rand(2000, 2, generator=torch.Generator().manual_seed(0)))
    assert trained("gmeans", even, None)[0].report()["groups"] > 3
    assert trained("dipmeans", even, None)[0].report()["groups"] == 1
