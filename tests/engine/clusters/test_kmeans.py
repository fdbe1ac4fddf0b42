"""k-means on any space: a hand-computed case, repeatability, and what cannot be grouped."""

import sys

import pytest
import torch

from engine.clusters import kmeans, require, seed
from engine.core.errors import InputError
from engine.training.rng import RngScope

Z = torch.tensor([[0.0, 0.0], [1.0, 0.0], [3.0, 0.0], [4.0, 1.0]])


def test_centers_are_the_means_of_their_members():
    centers, labels = kmeans(Z, 2)
    assert labels.dtype == torch.int64
    assert centers.dtype == torch.float32
    assert sorted(centers.tolist()) == [[0.5, 0.0], [3.5, 0.5]]
    assert labels[0] == labels[1] != labels[2] == labels[3]


def test_same_stream_gives_the_same_groups(digits):
    x = torch.from_numpy(digits[0][:300])
    with RngScope(5, "here"):
        first = kmeans(x, 8, restarts=1)
    with RngScope(5, "here"):
        second = kmeans(x, 8, restarts=1)
    with RngScope(6, "here"):
        third = kmeans(x, 8, restarts=1)
    assert torch.equal(first[0], second[0])
    assert not torch.equal(first[0], third[0])


def test_seeds_follow_the_stream():
    with RngScope(1, "a"):
        first = [seed() for _ in range(3)]
    with RngScope(1, "a"):
        assert [seed() for _ in range(3)] == first
    assert len(set(first)) == 3


def test_pictures_are_flattened():
    centers, _ = kmeans(torch.rand(20, 1, 4, 4), 3)
    assert centers.shape == (3, 16)


@pytest.mark.parametrize(
    ("rows", "k", "sentence"),
    [
        (Z, 5, "5 groups cannot be made of 4 rows"),
        (torch.ones(9, 3), 2, "All 9 rows are equal"),
        (Z[[0, 0, 1, 1, 0]], 3, "only 2 differ"),
        (torch.tensor([[0.0], [-0.0]]), 2, "All 2 rows are equal"),
    ],
)
def test_too_few_different_rows(rows, k, sentence):
    for check in (require, kmeans):
        with pytest.raises(InputError, match=sentence):
            check(rows, k)


def test_enough_different_rows_pass():
    require(Z[[0, 0, 0, 1, 2]], 3)


def test_rows_that_differ_by_rounding_alone_raise_no_warning():
    rows = torch.ones(6, 2)
    rows[3:] += 1e-7
    _, labels = kmeans(rows, 2, restarts=2)
    assert len(labels) == 6


def test_what_was_read_of_a_file_is_let_go_again_and_again(digits, monkeypatch):
    points, calls = torch.from_numpy(digits[0]), []
    for name, value in (("SAMPLE", 500), ("TOGETHER", 100)):
        monkeypatch.setattr(sys.modules["engine.clusters.kmeans"], name, value)
    monkeypatch.setattr("engine.clusters.rows.READ", points.nbytes // 4)
    torch.manual_seed(0)
    kept = kmeans(points, 10, 2)
    torch.manual_seed(0)
    freed = kmeans(points, 10, 2, release=lambda: calls.append(1))
    assert torch.equal(kept[1], freed[1])
    assert len(calls) >= 5 + 3 * 2  # the pieces of the sample, and three quarters of every pass
