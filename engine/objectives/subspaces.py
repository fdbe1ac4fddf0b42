"""Several groupings that share out the axes of one code, with the centers of their groups (Miklautz, Mautz, Altinigneli, Böhm &
Plant 2020, ENRC). The steps it is made of are in `engine.clusters.sharing`.
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
    """A free rotation of the code, how far each axis then belongs to each grouping, and centers that follow their members."""

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

    def begin(self, rotation: Tensor, weights: Tensor, centers: Tensor) -> None:
        """Take a start: [latent, latent], what each axis belongs to [groupings, latent], rotated centers as in `means`."""
        self.rotation.data = rotation.to(self.rotation)
        self.shares.data = (weights.log() / FASTER).to(self.shares)
        self.means = centers.to(self.means)

    def count(self, labels: Tensor, batch: int) -> None:
        """Each center counts for its members per batch of this length, by labels [n, groupings]."""
        sizes = [own.bincount(minlength=k) for own, k in zip(labels.T, self.numbers, strict=True)]
        self.counts = torch.cat(sizes).to(self.counts) * batch / len(labels)

    @property
    def begun(self) -> bool:
        """Whether the axes were ever dealt out."""
        return bool(self.shares.any())

    def turned(self, z: Tensor) -> Tensor:
        """[n, latent] codes -> [n, latent] rotated, float32."""
        z = z.float()
        with torch.autocast(z.device.type, enabled=False):
            return z @ self.rotation

    def back(self, z: Tensor) -> Tensor:
        """[n, latent] the codes before rotation; V V^T is the identity as far as redrawing holds it there."""
        with torch.autocast(z.device.type, enabled=False):
            return z @ self.rotation.T

    def weights(self) -> Tensor:
        """[groupings, latent] how far each axis belongs to each grouping (beta); columns sum to one."""
        return torch.softmax(FASTER * self.shares.float(), 0)

    def own(self) -> Tensor:
        """[groupings, latent] 1 on a grouping's own axes, else 0; a grouping that owns none keeps its weights. Constant."""
        return hard_shares(self.weights().detach())

    def centers(self) -> tuple[Tensor, ...]:
        """Views [k_j, latent] of the centers of each grouping."""
        return torch.split(self.means, list(self.numbers))

    def members(self) -> tuple[Tensor, ...]:
        """Views [k_j] of how many members each center counts for."""
        return torch.split(self.counts, list(self.numbers))

    def loss(self, z: Tensor) -> Tensor:
        """How far rotated codes [n, latent] are from their centers, see `engine.losses.subspace_kmeans_loss`."""
        return subspace_kmeans_loss(z, self.centers(), self.weights())

    @torch.no_grad()
    def straighten(self) -> None:
        """Put the rotation back to the nearest one, its orthogonal factor (polar decomposition), and take the centers along."""
        drifted = self.rotation.double()
        left, _, right = torch.linalg.svd(drifted)
        self.means.copy_(self.means.double() @ torch.linalg.solve(drifted, left @ right))
        self.rotation.copy_(left @ right)

    def nearest(self, z: Tensor, weights: Tensor) -> Tensor:
        """[n, groupings] int64: the group of rotated codes [n, latent] in each grouping, axes counting by [groupings, latent]."""
        return nearest_centers(z, self.centers(), weights)

    def follow(self, z: Tensor) -> None:
        """Mini-batch k-means by a batch of rotated codes [b, latent] on each grouping's axes, forgetting by half."""
        for centers, counts, share in zip(self.centers(), self.members(), self.weights(), strict=True):
            moved, left = minibatch_update(z, centers, counts, share)
            centers.copy_(moved)
            counts.copy_(left)

    def revive(self, some: Tensor, labels: Tensor, weights: Tensor) -> None:
        """Groups that have no members by labels [n, groupings] restart among rotated codes [m, latent], axes counting as in
        `nearest`.
        """
        for centers, counts, share, mine in zip(self.centers(), self.members(), weights, labels.T, strict=True):
            lost = mine.bincount(minlength=len(centers)) == 0
            if bool(lost.any()):
                centers.copy_(reinitialize_empty(some, centers, lost, share))
                counts[lost] = counts[~lost].mean()

    def changeable(self, labels: Tensor) -> Tensor:
        """Of labels [n, groupings] the columns that can change: a grouping of one group has none."""
        return labels[:, [j for j, k in enumerate(self.numbers) if k > 1] or [0]]
