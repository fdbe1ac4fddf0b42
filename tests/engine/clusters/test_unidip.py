"""Bumps along one axis with known edges, and the boxes made of them."""

from itertools import pairwise

import numpy as np
import pytest

from engine.clusters import unidip
from engine.clusters.unidip import modes, split_boxes


def stretches(x: np.ndarray, significance: float = 0.05) -> list[tuple[float, float]] | None:
    found = modes(x, significance)
    return None if found is None else [(x[low], x[high]) for low, high in found]


@pytest.mark.parametrize("seed", range(5))
def test_bumps_in_noise_have_the_edges_they_were_made_with(seed):
    draw = np.random.default_rng(seed)
    heaps = [draw.uniform(low, low + 0.05, 300) for low in (0.2, 0.5, 0.8)]
    found = stretches(np.sort(np.concatenate([*heaps, draw.uniform(0, 1, 600)])), 0.01)
    np.testing.assert_allclose(found, [(0.2, 0.25), (0.5, 0.55), (0.8, 0.85)], atol=0.02)


@pytest.mark.parametrize("low", [0.0, 0.4, 0.9])
def test_the_whole_of_a_single_bump_is_found_also_at_the_rim(low):
    draw = np.random.default_rng(0)
    x = np.sort(np.concatenate([draw.uniform(low, low + 0.1, 500), draw.uniform(0, 1, 500)]))
    np.testing.assert_allclose(stretches(x), [(low, low + 0.1)], atol=0.01)


@pytest.mark.parametrize("n", [1, 2, 3, 4, 10, 1000])
def test_even_numbers_have_no_edge(n):
    assert stretches(np.linspace(0, 1, n)) is None
    assert stretches(np.full(n, 3.0)) is None


def test_edges_are_seldom_imagined():
    draw = np.random.default_rng(0)
    assert sum(modes(np.sort(draw.uniform(size=200)), 0.05) is not None for _ in range(200)) < 20


def test_mirror_images_are_folded_back_by_hand(monkeypatch):
    """Five numbers and their images, with a modal interval where we want it."""
    x = np.array([0.0, 1, 2, 3, 4])

    def answer(left: tuple[int, int], right: tuple[int, int], deeper: str) -> unidip.Interval | None:
        def fake(y: np.ndarray) -> unidip.Dip:
            if len(y) == 5:
                return unidip.Dip(0.1, 4, 4, None)
            side = "left" if y[0] < 0 else "right"
            np.testing.assert_array_equal(y, np.arange(-4, 5) if side == "left" else np.arange(9))
            low, high = left if side == "left" else right
            return unidip.Dip(0.25 if side == deeper else 0.24, low, high, None)

        monkeypatch.setattr(unidip, "dip", fake)
        return unidip._mirrored(x, 0.5)

    assert answer((5, 7), (0, 0), "left") == (1, 3)
    assert answer((1, 2), (0, 0), "left") == (2, 3)  # -3 and -2 are the images of 3 and 2
    assert answer((3, 5), (0, 0), "left") == (4, 4)  # across the mirror: the plain modal interval
    assert answer((0, 0), (1, 2), "right") == (1, 2)
    assert answer((0, 0), (6, 7), "right") == (1, 2)  # 6 and 7 are the images of 2 and 1
    assert answer((0, 0), (3, 5), "right") == (4, 4)


def test_neighbors_that_are_one_heap_are_joined():
    draw = np.random.default_rng(0)
    x = np.sort(np.concatenate([draw.normal(0, 1, 200), draw.normal(9, 1, 200)]))
    joined = unidip._joined(x, [(10, 90), (95, 190), (210, 300), (301, 390)], 0.05)
    assert joined == [(10, 190), (210, 390)]


def test_boxes_are_cut_one_by_one():
    draw = np.random.default_rng(0)
    boxes = np.repeat([0, 1, -1], [400, 300, 100])
    values = np.concatenate([draw.normal(0, 0.1, 200), draw.normal(5, 0.1, 200), np.linspace(0, 1, 300), np.zeros(100)])
    found = split_boxes(values, boxes, 0.05, rounded=False)
    np.testing.assert_array_equal(found.parents, [0, 0, 1])
    assert np.isinf(found.low[2])
    assert np.isinf(found.high[2])
    assert (found.boxes[-100:] == -1).all()
    for box in range(3):
        inside = (boxes == found.parents[box]) & (values >= found.low[box]) & (values <= found.high[box])
        np.testing.assert_array_equal(found.boxes == box, inside)
    assert (found.boxes[:200] == 0).mean() > 0.8
    assert (found.boxes[200:400] == 1).mean() > 0.8
    assert found.low[0] == values[found.boxes == 0].min()


def test_computed_boxes_are_a_little_wider_but_never_reach_the_next_row():
    values = np.sort(np.concatenate([np.random.default_rng(0).normal(m, 1, 100) for m in (0, 50)]))
    exact, wide = (split_boxes(values, np.zeros(200, int), 0.05, rounded=rounded) for rounded in (False, True))
    np.testing.assert_array_equal(exact.boxes, wide.boxes)
    assert (wide.low < exact.low).all()
    assert (wide.high > exact.high).all()
    np.testing.assert_allclose(wide.low, exact.low, atol=1e-4)


def test_equal_values_are_never_in_two_boxes():
    x = np.sort(np.random.default_rng(0).integers(0, 4, 50)).astype(float)
    ends = unidip._ends(x, [(0, 20), (21, 22), (23, 49)], 0.0)
    assert all(low <= high for low, high in ends)
    assert all(one[1] < other[0] for one, other in pairwise(ends))
