"""Centroids of labeled samples.

References
----------
S. P. Lloyd, IEEE Transactions on Information Theory 28, 1982, "Least Squares Quantization in PCM".
"""

import torch
from torch import Tensor


def centroids(x: Tensor, labels: Tensor, k: int) -> Tensor:
    """Mean of the members of each cluster.

    Parameters
    ----------
    x : Tensor of shape (n, d)
        Samples.
    labels : Tensor of shape (n,), int64
        Cluster of each sample; -1 is none.
    k : int
        Number of clusters.

    Returns
    -------
    Tensor of shape (k, d)
        Centroids; zero for a cluster without members.

    Examples
    --------
    >>> import torch
    >>> centroids(torch.tensor([[0.0], [2.0], [9.0]]), torch.tensor([0, 0, -1]), 2)
    tensor([[1.],
            [0.]])
    """
    found = x.new_zeros(k, x.shape[1])
    for group in range(k):
        own = x[labels == group]
        if len(own):
            torch.mean(own, 0, out=found[group])
    return found
