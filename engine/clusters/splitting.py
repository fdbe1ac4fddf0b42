"""Growing the number of clusters: each is tried as two, those that are better as two are split, k-means runs over all.

The skeleton that X-means, G-means and dip-means share; what tells them apart is the criterion by which a cluster is two.

References
----------
D. Pelleg, A. Moore, ICML 2000, "X-means: Extending K-means with Efficient Estimation of the Number of Clusters".
G. Hamerly, C. Elkan, NIPS 2003, "Learning the k in k-means".
A. Kalogeratos, A. Likas, NIPS 2012, "Dip-means: An Incremental Clustering Method for Estimating the Number of Clusters".
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from engine.clusters.kmeans import kmeans
from engine.clusters.lloyd import PASSES, movement_tolerance, refine
from engine.clusters.tree import grow, root
from engine.losses import squared_distances

Criterion = Callable[[Tensor, Tensor], float]
"""Of members [m, d] and the half [m] bool of each: how clearly they are two groups; 0 or less where they are one."""


@dataclass(frozen=True)
class Partition:
    """A clustering, and the splits that led to it."""

    centers: Tensor
    """[k, d]"""
    labels: Tensor
    """[n] int64"""
    splits: Tensor
    """[k - 1, k] the tree of splits, see `engine.clusters.tree`; its leaves are the groups."""


def single_cluster(points: Tensor) -> Partition:
    """All points as one cluster.

    Parameters
    ----------
    points : Tensor of shape (n, d)

    Returns
    -------
    Partition

    Examples
    --------
    >>> import torch
    >>> single_cluster(torch.tensor([[0.0], [2.0]])).centers
    tensor([[1.]])
    """
    labels = torch.zeros(len(points), dtype=torch.int64, device=points.device)
    return Partition(points.mean(0, keepdim=True), labels, root(points.device))


def two_means(members: Tensor, trials: int) -> tuple[Tensor, Tensor]:
    """Best of several runs of 2-means, each from a random member and its mirror image at the mean.

    Parameters
    ----------
    members : Tensor of shape (m, d)
    trials : int
        Runs.

    Returns
    -------
    centers : Tensor of shape (2, d)
    side : Tensor of shape (m,), bool
        Whether a member belongs to the first center; all the same where no two members differ.

    Examples
    --------
    >>> import torch
    >>> centers, side = two_means(torch.tensor([[0.0], [2.0], [8.0], [10.0]]), 3)
    >>> sorted(centers.flatten().tolist())
    [1.0, 9.0]
    """
    mean = members.mean(0)
    x = members - mean
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
    return torch.stack([one[best], other[best]]) + mean, first[:, best]


def split_widest(z: Tensor, centers: Tensor) -> tuple[int, Tensor, Tensor] | None:
    """Split the cluster with the largest within-cluster sum of squares by 2-means.

    Parameters
    ----------
    z : Tensor of shape (n, d)
        Codes, each a member of its nearest center.
    centers : Tensor of shape (k, d)

    Returns
    -------
    tuple of (int, Tensor of shape (2, d), Tensor of shape (m,)) or None
        The cluster, the centers of its halves, and the half of each member; None where it has fewer than two different members.

    Examples
    --------
    >>> import torch
    >>> z = torch.tensor([[0.0], [7.0], [9.0], [11.0], [13.0]])
    >>> cluster, centers, _ = split_widest(z, torch.tensor([[0.0], [10.0]]))
    >>> cluster, sorted(centers.flatten().tolist())
    (1, [8.0, 12.0])
    """
    distances, nearest = squared_distances(z, centers).min(1)
    error = torch.zeros(len(centers), device=z.device).index_add_(0, nearest, distances)
    group = int(error.argmax())
    members = z[nearest == group]
    if len(members) < 2 or float(members.std(0).max()) < 1e-6:
        return None
    return group, *kmeans(members, 2)


class SplitRounds:
    """Rounds of splits. A cluster that was tested is not tested again until its members change.

    Parameters
    ----------
    points : Tensor of shape (n, d)
    criterion : callable
        The criterion: of members (m, d) and the half (m,) of each, how clearly they are two clusters; 0 or less where they
        are one.
    trials : int
        Runs of 2-means for each cluster.
    one_by_one : bool
        Whether a round splits the clearest cluster alone.
    at_least_once : bool
        Whether the first split is made without asking.

    Examples
    --------
    >>> import torch
    >>> points = torch.tensor([[0.0], [2.0], [8.0], [10.0]])
    >>> rounds = SplitRounds(points, lambda members, side: float(members.std()) - 3, 5, one_by_one=False)
    >>> found = rounds.next(single_cluster(points), 4)
    >>> sorted(found.centers.flatten().tolist()), rounds.next(found, 4)
    ([1.0, 9.0], None)
    """

    def __init__(
        self, points: Tensor, criterion: Criterion, trials: int, *, one_by_one: bool, at_least_once: bool = False
    ) -> None:
        self.points, self.criterion, self.trials, self.one_by_one = points, criterion, trials, one_by_one
        self.at_least_once = at_least_once
        self._still = movement_tolerance(points)
        self._tested: dict[int, tuple[float, Tensor]] = {}

    def next(self, parts: Partition, most: int) -> Partition | None:
        """Clustering after one more round.

        Parameters
        ----------
        parts : Partition
        most : int
            Clusters at most. Of those that are two, as many are split as there is room for, the clearest first.

        Returns
        -------
        Partition or None
            None where no cluster is split.
        """
        tried = [self._try(parts.labels, group) for group in range(len(parts.centers))]
        self._tested = dict(tried)
        order = sorted(range(len(tried)), key=lambda group: -tried[group][1][0])
        allowed = min(most - len(tried), 1 if self.one_by_one else most)
        chosen = [group for group in order[: max(0, allowed)] if tried[group][1][0] > 0]
        if not chosen:
            return None
        centers, splits = list(parts.centers), parts.splits
        for group in chosen:
            pair = tried[group][1][1]
            centers[group] = pair[0]
            centers.append(pair[1])
            splits = grow(splits, group)
        moved, labels = refine(self.points, torch.stack(centers), self._still, PASSES)
        return Partition(moved, labels, splits)

    def _try(self, labels: Tensor, group: int) -> tuple[int, tuple[float, Tensor]]:
        """A name for the group's members, how clearly they are two, and the centers of the two."""
        own = (labels == group).nonzero().flatten()
        key = hash(own.cpu().numpy().tobytes())
        if key not in self._tested:
            members = self.points[own]
            if len(members) < 2:
                return key, (0.0, members)
            pair, side = two_means(members, self.trials)
            if not 0 < int(side.sum()) < len(side):
                return key, (0.0, pair)
            sure = self.at_least_once and 2 < len(members) == len(self.points)
            return key, (1.0 if sure else self.criterion(members, side), pair)
        return key, self._tested[key]
