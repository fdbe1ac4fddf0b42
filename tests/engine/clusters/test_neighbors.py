"""Nearest members, exactly."""

import pytest
import torch

import engine.clusters.neighbors
from engine.clusters.neighbors import nearest, partners


def test_nearest_by_slow_search():
    torch.manual_seed(0)
    x, members = torch.randn(40, 6), torch.randn(90, 6)
    index, away = nearest(x, members, 5)
    slow = torch.tensor([[float((row - m).norm()) for m in members] for row in x]).sort(1)
    assert torch.equal(index, slow.indices[:, :5])
    torch.testing.assert_close(away.float(), slow.values[:, :5])


def test_member_finds_itself_even_where_products_cancel():
    torch.manual_seed(0)
    members = torch.cat([torch.randn(300, 40), 1e4 + torch.randn(300, 40) / 100])
    index, away = nearest(members, members)
    assert torch.equal(index[:, 0], torch.arange(600))
    assert (away == 0).all()


@pytest.mark.parametrize("columns", [1, 5, 12, 13])
@pytest.mark.parametrize("equal", [False, True])
def test_a_tree_finds_what_products_find(monkeypatch, columns, equal):
    torch.manual_seed(0)
    x, members = torch.randn(300, columns), torch.randn(500, columns)
    if equal:  # few values in few columns: many members are as near as others
        x, members = x.round(), members.round().unique(dim=0)
    members = torch.cat([members, x[:50] + 1e3, x[:50]])
    tree = nearest(x, members, 4)
    monkeypatch.setattr(engine.clusters.neighbors, "_tree", lambda x, members: None)
    products = nearest(x, members, 4)
    torch.testing.assert_close(tree[1], products[1], rtol=0, atol=0)
    if not equal:
        assert torch.equal(tree[0], products[0])
    assert (tree[1][:50, 0] == 0).all()


def test_what_is_not_finite_raises_nothing():
    x, members = torch.randn(6, 3), torch.randn(9, 3)
    x[2, 1] = torch.nan
    index, _ = nearest(x, members, 2)
    fine = [0, 1, 3, 4, 5]
    assert torch.equal(index[fine], nearest(x[fine], members, 2)[0])


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


def test_partners_by_slow_search():
    torch.manual_seed(0)
    x = torch.randn(60, 4)
    unit = torch.nn.functional.normalize(torch.cat([x, torch.full((60, 1), 3.0)], 1), dim=1)
    slow = torch.tensor([[float(unit[i] @ unit[j]) if i != j else -2.0 for j in range(60)] for i in range(60)])
    assert torch.equal(partners(x, 5), slow.topk(5).indices)


def test_partners_in_few_columns_are_near_and_in_many_have_the_same_direction():
    torch.manual_seed(0)
    few = torch.randn(500, 1)
    away = (few.T - few).abs().fill_diagonal_(torch.inf)
    # In a line all directions are equal, so that the cosine alone would say nothing.
    assert (partners(few, 1)[:, 0] == away.argmin(1)).float().mean() > 0.9
    direction = torch.randn(1, 300)
    many = torch.cat([direction, 2 * direction, torch.randn(100, 300)])
    assert partners(many, 1)[:2, 0].tolist() == [1, 0]


def test_partners_are_never_the_row_itself_nor_outside_of_those_asked():
    torch.manual_seed(0)
    x = torch.zeros(30, 2)
    assert (partners(x, 40) != torch.arange(30).unsqueeze(1)).all()
    assert partners(x, 40).shape == (30, 29)
    some = partners(torch.randn(30, 2), 4, most=10)
    assert some.shape == (30, 4)
    assert len(some.unique()) <= 10
    assert (some != torch.arange(30).unsqueeze(1)).all()
