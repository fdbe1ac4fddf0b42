"""Separation group by group, against the same numbers from scikit-learn."""

import numpy as np
import pytest
from sklearn.metrics import silhouette_samples

from engine.results.evaluate.silhouette_by_cluster import by_group
from engine.results.record.record import Baseline


def test_each_group_has_its_own_silhouette_and_that_of_its_partner():
    draw = np.random.default_rng(0)
    x = np.concatenate([draw.normal(m, 1, (60, 2)) for m in (0, 3, 12)]).astype(np.float32)
    labels = np.repeat([0, 1, 3], 60)
    plain = Baseline(np.repeat([2, 0, 1], 60), {}, 1.0, "same", "silhouette")
    found = by_group(x, labels, 4, plain)
    expected = silhouette_samples(x, labels)
    assert found.mean[0] == pytest.approx(expected[:60].mean(), abs=1e-4)
    assert found.low[1] == pytest.approx(np.quantile(expected[60:120], 0.1), abs=1e-4)
    assert found.below[1] == pytest.approx((expected[60:120] < 0).mean())
    assert found.mean[2] is None
    assert found.mean[3] > 0.7 > found.mean[0]
    assert found.plain == pytest.approx((found.mean[0], found.mean[1], None, found.mean[3]), abs=1e-4)


def test_no_separation_without_two_groups():
    x = np.zeros((10, 2), np.float32)
    assert by_group(x, np.zeros(10, np.int64), 1, None) is None
    assert by_group(x, np.full(10, -1), 0, None) is None
