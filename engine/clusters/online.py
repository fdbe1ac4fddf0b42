"""Online k-means: each sample in turn moves its nearest center towards itself by 1/n.

Samples are treated many at once, yet exactly as if one by one. Where a center stands at sample i depends only on the choices
of the samples before i. So guess all choices, see where the centers would then have stood at each turn, and choose anew:
every round settles at least one further sample, and what no longer changes is the sequence itself. Two or three rounds do.

References
----------
L. Bottou, Y. Bengio, NIPS 7, 1995, "Convergence Properties of the K-Means Algorithms", equation 6.
"""

import torch
from torch import Tensor


def online_kmeans(z: Tensor, centers: Tensor, counts: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Centers after samples that came one by one.

    Parameters
    ----------
    z : Tensor of shape (b, d)
        Samples in their order.
    centers : Tensor of shape (k, d)
    counts : Tensor of shape (k,)
        Samples that each center is the mean of so far; a center of none jumps to its first sample.

    Returns
    -------
    centers : Tensor of shape (k, d)
    counts : Tensor of shape (k,)
    distances : Tensor of shape (b,)
        Squared distance of each sample to its center as it stood then.

    Examples
    --------
    >>> import torch
    >>> online_kmeans(torch.tensor([[1.0], [4.0]]), torch.tensor([[0.0]]), torch.tensor([0.0]))  # to 1, then half way to 4
    (tensor([[2.5000]]), tensor([2.]), tensor([1., 9.]))
    """
    origin = z.double().mean(0)
    moving = _Sequence(z.double() - origin, centers.double() - origin, counts.double().clamp_min(1e-12))
    nearest = torch.cdist(moving.z, moving.start).argmin(1)
    for _ in range(len(z)):
        distances = moving.distances(nearest)
        before, nearest = nearest, distances.argmin(1)
        if torch.equal(before, nearest):
            break
    members = torch.nn.functional.one_hot(nearest, len(centers)).double()
    total = moving.counts + members.sum(0)
    ends = (moving.counts.unsqueeze(1) * moving.start + members.T @ moving.z) / total.unsqueeze(1) + origin
    cost = distances.gather(1, nearest.unsqueeze(1)).squeeze(1)
    return ends.to(centers), counts + members.sum(0).to(counts), cost.clamp_min(0).to(z)


class _Sequence:
    """Distances of every sample to where the centers stand at its turn, in float64, without storing those places."""

    def __init__(self, z: Tensor, start: Tensor, counts: Tensor) -> None:
        self.z, self.start, self.counts = z, start, counts
        self.to_start, self.size = z @ start.T, z.square().sum(1, keepdim=True)
        self.to_earlier = torch.tril(z @ z.T, -1)

    def distances(self, nearest: Tensor) -> Tensor:
        """[b, k] for the choices `nearest` [b]; row i depends on the choices before i alone.

        With s the sum of a center's earlier members, it stands at (count start + s) / (count + number of them).
        """
        chosen = torch.nn.functional.one_hot(nearest, len(self.start)).double()
        total = self.counts + _before(chosen)
        z_sum = self.to_earlier @ chosen
        sum_sum = _before(chosen * (2 * z_sum + self.size))
        start_sum = _before(chosen * self.to_start)
        norm = self.counts.square() * self.start.square().sum(1) + 2 * self.counts * start_sum + sum_sum
        return self.size - 2 * (self.counts * self.to_start + z_sum) / total + norm / total.square()


def _before(x: Tensor) -> Tensor:
    """Sum of the rows above each row."""
    return x.cumsum(0) - x
