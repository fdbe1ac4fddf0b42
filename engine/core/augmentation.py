"""Random views of a batch, drawn anew for every sample: what may change without changing what a sample is.

Pictures: rotation, shear, shift in one affine map (the digits recipe of the deep-clustering literature: 16 degrees, 8 degrees,
a tenth; no mirror images), and in a full view scale, brightness and contrast as well. Tables and texts:
a share of the columns takes the values of other rows of the batch (SCARF, Bahri et al. 2022, draws them from all rows; a
batch is at hand wherever the data lies). Series: scaling around their mean, noise relative to their spread, masked stretches.
"""

import math

import torch
import torch.nn.functional as F
from torch import Tensor

SCALE = 0.15
"""A full view is this much larger or smaller, at most."""


def view(x: Tensor, kind: str, *, strength: float = 1.0) -> Tensor:
    """A random augmentation of `x` [b, ...]; strength 0 is none."""
    if kind == "image" and x.dim() == 4:
        return _image(x, strength)
    if kind == "series" and x.dim() == 3:
        return _series(x, strength)
    return _swapped(x, 0.3 * strength)


def _image(x: Tensor, strength: float) -> Tensor:
    low, turned = x.amin(), moved(x, strength, SCALE)
    contrast = 1 + strength * 0.4 * _uniform(len(x), x).view(-1, 1, 1, 1)
    brightness = strength * 0.1 * _uniform(len(x), x).view(-1, 1, 1, 1)
    return ((turned - low) * contrast + low + brightness).clamp(x.amin(), x.amax())


def moved(x: Tensor, strength: float = 1.0, scale: float = 0.0) -> Tensor:
    """Pictures [n, c, h, w] turned, sheared and shifted, and where `scale` is given made larger or smaller."""
    # The background is whatever the darkest value of the batch is, so that padding looks like the picture's own edge.
    low = x.amin()
    return low + warp(x - low, affine(len(x), strength, x.device, scale))


def affine(n: int, strength: float, device: torch.device, largest: float = 0.0) -> Tensor:
    """[n, 2, 3] random affine maps: rotation up to 16 degrees, shear 8 degrees, shift a tenth, scale 1 +- `largest`."""
    angle, shear, scale, dx, dy = (2 * torch.rand(5, n, device=device) - 1) * strength
    angle, shear, scale = angle * math.radians(16), torch.tan(shear * math.radians(8)), 1 + largest * scale
    cos, sin = angle.cos() * scale, angle.sin() * scale
    rows = torch.stack([cos, cos * shear - sin, 0.2 * dx, sin, sin * shear + cos, 0.2 * dy], 1)
    return rows.view(n, 2, 3)


def warp(x: Tensor, maps: Tensor) -> Tensor:
    """Each picture of `x` [n, c, h, w] under its own affine map [n, 2, 3]; outside is zero."""
    grid = F.affine_grid(maps.to(x.dtype), list(x.shape), align_corners=False)
    return F.grid_sample(x, grid, align_corners=False)


def _series(x: Tensor, strength: float) -> Tensor:
    mean, spread = x.mean(2, keepdim=True), x.std(2, correction=0, keepdim=True)
    scale = 1 + 0.1 * strength * torch.randn(len(x), x.shape[1], 1, device=x.device)
    noise = 0.05 * strength * spread * torch.randn(x.shape, device=x.device)
    noisy = mean + (x - mean) * scale + noise
    width = max(1, int(0.15 * x.shape[2])) if strength else 0
    start = torch.randint(0, max(1, x.shape[2] - width), (len(x), 1), device=x.device)
    steps = torch.arange(x.shape[2], device=x.device)
    masked = (steps >= start) & (steps < start + width)
    return torch.where(masked.unsqueeze(1), mean, noisy)


def _swapped(x: Tensor, share: float) -> Tensor:
    flat = x.flatten(1)
    rows = torch.randint(len(flat), flat.shape, device=x.device)
    swap = torch.rand(flat.shape, device=x.device) < share
    return torch.where(swap, flat.gather(0, rows), flat).view_as(x)


def _uniform(n: int, like: Tensor) -> Tensor:
    return 2 * torch.rand(n, device=like.device) - 1
