"""Several clusterings that share the axes of one code.

Shares [groupings, d] say how far each axis belongs to each; columns sum to one.

References
----------
L. Miklautz, D. Mautz, M. C. Altinigneli, C. Böhm, C. Plant, AAAI 2020, "Deep Embedded Non-Redundant Clustering" (ENRC).
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from engine.losses import subspace_distances


def initial_shares(axes: Sequence[npt.NDArray[np.int64]], share: float) -> Tensor:
    """Shares of axes that have been assigned to clusterings.

    Parameters
    ----------
    axes : sequence of ndarray, int64
        Axes of each clustering; each of the d axes is named once.
    share : float
        What a clustering has of its own axes; the others have equal parts of the rest.

    Returns
    -------
    Tensor of shape (groupings, d)

    Examples
    --------
    >>> import numpy as np
    >>> initial_shares([np.array([1]), np.array([0])], 0.75)
    tensor([[0.2500, 0.7500],
            [0.7500, 0.2500]])
    """
    others = max(1, len(axes) - 1)
    shares = torch.full((len(axes), sum(map(len, axes))), (1 - share) / others)
    for j, own in enumerate(axes):
        shares[j, own] = share
    return shares


def hard_shares(shares: Tensor) -> Tensor:
    """Each axis given to the clustering with its largest share.

    Parameters
    ----------
    shares : Tensor of shape (groupings, d)

    Returns
    -------
    Tensor of shape (groupings, d)
        1 on a clustering's own axes, else 0; a clustering that owns none keeps its shares.

    Examples
    --------
    >>> import torch
    >>> hard_shares(torch.tensor([[0.7, 0.4], [0.3, 0.6]]))
    tensor([[1., 0.],
            [0., 1.]])
    """
    own = torch.nn.functional.one_hot(shares.argmax(0), len(shares)).T.to(shares)
    return torch.where(own.any(1, keepdim=True), own, shares)


def nearest_centers(z: Tensor, centers: Sequence[Tensor], shares: Tensor) -> Tensor:
    """Nearest center of each code in each clustering.

    Parameters
    ----------
    z : Tensor of shape (n, d)
        Codes.
    centers : sequence of Tensor of shape (k_j, d)
        Centers of each clustering.
    shares : Tensor of shape (groupings, d)
        Weights of the axes.

    Returns
    -------
    Tensor of shape (n, groupings), int64

    Examples
    --------
    The first clustering looks at the first axis alone, the second at the second:

    >>> import torch
    >>> centers = torch.tensor([[0.0, 0.0], [9.0, 9.0]])
    >>> nearest_centers(torch.tensor([[0.0, 9.0]]), [centers, centers], torch.eye(2))
    tensor([[0, 1]])
    """
    pairs = zip(centers, shares, strict=True)
    return torch.stack([subspace_distances(z, own, share).argmin(1) for own, share in pairs], 1)


def minibatch_update(z: Tensor, centers: Tensor, counts: Tensor, share: Tensor) -> tuple[Tensor, Tensor]:
    """One batch of mini-batch k-means that forgets by half: center <- (c m + sum of members) / (c + members), then c is halved.

    Parameters
    ----------
    z : Tensor of shape (b, d)
        Codes.
    centers : Tensor of shape (k, d)
        Of one clustering.
    counts : Tensor of shape (k,)
        Members that each center counts for.
    share : Tensor of shape (d,)
        Weights of the axes.

    Returns
    -------
    centers : Tensor of shape (k, d)
        A center without members stays.
    counts : Tensor of shape (k,)

    Examples
    --------
    >>> import torch
    >>> minibatch_update(torch.tensor([[3.0]]), torch.tensor([[0.0]]), torch.tensor([2.0]), torch.ones(1))
    (tensor([[1.]]), tensor([1.5000]))
    """
    members = torch.nn.functional.one_hot(subspace_distances(z, centers, share).argmin(1), len(centers)).to(z)
    total = counts + members.sum(0)
    mean = (counts.unsqueeze(1) * centers + members.T @ z) / total.clamp_min(1e-6).unsqueeze(1)
    return torch.where(total.unsqueeze(1) > 1e-6, mean, centers), total / 2


def centers_on_own_axes(centers: Tensor, counts: Tensor, own: Tensor) -> Tensor:
    """Centers as they differ on their clustering's axes; elsewhere the mean of all.

    Parameters
    ----------
    centers : Tensor of shape (k, d)
    counts : Tensor of shape (k,)
        Weights of the centers in the mean.
    own : Tensor of shape (d,)
        1 on the clustering's axes, 0 on others.

    Returns
    -------
    Tensor of shape (k, d)

    Examples
    --------
    >>> import torch
    >>> centers_on_own_axes(torch.tensor([[0.0, 0.0], [2.0, 2.0]]), torch.ones(2), torch.tensor([1.0, 0.0]))
    tensor([[0., 1.],
            [2., 1.]])
    """
    counts = counts.clamp_min(1e-6).unsqueeze(1)
    return own * centers + (1 - own) * (counts * centers).sum(0) / counts.sum()
