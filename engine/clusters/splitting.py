"""Growing the number of groups: each is tried as two, those that are better as two are split, k-means puts all in order.

The skeleton that X-means (Pelleg & Moore, ICML 2000), G-means (Hamerly & Elkan, NIPS 2003) and dip-means (Kalogeratos & Likas,
NIPS 2012) share; what tells them apart is the evidence by which a group is two.
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from engine.clusters.kmeans import kmeans
from engine.clusters.lloyd import PASSES, onward, rest
from engine.clusters.tree import grow, root
from engine.losses import squared_distances

Judge = Callable[[Tensor, Tensor], float]
"""Of members [m, d] and the half [m] bool of each: how clearly they are two groups; 0 or less where they are one."""


@dataclass(frozen=True)
class Parts:
    """A grouping, and the splits that led to it."""

    centers: Tensor
    """[k, d]"""
    labels: Tensor
    """[n] int64"""
    splits: Tensor
    """[k - 1, k] the tree of splits, see `engine.clusters.tree`; its leaves are the groups."""


def whole(points: Tensor) -> Parts:
    """All of `points` [n, d] as one group."""
    labels = torch.zeros(len(points), dtype=torch.int64, device=points.device)
    return Parts(points.mean(0, keepdim=True), labels, root(points.device))


def halves(members: Tensor, trials: int) -> tuple[Tensor, Tensor]:
    """Centers [2, d] and the half [m] bool of each of `members` [m, d], by the best of `trials` 2-means.

    A trial starts from a member drawn at random and its mirror image at the middle of all. Where no two members differ, all are
    in one half.
    """
    middle = members.mean(0)
    x = members - middle
    one = x[torch.randint(len(x), (trials,)).to(x.device)]
    other, before = -one, None
    for _ in range(PASSES):
        border = (one.square().sum(1) - other.square().sum(1)) / 2
        first = x @ (one - other).T > border
        if before is not None and torch.equal(first, before):
            break
        before, count = first, first.sum(0).unsqueeze(1)
        sums = first.T.to(x) @ x  # those of the others are the same with the other sign: all sum to zero
        one, other = sums / count.clamp_min(1), -sums / (len(x) - count).clamp_min(1)
    # By so much two centers lower the sum of squares.
    explained = first.sum(0) * one.square().sum(1) + (~first).sum(0) * other.square().sum(1)
    best = explained.argmax()
    return torch.stack([one[best], other[best]]) + middle, first[:, best]


def halve_loosest(z: Tensor, centers: Tensor) -> tuple[int, Tensor, Tensor] | None:
    """The group with the largest sum of squared distances, the centers [2, d] of its halves, the half [m] of each member.

    Rows z [n, d] belong to the nearest of the centers [k, d]; the halves are those of 2-means. None where the group has less than
    two members, or all of them are equal.
    """
    distances, nearest = squared_distances(z, centers).min(1)
    error = torch.zeros(len(centers), device=z.device).index_add_(0, nearest, distances)
    group = int(error.argmax())
    members = z[nearest == group]
    if len(members) < 2 or float(members.std(0).max()) < 1e-6:
        return None
    return group, *kmeans(members, 2)


class Rounds:
    """One round of splits after another on `points` [n, d]. A group that was judged stays judged until its members change.

    Where `one_by_one`, a round splits the clearest group alone; where `at_least_once`, all as one group are split unasked.
    """

    def __init__(
        self, points: Tensor, judge: Judge, trials: int, *, one_by_one: bool, at_least_once: bool = False
    ) -> None:
        self.points, self.judge, self.trials, self.one_by_one = points, judge, trials, one_by_one
        self.at_least_once = at_least_once
        self._still = rest(points)
        self._judged: dict[int, tuple[float, Tensor]] = {}

    def next(self, parts: Parts, most: int) -> Parts | None:
        """The grouping after one more round, of at most `most` groups; None where no group is two.

        Of the groups that are two as many are split as there is room for, the clearest first.
        """
        tried = [self._try(parts.labels, group) for group in range(len(parts.centers))]
        self._judged = dict(tried)
        order = sorted(range(len(tried)), key=lambda group: -tried[group][1][0])
        room = min(most - len(tried), 1 if self.one_by_one else most)
        chosen = [group for group in order[: max(0, room)] if tried[group][1][0] > 0]
        if not chosen:
            return None
        centers, splits = list(parts.centers), parts.splits
        for group in chosen:
            pair = tried[group][1][1]
            centers[group] = pair[0]
            centers.append(pair[1])
            splits = grow(splits, group)
        moved, labels = onward(self.points, torch.stack(centers), self._still, PASSES)
        return Parts(moved, labels, splits)

    def _try(self, labels: Tensor, group: int) -> tuple[int, tuple[float, Tensor]]:
        """A name for the group's members, how clearly they are two, and the centers of the two."""
        own = (labels == group).nonzero().flatten()
        key = hash(own.cpu().numpy().tobytes())
        if key not in self._judged:
            members = self.points[own]
            if len(members) < 2:
                return key, (0.0, members)
            pair, side = halves(members, self.trials)
            if not 0 < int(side.sum()) < len(side):
                return key, (0.0, pair)
            sure = self.at_least_once and 2 < len(members) == len(self.points)
            return key, (1.0 if sure else self.judge(members, side), pair)
        return key, self._judged[key]
