"""Affine maps that bring codes close to targets, and can be inverted.

References
----------
A. E. Hoerl, R. W. Kennard, Technometrics 12, 1970, "Ridge Regression: Biased Estimation for Nonorthogonal Problems".
"""

from typing import NamedTuple

import torch
from torch import Tensor


class Affine(NamedTuple):
    """z becomes (z - here) @ basis + there; all in float64."""

    basis: Tensor
    """[d, d]"""
    here: Tensor
    """[d]"""
    there: Tensor
    """[d]"""


def alignment(z: Tensor, goals: Tensor, floor: float) -> Affine:
    """Invertible affine map that brings codes closest to their targets: ridge regression with bounded singular values.

    Parameters
    ----------
    z : Tensor of shape (n, d)
        Codes.
    goals : Tensor of shape (n, d)
        Where each code should be.
    floor : float
        Smallest singular value of the map, as a share of the largest. Directions that the regression would drop keep it.

    Returns
    -------
    Affine
        The map, in float64.

    Examples
    --------
    Targets twice as far apart, and shifted by 1:

    >>> import torch
    >>> found = alignment(torch.tensor([[-1.0], [1.0]]), torch.tensor([[-1.0], [3.0]]), 0.1)
    >>> found.basis.round(decimals=3).item(), found.here.item(), found.there.item()
    (2.0, 0.0, 1.0)
    """
    z, goals = z.double(), goals.double()
    here, there = z.mean(0), goals.mean(0)
    spread = (z - here).T @ (z - here)
    ridge = 1e-6 * spread.diagonal().mean().clamp_min(1e-12) * torch.eye(len(spread), device=z.device)
    left, sizes, right = torch.linalg.svd(torch.linalg.solve(spread + ridge, (z - here).T @ (goals - there)))
    return Affine(left * sizes.clamp_min(floor * sizes.max().clamp_min(1e-6)) @ right, here, there)
