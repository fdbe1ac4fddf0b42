"""Groups of varying density against a slow walk that follows the definition word by word."""

import numpy as np
import pytest

from engine.clusters import varying
from engine.clusters.varying import default_neighbors, grow_groups
from engine.core.errors import InputError


def slow(points: np.ndarray, n: int, rho: float, beta: float) -> np.ndarray:
    labels, group = np.full(len(points), -1), 0
    apart = [[float(np.linalg.norm(a - b)) for b in points] for a in points]
    while len(left := np.flatnonzero(labels < 0).tolist()) >= n:
        away = {a: {b: apart[a][b] for b in left} for a in left}
        average = {a: sum(sorted(away[a].values())[:n]) / n for a in left}
        eps = min(sorted(away[a].values())[n - 1] for a in left) * (1 + 1e-9)
        first = min(left, key=lambda a: (average[a], *points[a]))

        def around(a: int, away=away, eps=eps, left=left) -> list[int]:
            return sorted((b for b in left if away[a][b] <= eps), key=away[a].__getitem__)

        members = set(around(first))
        wave = [y for y in around(first) if y != first]
        while wave:
            following = []
            for y in wave:
                new = [b for b in around(y) if b not in members]
                if len(around(y)) - len(new) < rho * len(new) or beta * average[y] > average[first]:
                    members.discard(y)
                else:
                    members |= set(new)
                    following += new
            wave = following
        labels[list(members)] = group
        group += 1
    return labels


def crowds(seed: int, rows: int = 40) -> np.ndarray:
    draw = np.random.default_rng(seed)
    parts = [draw.normal(center, spread, (rows, 2)) for center, spread in (((0, 0), 0.2), ((5, 0), 0.8), ((0, 9), 2.0))]
    return np.unique(np.concatenate(parts), axis=0)


@pytest.mark.parametrize(
    ("n", "rho", "beta"), [(5, 1.2, 0.0), (8, 0.8, 0.5), (8, 1.8, 0.0), (12, 0.5, 0.9), (20, 0.0, 1.0), (2, 3.0, 0.1)]
)
def test_groups_by_a_slow_walk(n, rho, beta):
    for seed in range(2):
        points = crowds(seed, 30)
        found = grow_groups(points, n, rho, beta)
        np.testing.assert_array_equal(found.labels, slow(points, n, rho, beta))
        assert len(found.reach) == found.labels.max() + 1


def test_crowds_of_differing_density():
    points = crowds(0, 200)
    found = grow_groups(points, 40, 1.2, 0.0)
    truth = np.where(points[:, 1] > 4, 2, np.where(points[:, 0] > 2.5, 1, 0))
    for group in range(3):
        values, counts = np.unique(found.labels[truth == group], return_counts=True)
        assert counts.max() > 0.75 * (truth == group).sum()
        assert values[counts.argmax()] == group  # the densest is the first
    assert found.reach[0] < found.reach[1] < found.reach[2]


def test_a_grid_of_equal_distances_is_one_group():
    points = np.stack(np.meshgrid(np.arange(10.0), np.arange(10.0)), -1).reshape(-1, 2)
    found = grow_groups(points, 5, 0.5, 0.0)
    assert (found.labels == 0).mean() > 0.9
    np.testing.assert_allclose(found.reach[0], 1)


def test_fewer_rows_than_a_group_needs_are_the_rest():
    points = np.concatenate([np.arange(20.0) / 10, [50.0, 60.0, 70.0]]).reshape(-1, 1)
    found = grow_groups(points, 4, 0.0, 0.0)
    assert found.labels.tolist() == [0] * 20 + [-1] * 3


def test_usual_number_of_neighbors():
    assert default_neighbors(1797, 64) == 85  # 2 sqrt(1797)
    assert default_neighbors(1797, 120) == 131  # log2(1797) + 120
    assert default_neighbors(150, 4) == 24
    assert default_neighbors(60, 4) == 12  # a fifth
    assert default_neighbors(10**6, 2) == 134  # what memory holds
    assert default_neighbors(10**5, 784) == 200
    assert [default_neighbors(rows, 1) for rows in (1, 2, 20)] == [5, 5, 5]


def test_too_many_neighbors(monkeypatch):
    monkeypatch.setattr(varying, "ROOM", 100)
    with pytest.raises(InputError, match=r"5 neighbors of 40 rows .* at most 2 neighbors, or at most 20 rows"):
        grow_groups(np.zeros((40, 1)), 5, 1.0, 0.0)
