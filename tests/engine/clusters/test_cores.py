"""Cores by slow counting, and the bend of the distances."""

import numpy as np
import pytest
import torch
from scipy.sparse.csgraph import connected_components
from scipy.spatial.distance import cdist
from sklearn.datasets import make_moons

from engine.clusters import cores as module
from engine.clusters.cores import assign_within_reach, core_samples, knee
from engine.core.errors import InputError


def test_cores_by_slow_counting():
    x = torch.from_numpy(make_moons(200, noise=0.1, random_state=0)[0].astype(np.float32)) + 50
    away = cdist(x.double(), x.double())
    rows = np.flatnonzero((away <= 0.2).sum(1) >= 6)
    found = core_samples(x, 0.2, 6)
    assert found.rows.tolist() == rows.tolist()
    _, slow = connected_components(away[np.ix_(rows, rows)] <= 0.2)
    pairs = {*zip(found.labels.tolist(), slow.tolist(), strict=True)}
    assert len(pairs) == len(set(slow)) == len(set(found.labels.tolist())) > 1


def test_bend_is_the_deepest_point_below_the_line():
    # One neighbor: gaps of 1, 1, 1, 2, 2 inside, then 10 and 30; the line from 1 to 30 runs 5.8 a row.
    x = torch.tensor([0.0, 1, 2, 4, 14, 44]).unsqueeze(1)
    # Distances to the nearest other: 1, 1, 1, 2, 10, 30; below the line by 0, 5.8, 11.6, 16.4, 14.2, 0.
    assert knee(x, 2) == pytest.approx(2)


def test_bend_lies_between_crowds_and_strays():
    draw = np.random.default_rng(0)
    x = np.concatenate([draw.normal(center, 0.1, (100, 2)) for center in (0, 5)] + [draw.uniform(-20, 20, (10, 2))])
    reach = knee(torch.from_numpy(x), 5)
    assert 0.05 < reach < 1
    found = core_samples(torch.from_numpy(x), reach, 5)
    assert found.labels.max() == 1
    assert (found.rows < 200).all()


@pytest.mark.parametrize("rows", [torch.zeros(2, 3), torch.ones(40, 1) * 7, torch.eye(3).repeat(20, 1)])
def test_equal_rows_are_crowds_of_their_own(rows):
    found = core_samples(rows, knee(rows, 2), 2)
    assert len(found.rows) == len(rows)
    assert found.labels.max() + 1 == len(rows.unique(dim=0))


def test_new_rows_by_hand():
    members, labels = torch.tensor([[0.0], [1.0], [10.0], [11.0]]), torch.tensor([0, 0, 1, -1])
    rows, reach = torch.tensor([[0.0], [1.4], [1.6], [8.1], [7.9], [10.4], [11.0]]), torch.tensor([0.5, 2.0])
    # In reach of the first group, out of it; in reach of the second, out of it; nearest to a member, then to a stray.
    assert assign_within_reach(rows, members, labels, reach).tolist() == [0, 0, -1, 1, -1, 1, -1]
    assert assign_within_reach(rows, members[:0], labels[:0], reach).tolist() == [-1] * 7


@pytest.mark.parametrize("columns", [3, 40])
def test_members_join_themselves_far_from_zero(columns):
    draw = torch.Generator().manual_seed(0)
    members = torch.randn(500, columns, generator=draw) + 1000
    labels = torch.arange(500) % 7 - 1
    assert torch.equal(assign_within_reach(members, members, labels, torch.full((6,), 1e-3)), labels)


def test_reach_beyond_memory_is_named(monkeypatch):
    monkeypatch.setattr(module, "ROOM", 5_000)
    x = torch.rand(200, 2, generator=torch.Generator().manual_seed(0))
    assert len(core_samples(x, 0.01, 1).rows) == 200
    with pytest.raises(InputError, match=r"about 200 others around it: .* Choose a smaller reach, at most 70 rows"):
        core_samples(x, 5.0, 4)
