"""How little memberships say about the samples.

References
----------
A. Krause, P. Perona, R. Gomes, NIPS 2010, "Discriminative Clustering by Regularized Information Maximization".
W. Hu, T. Miyato, S. Tokui, E. Matsumoto, M. Sugiyama, ICML 2017, "Learning Discrete Representations via Information Maximizing
Self-Augmented Training".
"""

import torch
from torch import Tensor


def mutual_information_loss(q: Tensor) -> Tensor:
    """Mean entropy of memberships plus the divergence of their mean from equal shares.

    It is log k minus the mutual information of sample and cluster.

    Parameters
    ----------
    q : Tensor of shape (n, k)
        Memberships; rows sum to 1.

    Returns
    -------
    Tensor of shape ()
        From 0, where each sample is surely in one of clusters of equal size, to log k.

    Examples
    --------
    >>> import torch
    >>> mutual_information_loss(torch.eye(2))
    tensor(0.)
    >>> mutual_information_loss(torch.full((2, 2), 0.5))  # log 2
    tensor(0.6931)
    """
    q = q.float()
    mean = q.mean(0)
    entropy = -torch.xlogy(q, q.clamp_min(1e-8)).sum(1).mean()
    divergence = torch.xlogy(mean, mean.clamp_min(1e-8) * len(mean)).sum()
    return entropy + divergence
