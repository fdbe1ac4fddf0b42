"""NR-k-means on data whose groupings are known."""

import numpy as np
import pytest
from sklearn.metrics import normalized_mutual_info_score as nmi

from engine.clusters.nrkmeans import nrkmeans, parse_sizes, rotate_within
from engine.core.errors import InputError


def two_groupings(n=300, noise_axes=0, seed=0):
    """Two independent groupings of three blobs, each on two axes, and noise axes, all rotated."""
    random = np.random.default_rng(seed)
    middles = np.array([[0, 0], [8, 0], [0, 8]])
    truth = random.integers(3, size=(n, 2))
    parts = [middles[truth[:, j]] + random.normal(size=(n, 2)) for j in range(2)]
    points = np.hstack([*parts, random.normal(size=(n, noise_axes))])
    turn = np.linalg.qr(random.normal(size=(points.shape[1],) * 2))[0]
    return points @ turn, truth


def agreement(truth, labels):
    return [max(nmi(own, column) for column in labels.T) for own in truth.T]


def test_finds_both_groupings():
    points, truth = two_groupings()
    found = nrkmeans(points, (3, 3), seed=0)
    assert min(agreement(truth, found.labels)) > 0.95
    assert [len(own) for own in found.axes] == [2, 2]


def test_noise_space_takes_the_axes_without_groups():
    points, truth = two_groupings(noise_axes=4)
    found = nrkmeans(points, (3, 3, 1), seed=0)
    assert min(agreement(truth, found.labels[:, :2])) > 0.95
    assert len(found.axes[2]) == 4


def test_rotation_is_a_rotation_and_axes_are_shared_out():
    points, _ = two_groupings(n=80)
    found = nrkmeans(points, (2, 4), seed=1, restarts=2)
    np.testing.assert_allclose(found.rotation.T @ found.rotation, np.eye(4), atol=1e-9)
    assert sorted(np.concatenate(found.axes)) == [0, 1, 2, 3]
    assert [len(own) for own in found.centers] == [2, 4]


def test_cost_is_the_squared_distance_to_the_centers_in_their_axes():
    points, _ = two_groupings(n=60)
    found = nrkmeans(points, (3, 2), seed=2, restarts=1)
    cost = sum(
        float((((points - centers[labels]) @ found.rotation[:, own]) ** 2).sum())
        for centers, labels, own in zip(found.centers, found.labels.T, found.axes, strict=True)
    )
    assert abs(cost - found.cost) < 1e-6 * cost


def test_same_seed_same_result():
    points, _ = two_groupings(n=60)
    first, second = (nrkmeans(points, (3, 3), seed=5, restarts=2) for _ in range(2))
    np.testing.assert_array_equal(first.labels, second.labels)


def test_groups_of_equal_rows_do_not_break_it():
    points = np.repeat(np.eye(3), 10, axis=0)
    found = nrkmeans(points, (3, 3), seed=0, restarts=2)
    assert np.isfinite(found.cost)
    assert all(np.isfinite(centers).all() for centers in found.centers)


@pytest.mark.parametrize("unit", [1e-6, 1e6])
def test_what_is_noise_does_not_depend_on_the_unit(unit):
    points, truth = two_groupings(noise_axes=4)
    found = nrkmeans(unit * (points - points.mean(0)), (3, 3, 1), seed=0)
    assert min(agreement(truth, found.labels[:, :2])) > 0.95
    assert [len(own) for own in found.axes] == [2, 2, 4]


def test_one_grouping_beside_noise_needs_one_axis_less_than_it_has_groups():
    random = np.random.default_rng(0)
    truth = random.integers(4, size=400)
    points = np.hstack([9 * np.eye(4)[truth] + random.normal(size=(400, 4)), random.normal(size=(400, 4))])
    found = nrkmeans(points - points.mean(0), (4, 1), seed=0)
    assert nmi(truth, found.labels[:, 0]) > 0.99
    assert [len(own) for own in found.axes] == [3, 5]


def test_axes_faced_tell_groups_apart_in_order_and_cost_the_same():
    points, _ = two_groupings(noise_axes=3)
    points -= points.mean(0)
    before = nrkmeans(points, (3, 3), seed=0)
    after = rotate_within(before)
    np.testing.assert_allclose(after.rotation.T @ after.rotation, np.eye(7), atol=1e-9)
    for j, own in enumerate(after.axes):
        centers = np.stack([points[after.labels[:, j] == group].mean(0) for group in range(3)])
        between = (centers @ after.rotation[:, own]).var(0)
        assert between[0] > between[1] > 1e-3
        assert between[2:].max(initial=0) < 1e-9  # 3 groups differ in 2 axes
        cost = [
            (((points - centers[after.labels[:, j]]) @ turn[:, own]) ** 2).sum()
            for turn in (before.rotation, after.rotation)
        ]
        assert cost[0] == pytest.approx(cost[1])


def test_every_grouping_needs_an_axis():
    with pytest.raises(InputError, match="3 groupings need an axis each"):
        nrkmeans(np.random.default_rng(0).normal(size=(20, 2)), (2, 2, 1), seed=0)


def test_groupings_in_words():
    assert parse_sizes("2", 4) == (4, 4)
    assert parse_sizes(" 3, 4 ,1", None) == (3, 4, 1)
    for wrong in ("two", "0", "1-3", "3--4", "11"):
        with pytest.raises(InputError, match="Groupings cannot be"):
            parse_sizes(wrong, 3)
    with pytest.raises(InputError, match="number of groups"):
        parse_sizes("2", None)


def test_a_noise_space_may_lose_all_its_axes():
    corners = np.array([[0.0, 0.0], [8.0, 0.0], [4.0, 7.0]])
    truth = np.repeat(np.arange(3), 20)
    points = corners[truth] + np.random.default_rng(0).normal(size=(60, 2))
    found = nrkmeans(points - points.mean(0), (3, 1), seed=0)
    assert [len(own) for own in found.axes] == [2, 0]
    assert nmi(truth, found.labels[:, 0]) == 1
    assert rotate_within(found).rotation.shape == (2, 2)
