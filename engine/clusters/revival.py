"""Reinitialization of clusters that have lost all members.

References
----------
S. P. Lloyd, IEEE Transactions on Information Theory 28, 1982, "Least Squares Quantization in PCM".
"""

import torch
import torch.nn.functional as F
from torch import Tensor


def reinitialize_empty(z: Tensor, centers: Tensor, empty: Tensor, weights: Tensor, passes: int = 10) -> Tensor:
    """Centers of empty clusters, restarted at codes and moved by some passes of k-means.

    The other centers take part but come back unchanged.

    Parameters
    ----------
    z : Tensor of shape (n, d)
        Codes in random order: the first ones are where centers restart.
    centers : Tensor of shape (k, d)
    empty : Tensor of shape (k,), bool
        The empty clusters.
    weights : Tensor of shape (d,)
        Distances weigh each axis by its square.
    passes : int

    Returns
    -------
    Tensor of shape (k, d)

    Examples
    --------
    >>> import torch
    >>> z = torch.tensor([[8.0], [10.0], [0.0]])
    >>> reinitialize_empty(z, torch.tensor([[0.0], [99.0]]), torch.tensor([False, True]), torch.ones(1))
    tensor([[0.],
            [9.]])
    """
    restarted = centers.clone()
    count = min(int(empty.sum()), len(z))
    rows = empty.nonzero().flatten()[:count]
    restarted[rows] = z[:count]
    for _ in range(passes):
        nearest = torch.cdist(z * weights, restarted * weights).argmin(1)
        members = F.one_hot(nearest, len(restarted)).to(z)
        full = (members.sum(0) > 0) & empty
        restarted[full] = (members.T @ z)[full] / members.sum(0)[full].unsqueeze(1)
    return restarted
