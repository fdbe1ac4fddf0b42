"""Several groupings that share the axes of one code; what their steps compute is in `engine.clusters.sharing`.

References
----------
L. Miklautz, D. Mautz, M. C. Altinigneli, C. Böhm, C. Plant, AAAI 2020, "Deep Embedded Non-Redundant Clustering" (ENRC).
"""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from engine.clusters.revival import reinitialize_empty
from engine.clusters.sharing import hard_shares, minibatch_update, nearest_centers
from engine.losses import subspace_kmeans_loss

FASTER = 10.0
"""By so much the weights of the axes learn faster than the rest: they stand so many times smaller, the same under Adam."""


class SubspaceClusters(nn.Module):
    """A free rotation of the code, the weight of every axis in every grouping, and centers that follow their members.

    Parameters
    ----------
    numbers : sequence of int
        Groups k_j of each grouping.
    latent : int
        Dimension of the code.

    Examples
    --------
    The first of two groupings has the first axis, and two groups along it:

    >>> clusters = SubspaceClusters((2, 1), latent=2)
    >>> clusters.initialize(torch.eye(2), torch.tensor([[0.9, 0.1], [0.1, 0.9]]), torch.tensor([[0.0, 0], [9, 0], [0, 0]]))
    >>> z = clusters.rotate(torch.tensor([[1.0, 7.0], [8.0, -7.0]]))
    >>> clusters.nearest(z, clusters.hard_weights())
    tensor([[0, 0],
            [1, 0]])
    """

    means: Tensor
    """[groups of all groupings, latent]"""
    counts: Tensor
    """[groups of all groupings] how many members each center counts for."""

    def __init__(self, numbers: Sequence[int], latent: int) -> None:
        super().__init__()
        self.numbers = tuple(numbers)
        self.register_buffer("means", torch.zeros(sum(numbers), latent))
        self.register_buffer("counts", torch.ones(sum(numbers)))
        self.rotation = nn.Parameter(torch.eye(latent))
        self.shares = nn.Parameter(torch.zeros(len(numbers), latent))

    def initialize(self, rotation: Tensor, weights: Tensor, centers: Tensor) -> None:
        """Start from a rotation, the weights of the axes, and centers.

        Parameters
        ----------
        rotation : Tensor of shape (latent, latent)
        weights : Tensor of shape (groupings, latent)
            Columns sum to one.
        centers : Tensor of shape (groups of all groupings, latent)
            Rotated.
        """
        self.rotation.data = rotation.to(self.rotation)
        self.shares.data = (weights.log() / FASTER).to(self.shares)
        self.means = centers.to(self.means)

    def count_members(self, labels: Tensor, batch: int) -> None:
        """Let each center count for its members per batch.

        Parameters
        ----------
        labels : Tensor of shape (n, groupings), int64
        batch : int
            Samples in a batch.
        """
        sizes = [own.bincount(minlength=k) for own, k in zip(labels.T, self.numbers, strict=True)]
        self.counts = torch.cat(sizes).to(self.counts) * batch / len(labels)

    @property
    def initialized(self) -> bool:
        """Whether the axes were ever shared out."""
        return bool(self.shares.any())

    def rotate(self, z: Tensor) -> Tensor:
        """Codes [n, latent] rotated to the axes that the groupings share, float32."""
        z = z.float()
        with torch.autocast(z.device.type, enabled=False):
            return z @ self.rotation

    def rotate_back(self, z: Tensor) -> Tensor:
        """Rotated codes [n, latent] as they were, as far as reconstruction has kept the matrix a rotation."""
        with torch.autocast(z.device.type, enabled=False):
            return z @ self.rotation.T

    def weights(self) -> Tensor:
        """How far each axis belongs to each grouping (beta): [groupings, latent], columns sum to one."""
        return torch.softmax(FASTER * self.shares.float(), 0)

    def hard_weights(self) -> Tensor:
        """1 on a grouping's own axes, else 0: [groupings, latent], constant; a grouping without axes keeps its weights."""
        return hard_shares(self.weights().detach())

    def centers(self) -> tuple[Tensor, ...]:
        """Views [k_j, latent] of the centers of each grouping."""
        return torch.split(self.means, list(self.numbers))

    def members(self) -> tuple[Tensor, ...]:
        """Views [k_j] of how many members each center counts for."""
        return torch.split(self.counts, list(self.numbers))

    def loss(self, z: Tensor) -> Tensor:
        """How far rotated codes [n, latent] are from their centers, a scalar; see `engine.losses.subspace_kmeans_loss`."""
        return subspace_kmeans_loss(z, self.centers(), self.weights())

    @torch.no_grad()
    def orthogonalize(self) -> None:
        """Replace the matrix by the nearest rotation, its orthogonal polar factor, and take the centers along."""
        drifted = self.rotation.double()
        left, _, right = torch.linalg.svd(drifted)
        self.means.copy_(self.means.double() @ torch.linalg.solve(drifted, left @ right))
        self.rotation.copy_(left @ right)

    def nearest(self, z: Tensor, weights: Tensor) -> Tensor:
        """The group of each code in each grouping.

        Parameters
        ----------
        z : Tensor of shape (n, latent)
            Rotated codes.
        weights : Tensor of shape (groupings, latent)
            Weights of the axes.

        Returns
        -------
        Tensor of shape (n, groupings), int64
        """
        return nearest_centers(z, self.centers(), weights)

    def update_centers(self, z: Tensor) -> None:
        """Mini-batch k-means by a batch of rotated codes [b, latent] on each grouping's axes, forgetting by half."""
        for centers, counts, weights in zip(self.centers(), self.members(), self.weights(), strict=True):
            moved, left = minibatch_update(z, centers, counts, weights)
            centers.copy_(moved)
            counts.copy_(left)

    def reinitialize_empty(self, z: Tensor, labels: Tensor, weights: Tensor) -> None:
        """Restart groups without members.

        Parameters
        ----------
        z : Tensor of shape (m, latent)
            Rotated codes in random order, among which they restart.
        labels : Tensor of shape (n, groupings), int64
            Groups of all samples.
        weights : Tensor of shape (groupings, latent)
            Weights of the axes.
        """
        for centers, counts, own, mine in zip(self.centers(), self.members(), weights, labels.T, strict=True):
            empty = mine.bincount(minlength=len(centers)) == 0
            if bool(empty.any()):
                centers.copy_(reinitialize_empty(z, centers, empty, own))
                counts[empty] = counts[~empty].mean()

    def changeable_labels(self, labels: Tensor) -> Tensor:
        """The columns of labels [n, groupings] that can change: a grouping of one group has none."""
        return labels[:, [j for j, k in enumerate(self.numbers) if k > 1] or [0]]
