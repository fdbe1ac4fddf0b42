"""Coordinates in which neighbors stay neighbors."""

import torch
from sklearn.neighbors import KNeighborsClassifier

from engine.clusters.manifold import interpolated, manifold_coordinates


def test_neighbors_stay_together(digits):
    x, y = torch.from_numpy(digits[0]).flatten(1)[:600], digits[1][:600]
    torch.manual_seed(0)
    found = manifold_coordinates(x, 10, 5)
    assert found.shape == (600, 5)
    assert found.mean(0).abs().max() < 1e-4
    assert abs(float(found.square().mean()) - 1) < 1e-4
    assert KNeighborsClassifier(5).fit(found[:400], y[:400]).score(found[400:], y[400:]) > 0.8


def test_equal_seeds_give_equal_coordinates():
    x = torch.randn(60, 4, generator=torch.Generator().manual_seed(1))
    again = []
    for _ in range(2):
        torch.manual_seed(7)
        again.append(manifold_coordinates(x, 5, 2))
    assert torch.equal(*again)


def test_few_samples_are_their_own_coordinates():
    x = torch.arange(12.0).view(4, 3)
    assert torch.equal(manifold_coordinates(x, 3, 2), x)


def test_more_dimensions_than_samples_allow_are_not_asked_for():
    x = torch.randn(9, 3, generator=torch.Generator().manual_seed(0))
    assert manifold_coordinates(x, 50, 50).shape == (9, 7)


def test_a_member_has_its_own_place_and_a_new_one_that_of_those_around_it():
    members = torch.tensor([[0.0], [1.0], [3.0]])
    places = torch.tensor([[0.0, 1.0], [2.0, 3.0], [8.0, 8.0]])
    assert torch.allclose(interpolated(members, members, places, 3), places)
    # Squared distances 1 and 4 from the nearest two: weights 4/5 and 1/5.
    assert torch.allclose(interpolated(torch.tensor([[2.0]]), members, places, 1), torch.tensor([[2.0, 3.0]]))
    between = interpolated(torch.tensor([[-1.0]]), members, places, 2)
    assert torch.allclose(between, torch.tensor([[0.2 * 2, 0.8 + 0.2 * 3]]))
