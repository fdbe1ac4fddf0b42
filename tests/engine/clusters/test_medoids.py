"""Medoids against every choice there is, swaps that never make it worse, samples."""

from itertools import combinations

import numpy as np
import pytest
import torch

from engine.clusters import medoids
from engine.clusters.medoids import build, closest, distances, draw, swap
from engine.core.errors import InputError


def cost(away: np.ndarray, rows) -> float:
    return float(away[list(rows)].min(0).sum(dtype=np.float64))


def points(seed: int, n: int, d: int = 2) -> torch.Tensor:
    return torch.randn(n, d, generator=torch.Generator().manual_seed(seed))


@pytest.mark.parametrize("kind", ["euclidean", "manhattan"])
def test_distances_by_slow_loops(kind, monkeypatch):
    monkeypatch.setattr(medoids, "PIECE", 100)
    x = points(0, 30, 5) + 100
    slow = [[float((a - b).norm(p=2 if kind == "euclidean" else 1)) for b in x.double()] for a in x.double()]
    np.testing.assert_allclose(distances(x, kind), slow, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("k", [1, 2, 3])
@pytest.mark.parametrize("n", [3, 7, 12])
def test_best_of_all_starts_is_the_best_of_all_choices(n, k):
    for seed in range(5):
        away = distances(points(seed, n), "euclidean")
        best = min(cost(away, rows) for rows in combinations(range(n), k))
        found = [swap(away, np.array(start))[0] for start in combinations(range(n), k)]
        assert min(cost(away, rows) for rows in found) == pytest.approx(best, rel=1e-6)
        for rows in found:  # from every start: nothing that one swap could improve is left
            assert len(set(rows.tolist())) == k
            swaps = (np.where(np.arange(k) == slot, row, rows) for slot in range(k) for row in range(n))
            assert cost(away, rows) <= min(cost(away, other) for other in swaps) * (1 + 1e-6)


@pytest.mark.parametrize("k", [1, 2, 10, 60])
def test_total_distance_never_increases(k):
    away = distances(points(1, 150, 4), "euclidean")
    start = np.random.default_rng(2).permutation(150)[:k]
    rows, costs = swap(away, start)
    assert costs[0] == pytest.approx(cost(away, start), rel=1e-6)
    assert costs[-1] == pytest.approx(cost(away, rows), rel=1e-6)
    assert (np.diff(costs) <= 0).all()
    assert len(costs) > 1


def test_build_by_slow_search():
    away, chosen = distances(points(3, 25), "manhattan"), []
    for _ in range(5):
        chosen.append(min(set(range(25)) - set(chosen), key=lambda row: cost(away, [*chosen, row])))
    assert build(away, 5).tolist() == chosen


def test_equal_rows_leave_no_two_equal_medoids():
    x = torch.eye(4).repeat_interleave(torch.tensor([20, 5, 2, 1]), 0)
    away = distances(x, "euclidean")
    for start in (np.arange(4), build(away, 4)):
        rows, costs = swap(away, start)
        assert costs[-1] == 0
        assert len(x[rows].unique(dim=0)) == 4
    assert sorted(swap(away, np.arange(28))[0].tolist()) == list(range(28))  # as many groups as rows
    assert len(set(build(away, 28).tolist())) == 28


def test_samples_keep_the_best_so_far_and_rows_that_differ():
    x = torch.zeros(5000, 2)
    x[[7, 4000]] = torch.tensor([[1.0, 0.0], [0.0, 1.0]])
    torch.manual_seed(0)
    assert len(x[draw(x, 3, 100, np.zeros(0, np.int64))].unique(dim=0)) == 3
    many = points(0, 5000)
    rows = draw(many, 3, 100, np.array([4998, 4999]))
    assert {4998, 4999} <= set(rows.tolist())
    assert 98 <= len(rows) == len(set(rows.tolist())) <= 100


@pytest.mark.parametrize("kind", ["euclidean", "manhattan"])
def test_closest_by_slow_search(kind):
    x, held = points(4, 40, 3), points(5, 6, 3)
    away = torch.stack([(x - one).norm(p=2 if kind == "euclidean" else 1, dim=1) for one in held], 1)
    index, least = closest(x, held, kind)
    assert torch.equal(index, away.argmin(1))
    torch.testing.assert_close(least, away.amin(1))


def test_too_many_rows():
    with pytest.raises(
        InputError, match=r"every pair of 10,001 rows would need 0.4 GB: compare a sample of at most 10,000"
    ):
        distances(torch.zeros(10_001, 1), "euclidean")
