"""Axes that tell groups apart, and how far each does."""

import numpy as np
import pytest
import torch
from sklearn.metrics import normalized_mutual_info_score as nmi

from engine.clusters.isolation import cost, isolate
from engine.core.errors import InputError


@pytest.fixture(scope="module")
def hidden() -> tuple[torch.Tensor, np.ndarray]:
    """Three groups on two of eight axes, and noise that is as wide as they are far on the others, all turned."""
    random = np.random.default_rng(0)
    truth = random.integers(3, size=600)
    groups = np.array([[0, 0], [6, 0], [0, 6]])[truth] + random.normal(size=(600, 2)) / 2
    rows = np.hstack([groups, 3 * random.normal(size=(600, 6))]) @ np.linalg.qr(random.normal(size=(8, 8)))[0].T
    return torch.from_numpy(rows.astype(np.float32)), truth


def test_groups_are_found_on_their_axes(hidden):
    points, truth = hidden
    torch.manual_seed(0)
    found = isolate(points, 3)
    assert nmi(truth, found.labels.numpy()) > 0.95
    assert (found.shares[0, :2] > 0.9).all()
    assert (found.shares[0, 2:] < 0.55).all()
    torch.testing.assert_close(found.shares.sum(0), torch.ones(8, dtype=torch.float64))
    torch.testing.assert_close(found.rotation.T @ found.rotation, torch.eye(8, dtype=torch.float64))


def test_centers_are_means_and_shares_the_exact_least(hidden):
    points, _ = hidden
    torch.manual_seed(0)
    found = isolate(points, 3)
    y = points.double() @ found.rotation
    for group in range(3):
        torch.testing.assert_close(found.centers[group], y[found.labels == group].mean(0))
    torch.testing.assert_close(found.centers[3], y.mean(0))
    within = (y - found.centers[found.labels]).square().mean(0)
    around = (y - y.mean(0)).square().mean(0)
    torch.testing.assert_close(found.shares[0], around / (within + around))
    assert cost(points, found) == pytest.approx(float((within * around / (within + around)).sum()))


def test_is_repeatable(hidden):
    points, _ = hidden
    torch.manual_seed(1)
    first = isolate(points, 3)
    torch.manual_seed(1)
    assert torch.equal(isolate(points, 3).labels, first.labels)


@pytest.mark.parametrize(("rows", "k"), [(3, 3), (5, 1), (9, 2)])
def test_few_rows(rows, k):
    torch.manual_seed(0)
    points = torch.randn(rows, 4)
    points[:, 2] = 1.0  # a column that says nothing
    found = isolate(points, k)
    assert found.labels.unique().numel() == k
    for part in (found.rotation, found.shares, found.centers):
        assert torch.isfinite(part).all()


def test_more_groups_than_rows_differ():
    with pytest.raises(InputError, match="differ"):
        isolate(torch.zeros(5, 2).index_fill(0, torch.tensor([0]), 1.0), 3)
