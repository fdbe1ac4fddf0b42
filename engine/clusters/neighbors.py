"""Nearest neighbors, exact, by a k-d tree or matrix products.

References
----------
J. L. Bentley, Communications of the ACM 18, 1975, "Multidimensional Binary Search Trees Used for Associative Searching".
"""

import torch
import torch.nn.functional as F
from scipy.spatial import cKDTree
from torch import Tensor

PIECE = 2**23
"""Distances held at once."""
SPARE = 4
"""Candidates beyond those asked for, among which rounding is undone."""
FEW_COLUMNS = 12
"""Columns up to which a tree finds candidates no later than matrix products do, even among rows without any structure."""

ORIGIN = 3.0
"""How far the origin of directions lies off the samples, in root mean squares of a column."""
MEMBERS = 20_000
"""Rows at most among which partners are sought."""


def nearest(x: Tensor, members: Tensor, count: int = 1) -> tuple[Tensor, Tensor]:
    """Nearest members of each sample.

    Candidates come from a tree where there are few columns and no GPU, else from matrix products; their distances are computed
    from differences, so that a sample that is a member itself finds itself at distance 0. Of equally near ones the first comes
    first.

    Parameters
    ----------
    x : Tensor of shape (n, ...)
        Samples, flattened to (n, d).
    members : Tensor of shape (m, ...)
        Flattened to (m, d).
    count : int
        Neighbors of each sample; m where that is fewer.

    Returns
    -------
    index : Tensor of shape (n, count), int64
        Rows of `members`, nearest first.
    distances : Tensor of shape (n, count), float64

    Examples
    --------
    >>> import torch
    >>> nearest(torch.tensor([[1.0]]), torch.tensor([[5.0], [0.0], [1.0]]), 2)
    (tensor([[2, 1]]), tensor([[0., 1.]], dtype=torch.float64))
    """
    x, members = x.flatten(1).double(), members.flatten(1).double()
    count, asked = min(count, len(members)), min(count + SPARE, len(members))
    if not len(x):
        return torch.zeros(0, count, dtype=torch.int64, device=x.device), x.new_zeros(0, count)
    tree = _tree(x, members)
    rows = max(1, PIECE // (len(members) if tree is None else FEW_COLUMNS))
    found = []
    for piece in torch.split(x, rows):
        candidates = _by_products(piece, members, asked) if tree is None else _by_tree(piece, tree, asked)
        found.append(_exact(piece, members, candidates.sort(1).values, count))
    return torch.cat([index for index, _ in found]), torch.cat([away for _, away in found])


def partners(x: Tensor, count: int, most: int = MEMBERS) -> Tensor:
    """The most similar other rows of each row, by the cosine as it is seen from a point `ORIGIN` off the samples.

    In few columns that is the order of Euclidean distances, since directions from the middle of the samples would say little; in
    many, where rows are about equally long, that of the cosine.

    Parameters
    ----------
    x : Tensor of shape (n, d), float32
        Rows of mean 0, and columns of variance 1 on average.
    count : int
        Partners of each row; n - 1 where that is fewer.
    most : int
        Of more rows, partners are sought among that many, drawn at random.

    Returns
    -------
    Tensor of shape (n, count), int64
        The most similar first.

    Examples
    --------
    >>> import torch
    >>> partners(torch.tensor([[-1.0], [-0.9], [0.9], [1.0]]), 1).T
    tensor([[1, 0, 3, 2]])
    """
    rows = torch.arange(len(x), device=x.device)
    members = rows if len(x) <= most else torch.randperm(len(x))[:most].sort().values.to(x.device)
    unit = F.normalize(torch.cat([x, torch.full_like(x[:, :1], ORIGIN)], 1), dim=1)
    others, found = unit[members], []
    for piece in torch.split(rows, max(1, PIECE // len(members))):
        similar = unit[piece] @ others.T
        similar.masked_fill_(members == piece.unsqueeze(1), -torch.inf)
        found.append(members[similar.topk(min(count, len(x) - 1, len(members) - 1)).indices])
    return torch.cat(found)


def _tree(x: Tensor, members: Tensor) -> cKDTree | None:
    """A tree of the members where it serves; it knows no order among what is not finite."""
    few = members.shape[1] <= FEW_COLUMNS and not x.is_cuda
    return cKDTree(members.detach().numpy()) if few and bool(x.isfinite().all() & members.isfinite().all()) else None


def _by_tree(x: Tensor, tree: cKDTree, asked: int) -> Tensor:
    found = tree.query(x.detach().numpy(), range(1, asked + 1), workers=torch.get_num_threads())[1]
    return torch.from_numpy(found).long()


def _by_products(x: Tensor, members: Tensor, asked: int) -> Tensor:
    mean = members.mean(0)
    return torch.cdist(x - mean, members - mean).topk(asked, largest=False).indices


def _exact(x: Tensor, members: Tensor, candidates: Tensor, count: int) -> tuple[Tensor, Tensor]:
    exact = torch.stack([(x - members[column]).square().sum(1) for column in candidates.T], 1)
    distances, order = exact.sort(stable=True, dim=1)
    return candidates.gather(1, order[:, :count]), distances[:, :count].sqrt()
