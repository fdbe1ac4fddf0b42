"""Small encoders without a decoder, for methods that compare views: convolutional for pictures and series, else dense."""

from itertools import pairwise
from math import prod

from torch import nn


def encoder(
    shape: tuple[int, ...], latent: int, width: int = 16, layers: tuple[int, ...] = (256, 256)
) -> nn.Sequential:
    """[n, *shape] -> [n, latent].

    Pictures [c, h, w] and series [c, t]: three strided convolutions of `width`, twice and four times as many filters; tables:
    dense `layers`. Batch normalization and ReLU after each, a linear layer to the code.
    """
    if len(shape) == 1:
        return dense_normal((shape[0], *layers), latent)
    convolution: type[nn.Module] = nn.Conv2d if len(shape) == 3 else nn.Conv1d
    normal: type[nn.Module] = nn.BatchNorm2d if len(shape) == 3 else nn.BatchNorm1d
    parts: list[nn.Module] = []
    sizes = (shape[0], width, 2 * width, 4 * width)
    for wide, next_wide in pairwise(sizes):
        parts += [convolution(wide, next_wide, 3, 2, 1, bias=False), normal(next_wide), nn.ReLU()]
    small = [-(-length // 8) for length in shape[1:]]
    return nn.Sequential(*parts, nn.Flatten(), nn.Linear(4 * width * prod(small), latent))


def dense_normal(sizes: tuple[int, ...], out: int) -> nn.Sequential:
    """Linear layers with batch normalization and ReLU, then a linear one."""
    parts: list[nn.Module] = [nn.Flatten()]
    for wide, narrow in pairwise(sizes):
        parts += [nn.Linear(wide, narrow, bias=False), nn.BatchNorm1d(narrow), nn.ReLU()]
    return nn.Sequential(*parts, nn.Linear(sizes[-1], out))
