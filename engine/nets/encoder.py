"""Small encoders without a decoder, for methods that compare views.

References
----------
T. Chen, S. Kornblith, M. Norouzi, G. Hinton, ICML 2020, "A Simple Framework for Contrastive Learning of Visual Representations".
"""

from itertools import pairwise
from math import prod

from torch import nn


def encoder(
    shape: tuple[int, ...], latent: int, width: int = 16, layers: tuple[int, ...] = (256, 256)
) -> nn.Sequential:
    """Encoder with batch normalization and ReLU after each layer, and a linear layer to the code.

    Parameters
    ----------
    shape : tuple of int
        Of a sample. Images (c, h, w) and series (c, t) get three strided convolutions, tables (d,) dense layers.
    latent : int
        Dimension of the code.
    width : int
        Filters of the first convolution; the next have twice and four times as many.
    layers : tuple of int
        Sizes of dense layers.

    Returns
    -------
    Sequential
        From (n, *shape) to (n, latent).

    Examples
    --------
    >>> import torch
    >>> encoder((1, 8, 8), 3)(torch.zeros(2, 1, 8, 8)).shape
    torch.Size([2, 3])
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
    """Linear layers with batch normalization and ReLU, then a linear one.

    Parameters
    ----------
    sizes : tuple of int
        Of input and hidden layers.
    out : int

    Returns
    -------
    Sequential
        From (n, sizes[0]) to (n, out).

    Examples
    --------
    >>> [type(layer).__name__ for layer in dense_normal((4, 3), 2)]
    ['Flatten', 'Linear', 'BatchNorm1d', 'ReLU', 'Linear']
    """
    parts: list[nn.Module] = [nn.Flatten()]
    for wide, narrow in pairwise(sizes):
        parts += [nn.Linear(wide, narrow, bias=False), nn.BatchNorm1d(narrow), nn.ReLU()]
    return nn.Sequential(*parts, nn.Linear(sizes[-1], out))
