"""Nearest members, exactly."""

import pytest
import torch

import engine.clusters.neighbors
from engine.clusters.neighbors import nearest


def test_nearest_by_slow_search():
    torch.manual_seed(0)
    x, members = torch.randn(40, 6), torch.randn(90, 6)
    index, away = nearest(x, members, 5)
    slow = torch.tensor([[float((row - m).norm()) for m in members] for row in x]).sort(1)
    assert torch.equal(index, slow.indices[:, :5])
    torch.testing.assert_close(away, slow.values[:, :5])


def test_member_finds_itself_even_where_products_cancel():
    torch.manual_seed(0)
    members = torch.cat([torch.randn(300, 40), 1e4 + torch.randn(300, 40) / 100])
    index, away = nearest(members, members)
    assert torch.equal(index[:, 0], torch.arange(600))
    assert (away == 0).all()


def test_pieces_make_the_whole(monkeypatch):
    x, members = torch.randn(30, 4), torch.randn(20, 4)
    whole = nearest(x, members, 3)
    monkeypatch.setattr(engine.clusters.neighbors, "PIECE", 100)
    for one, other in zip(whole, nearest(x, members, 3), strict=True):
        assert torch.equal(one, other)


@pytest.mark.parametrize("rows", [0, 2])
def test_no_more_than_there_are(rows):
    index, away = nearest(torch.randn(rows, 3), torch.randn(4, 3), 9)
    assert index.shape == away.shape == (rows, 4)
