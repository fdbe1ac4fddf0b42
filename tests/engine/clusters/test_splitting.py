"""Trial halves against scikit-learn's 2-means, and rounds of splits with a judge who is told what to say."""

import numpy as np
import pytest
import torch
from sklearn.cluster import KMeans

from engine.clusters.splitting import SplitRounds, single_cluster, split_widest, two_means


def heaps(centers: list[float], n: int = 30) -> torch.Tensor:
    draw = np.random.default_rng(0)
    return torch.from_numpy(np.concatenate([draw.normal((center, 0), 0.5, (n, 2)) for center in centers]))


@pytest.mark.parametrize("seed", range(5))
def test_halves_are_the_best_two_means(seed):
    torch.manual_seed(seed)
    x = torch.randn(200, 3, dtype=torch.float64) * torch.tensor([3.0, 1, 1]) + 100
    pair, side = two_means(x, 20)
    known = KMeans(2, n_init=30, random_state=0).fit(x.numpy())
    cost = float(((x - pair[(~side).long()]) ** 2).sum())
    assert cost == pytest.approx(known.inertia_, rel=2e-3)
    torch.testing.assert_close(pair[0], x[side].mean(0))
    torch.testing.assert_close(pair[1], x[~side].mean(0))


def test_a_trial_starts_from_a_member_and_its_mirror_image():
    """Of three rows in a line the outer ones lead to the same two halves, whichever is drawn."""
    x = torch.tensor([[0.0], [1.0], [10.0]])
    for seed in range(5):
        torch.manual_seed(seed)
        pair, side = two_means(x, 3)
        assert sorted(pair.flatten().tolist()) == [0.5, 10]
        assert side.tolist() in ([True, True, False], [False, False, True])


def test_equal_members_are_one_half():
    assert not two_means(torch.ones(5, 2), 3)[1].any()


def test_all_that_are_two_are_split_at_once_or_the_clearest_alone():
    x = heaps([0, 10, 100, 130])

    def wide(members: torch.Tensor, side: torch.Tensor) -> float:
        return float(members.std(0).max()) - 1

    torch.manual_seed(0)
    rounds = SplitRounds(x, wide, 5, one_by_one=False)
    two = rounds.next(single_cluster(x), 9)
    four = rounds.next(two, 9)
    assert (len(two.centers), len(four.centers)) == (2, 4)
    assert rounds.next(four, 9) is None
    assert sorted(torch.bincount(four.labels).tolist()) == [30] * 4
    assert four.splits.tolist()[0].count(1) == 2

    single = SplitRounds(x, wide, 5, one_by_one=True)
    three = single.next(single.next(single_cluster(x), 9), 9)
    assert sorted(three.centers[:, 0].round().tolist()) == [5, 100, 130]  # the wider pair first
    assert single.next(three, 3) is None
    limited = SplitRounds(x, wide, 5, one_by_one=False)
    assert len(limited.next(limited.next(single_cluster(x), 3), 3).centers) == 3


def test_a_group_is_judged_once_until_its_members_change():
    x, asked = heaps([0, 100, 200]), []

    def judge(members: torch.Tensor, side: torch.Tensor) -> float:
        asked.append(len(members))
        return float(len(members) > 60)

    torch.manual_seed(0)
    rounds, parts = SplitRounds(x, judge, 5, one_by_one=False), single_cluster(x)
    parts = rounds.next(parts, 9)
    assert rounds.next(parts, 9) is None
    assert rounds.next(parts, 9) is None
    assert sorted(asked) == [30, 60, 90]


def test_k_means_puts_all_in_order_after_a_round():
    x = heaps([0, 10, 30])
    torch.manual_seed(0)
    parts = SplitRounds(x, lambda members, side: 1.0, 5, one_by_one=True).next(single_cluster(x), 9)
    for group in range(2):
        torch.testing.assert_close(parts.centers[group], x[parts.labels == group].mean(0))


def test_groups_that_cannot_be_halved_are_never_asked_about():
    def never(members: torch.Tensor, side: torch.Tensor) -> float:
        raise AssertionError

    same = torch.ones(7, 2)
    assert SplitRounds(same, never, 3, one_by_one=False).next(single_cluster(same), 5) is None
    assert SplitRounds(same[:1], never, 3, one_by_one=False).next(single_cluster(same[:1]), 5) is None


def test_the_loosest_group_is_halved():
    tight, wide = heaps([0, 1]), heaps([50, 70])
    z = torch.cat([tight, wide])
    centers = torch.stack([tight.mean(0), wide.mean(0)])
    torch.manual_seed(0)
    group, pair, side = split_widest(z, centers)
    assert group == 1
    assert sorted(pair[:, 0].round().tolist()) == [50, 70]
    assert len(side) == len(wide)
    torch.testing.assert_close(pair[side], torch.stack([wide[side == s].mean(0) for s in side]).float())


@pytest.mark.parametrize(
    ("z", "centers"), [([[0.0], [100.0]], [[0.0], [7.0]]), ([[0.0], [3.0], [3.0], [3.0]], [[0.0], [4.0]])]
)
def test_a_group_of_one_or_of_equal_members_is_not_halved(z, centers):
    assert split_widest(torch.tensor(z), torch.tensor(centers)) is None
