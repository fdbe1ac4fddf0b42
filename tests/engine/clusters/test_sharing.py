"""Axes that several groupings share, against values computed by hand."""

import numpy as np
import torch

from engine.clusters.sharing import centers_on_own_axes, hard_shares, initial_shares, minibatch_update, nearest_centers


def test_every_grouping_gets_most_of_its_own_axes_and_a_part_of_the_others():
    axes = [np.array([0, 3]), np.array([1]), np.array([2, 4])]
    shares = initial_shares(axes, 0.9)
    torch.testing.assert_close(shares[0], torch.tensor([0.9, 0.05, 0.05, 0.9, 0.05]))
    torch.testing.assert_close(shares.sum(0), torch.ones(5))
    torch.testing.assert_close(initial_shares([np.arange(3)], 0.9), torch.full((1, 3), 0.9))


def test_an_axis_is_owned_by_the_grouping_with_the_largest_share():
    shares = torch.tensor([[0.6, 0.2, 0.5], [0.3, 0.5, 0.1], [0.1, 0.3, 0.4]])
    assert hard_shares(shares).tolist() == [[1, 0, 1], [0, 1, 0], shares[2].tolist()]


def test_nearest_sees_the_axes_of_its_grouping():
    z = torch.tensor([[0.0, 9.0], [5.0, 0.0]])
    centers = torch.tensor([[0.0, 0.0], [5.0, 9.0]]), torch.tensor([[5.0, 9.0], [0.0, 0.0], [9.0, 5.0]])
    shares = torch.tensor([[1.0, 0.0], [0.0, 1.0]])
    assert nearest_centers(z, centers, shares).tolist() == [[0, 0], [1, 1]]


def test_centers_are_the_mean_of_what_they_count_for_and_their_members():
    z = torch.tensor([[1.0, 0.0], [3.0, 0.0], [11.0, 0.0]])
    centers, counts = torch.tensor([[0.0, 0.0], [10.0, 2.0], [99.0, 0.0]]), torch.tensor([2.0, 3.0, 4.0])
    moved, left = minibatch_update(z, centers, counts, torch.ones(2))
    # (2 * 0 + 1 + 3) / 4 and (3 * (10, 2) + (11, 0)) / 4; the third has no members and stays.
    torch.testing.assert_close(moved, torch.tensor([[1.0, 0.0], [10.25, 1.5], [99.0, 0.0]]))
    assert left.tolist() == [2.0, 2.0, 2.0]


def test_a_center_that_counts_for_nothing_jumps_to_its_members_or_stays():
    centers = torch.tensor([[0.0, 5.0], [10.0, 5.0]])
    moved, left = minibatch_update(torch.tensor([[2.0, 2.0]]), centers, torch.zeros(2), torch.tensor([1.0, 0.0]))
    torch.testing.assert_close(moved, torch.tensor([[2.0, 2.0], [10.0, 5.0]]))
    assert left.tolist() == [0.5, 0.0]


def test_centers_differ_on_their_own_axes_alone():
    centers, counts = torch.tensor([[1.0, 4.0], [2.0, 8.0]]), torch.tensor([3.0, 1.0])
    torch.testing.assert_close(
        centers_on_own_axes(centers, counts, torch.tensor([1.0, 0.0])), torch.tensor([[1.0, 5.0], [2.0, 5.0]])
    )  # (3 * 4 + 8) / 4
