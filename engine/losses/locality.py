"""Codes of which neighbors stay neighbors and of which few blocks speak (Huang, Huang, Wang & Wang 2014, DEN)."""

import torch
from torch import Tensor


def neighbor_pull(z: Tensor, neighbors: Tensor, weights: Tensor) -> Tensor:
    """sum_j S_ij |z_i - z_j|^2, mean over samples: codes z [n, d], those of their neighbors [n, m, d], weights S [n, m]."""
    apart = (z.float().unsqueeze(1) - neighbors.float()).square().sum(2)
    return (weights.float() * apart).sum(1).mean()


def block_sparsity(z: Tensor, blocks: int) -> Tensor:
    """sum_g sqrt(size) |z_g|, mean over samples, of codes [n, d] made of `blocks` blocks of equal size (group lasso).

    The length of a block that is exactly zero has gradient zero.
    """
    parts = z.float().view(len(z), blocks, -1)
    lengths: Tensor = torch.linalg.vector_norm(parts, dim=2)
    per_sample: Tensor = lengths.sum(1) * parts.shape[2] ** 0.5
    return per_sample.mean()
