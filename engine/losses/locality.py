"""Codes of which neighbors stay neighbors and of which few blocks are active.

References
----------
P. Huang, Y. Huang, W. Wang, L. Wang, ICPR 2014, "Deep Embedding Network for Clustering" (DEN).
"""

import torch
from torch import Tensor


def locality_loss(z: Tensor, neighbors: Tensor, weights: Tensor) -> Tensor:
    """Weighted squared distances of codes to those of their neighbors: sum_j S_ij |z_i - z_j|^2.

    Parameters
    ----------
    z : Tensor of shape (n, d)
        Codes.
    neighbors : Tensor of shape (n, m, d)
        Codes of the m neighbors of each sample.
    weights : Tensor of shape (n, m)
        Similarities S.

    Returns
    -------
    Tensor of shape ()
        Mean over samples.

    Examples
    --------
    >>> import torch
    >>> locality_loss(torch.zeros(1, 2), torch.tensor([[[3.0, 4.0], [1.0, 0.0]]]), torch.tensor([[0.1, 0.5]]))
    tensor(3.)
    """
    apart = (z.float().unsqueeze(1) - neighbors.float()).square().sum(2)
    return (weights.float() * apart).sum(1).mean()


def group_sparsity(z: Tensor, blocks: int) -> Tensor:
    """Group lasso of codes made of blocks of equal size: sum_g sqrt(size) |z_g|.

    Parameters
    ----------
    z : Tensor of shape (n, d)
        Codes; a block that is exactly zero has gradient zero.
    blocks : int
        Number of blocks, a divisor of d.

    Returns
    -------
    Tensor of shape ()
        Mean over samples.

    Examples
    --------
    >>> import torch
    >>> group_sparsity(torch.tensor([[3.0, 4.0, 0.0, 0.0]]), 2)  # sqrt(2) * 5
    tensor(7.0711)
    """
    parts = z.float().view(len(z), blocks, -1)
    lengths: Tensor = torch.linalg.vector_norm(parts, dim=2)
    per_sample: Tensor = lengths.sum(1) * parts.shape[2] ** 0.5
    return per_sample.mean()
