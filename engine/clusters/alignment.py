"""Maps that bring codes close to where they are wanted, and can be undone."""

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


def alignment(z: Tensor, goals: Tensor, kept: float) -> Affine:
    """The map of codes z [n, d] by which they are closest to `goals` [n, d]: the regression.

    Of directions that it would forget, `kept` of the widest one's width stays, so that the map can be undone.
    """
    z, goals = z.double(), goals.double()
    here, there = z.mean(0), goals.mean(0)
    spread = (z - here).T @ (z - here)
    ridge = 1e-6 * spread.diagonal().mean().clamp_min(1e-12) * torch.eye(len(spread), device=z.device)
    left, sizes, right = torch.linalg.svd(torch.linalg.solve(spread + ridge, (z - here).T @ (goals - there)))
    return Affine(left * sizes.clamp_min(kept * sizes.max().clamp_min(1e-6)) @ right, here, there)
