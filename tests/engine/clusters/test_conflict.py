"""Who is conflicted, which member stands for a group, and which number a group keeps."""

from itertools import permutations

import pytest
import torch

from engine.clusters import kmeans
from engine.clusters.conflict import conflicted, match_centers, nearest_samples, recluster, threshold


@pytest.mark.parametrize(
    ("row", "unclear"),
    [
        ([0.6, 0.3, 0.1], False),
        ([0.1, 0.3, 0.6], False),
        ([0.45, 0.15, 0.4], True),  # sure enough, but not far enough ahead
        ([0.35, 0.35, 0.3], True),
        ([0.4, 0.2, 0.4], True),
        ([0.3, 0.3, 0.4], True),  # not above the threshold
    ],
)
def test_clear_members_are_sure_and_far_ahead(row, unclear):
    assert conflicted(torch.tensor([row]), 0.4).tolist() == [unclear]


def test_conflicted_by_slow_loops():
    torch.manual_seed(0)
    q = torch.softmax(2 * torch.randn(200, 4), 1)
    found = conflicted(q, 0.5)
    assert 0 < found.sum() < 200
    for row, unclear in zip(q.tolist(), found.tolist(), strict=True):
        second, first = sorted(row)[-2:]
        assert unclear == (not (first > 0.5 and first - second > 0.25))


def test_nobody_is_conflicted_at_a_threshold_of_zero_or_in_a_single_group():
    assert not conflicted(torch.tensor([[0.5001, 0.4999]]), 0.0).any()
    assert not conflicted(torch.ones(3, 1), 0.75).any()


def test_threshold_of_the_paper_and_of_few_groups():
    assert [threshold(10, lowered) for lowered in range(4)] == pytest.approx([0.3, 0.27, 0.24, 0.21])
    assert [threshold(k, 0) for k in (1, 2, 3, 4, 5)] == pytest.approx([0.75, 0.75, 0.75, 0.75, 0.6])
    assert threshold(2, 5) == pytest.approx(0.375)
    assert threshold(10, 30) == 0


def test_snapped_by_brute_force():
    torch.manual_seed(0)
    z, centers = torch.randn(50, 3), torch.randn(4, 3)
    for center, member in zip(centers, nearest_samples(centers, z), strict=True):
        best = min(range(50), key=lambda i: float((z[i] - center).square().sum()))
        assert torch.equal(member, z[best])


def test_renumbered_by_all_orders():
    torch.manual_seed(0)
    before, centers = torch.randn(4, 2), torch.randn(4, 2)
    best = min(permutations(range(4)), key=lambda order: float((centers[list(order)] - before).square().sum()))
    assert torch.equal(match_centers(centers, before), centers[list(best)])
    shuffled = before[[2, 0, 3, 1]] + 0.01
    torch.testing.assert_close(match_centers(shuffled, before), before + 0.01)


def test_regrouped_are_the_members_nearest_to_the_centers_of_k_means():
    torch.manual_seed(0)
    z = torch.cat([torch.randn(20, 2) / 9 + torch.tensor(place) for place in ([0.0, 0.0], [3.0, 0.0], [0.0, 3.0])])
    before = torch.tensor([[0.1, 2.5], [0.0, 0.1], [2.5, 0.0]])
    torch.manual_seed(1)
    found = recluster(z, before)
    torch.manual_seed(1)
    assert {tuple(c) for c in found.tolist()} == {tuple(c) for c in nearest_samples(kmeans(z, 3, 10)[0], z).tolist()}
    assert (found - before).norm(dim=1).max() < 1, "each in the place of the one it is nearest to"


def test_codes_of_which_too_few_differ_keep_their_centers():
    before = torch.randn(3, 2)
    assert torch.equal(recluster(torch.ones(9, 2), before), before)
