"""Rows in pieces: nearest centers and means of members, in memory that does not grow with the rows.

References
----------
S. P. Lloyd, IEEE Transactions on Information Theory 28, 1982, "Least Squares Quantization in PCM".
"""

from collections.abc import Callable, Iterator

import torch
from torch import Tensor

ROOM = 2**24
"""Distances held at once on an accelerator: 64 MB, and as much for the memberships made of them."""
CACHE = 2**17
"""The same on a processor, whose cache should hold them."""
READ = 2**26
"""Bytes of rows in a file after which what was read of it may be let go."""


def squared_norms(x: Tensor) -> Tensor:
    """Squared Euclidean norm of each row.

    Parameters
    ----------
    x : Tensor of shape (n, d)

    Returns
    -------
    Tensor of shape (n,)

    Examples
    --------
    >>> import torch
    >>> squared_norms(torch.tensor([[3.0, 4.0]]))
    tensor([25.])
    """
    squares: Tensor = torch.linalg.vecdot(x, x)
    return squares


class Rows:
    """Rows taken in pieces, each brought to the device and type of an origin that is subtracted.

    Centers are [starts, k, d], and all starts are treated at once. Distances are |c|^2 - 2 x c + |x|^2: rows must lie around
    zero, or columns far from it drown their own differences.

    Parameters
    ----------
    x : Tensor of shape (n, d)
        May be a file mapped into memory.
    origin : Tensor of shape (d,), optional
        By default, the rows are taken as they are.
    release : callable, optional
        Called after parts of a mapped file were read, as `Data.release`.

    Examples
    --------
    >>> import torch
    >>> rows = Rows(torch.tensor([[-2.0], [1.0], [3.0]]))
    >>> centers = torch.tensor([[[-2.0], [3.0]]])  # one start
    >>> rows.nearest(centers)[0].flatten().tolist(), rows.means(centers)[0].flatten().tolist()
    ([0, 1, 1], [-2.0, 2.0])
    """

    def __init__(self, x: Tensor, origin: Tensor | None = None, release: Callable[[], None] | None = None) -> None:
        self.x, self.origin, self.release = x, origin, release

    def __len__(self) -> int:
        return len(self.x)

    @property
    def accelerated(self) -> bool:
        """Whether the rows are on a device that likes few, large operations and dislikes being waited for."""
        return (self.x if self.origin is None else self.origin).is_cuda

    def nearest(self, centers: Tensor) -> tuple[Tensor, Tensor]:
        """Nearest center of each row in each start.

        Parameters
        ----------
        centers : Tensor of shape (starts, k, d)

        Returns
        -------
        labels : Tensor of shape (n, starts), int64
        distances : Tensor of shape (n, starts)
            Squared; 0 where rounding could have made them.
        """
        shape, device = (len(self), len(centers)), centers.device
        labels = torch.empty(shape, dtype=torch.int64, device=device)
        distances = torch.empty(shape, dtype=centers.dtype, device=device)
        for piece, x in self._pieces(centers):
            score, labels[piece] = self._best(x, centers)
            own = squared_norms(x).unsqueeze(1)
            score += own
            distances[piece] = score.masked_fill_(score < 8 * torch.finfo(score.dtype).eps * own, 0)
        return labels, distances

    def means(self, centers: Tensor) -> tuple[Tensor, Tensor]:
        """Mean of the rows nearest to each center.

        Parameters
        ----------
        centers : Tensor of shape (starts, k, d)

        Returns
        -------
        means : Tensor of shape (starts, k, d)
            The center itself where it has no members.
        counts : Tensor of shape (starts, k), float64
            Members of each.
        """
        starts, k, width = centers.shape
        sums = torch.zeros(starts * k, width, dtype=torch.float64, device=centers.device)
        members = torch.zeros(starts * k, 1, dtype=torch.float64, device=centers.device)
        offset = torch.arange(starts, device=centers.device) * k
        for _, x in self._pieces(centers):
            part, count = self._sums(x, self._best(x, centers)[1] + offset, starts * k)
            sums += part
            members += count.unsqueeze(1)
        means = torch.where(members > 0, sums / members.clamp_min(1), centers.flatten(0, 1).double())
        return means.to(centers).view_as(centers), members.view(starts, k)

    def take(self, row: Tensor) -> Tensor:
        """One row, centered.

        Parameters
        ----------
        row : Tensor of shape (), int64

        Returns
        -------
        Tensor of shape (d,)
        """
        return self._centered(self.x[row.to(self.x.device)])

    def _pieces(self, centers: Tensor) -> Iterator[tuple[slice, Tensor]]:
        capacity = ROOM if self.accelerated else CACHE
        size, read = max(1, capacity // max(len(centers) * centers.shape[1], centers.shape[2])), 0
        for start in range(0, len(self), size):
            piece = slice(start, start + size)
            yield piece, self._centered(self.x[piece])
            read += self.x[piece].nbytes
            if self.release and read >= READ:
                self.release()
                read = 0

    def _centered(self, x: Tensor) -> Tensor:
        return x if self.origin is None else x.to(self.origin) - self.origin

    def _best(self, x: Tensor, centers: Tensor) -> tuple[Tensor, Tensor]:
        """[rows, starts] squared distance to the nearest center, less the row's own length, and which center it is."""
        flat = centers.flatten(0, 1)
        scores = torch.addmm(squared_norms(flat), x, flat.T, alpha=-2).view(len(x), *centers.shape[:2])
        if self.accelerated:
            return scores.min(2)
        index = torch.from_numpy(scores.numpy().argmin(2))  # up to five times as fast as torch's
        return scores.gather(2, index.unsqueeze(2)).squeeze(2), index

    def _sums(self, x: Tensor, group: Tensor, groups: int) -> tuple[Tensor, Tensor]:
        """[groups, d] the sum of each group's rows, always added in the same order, and [groups] their number."""
        if self.accelerated:
            member = x.new_zeros(len(x), groups).scatter_(1, group, 1)
            return member.T @ x, member.sum(0)
        sums = x.new_zeros(groups, x.shape[1])
        for own in group.T:
            sums.index_add_(0, own, x)
        return sums, group.flatten().bincount(minlength=groups)
