"""Generator and encoder of a generative adversarial network.

References
----------
S. Mukherjee, H. Asnani, E. Lin, S. Kannan, AAAI 2019, "ClusterGAN: Latent Space Clustering in Generative Adversarial Networks".
"""

from itertools import pairwise
from math import prod

from torch import Tensor, nn

LEAK = 0.2


def generator(shape: tuple[int, ...], code: int, size: int | tuple[int, ...]) -> nn.Sequential:
    """Network that makes samples from codes.

    Parameters
    ----------
    shape : tuple of int
        Of a sample; images (c, h, w) end in 0 to 1.
    code : int
        Dimension of the code.
    size : int or tuple of int
        Filters of the last of two transposed convolutions, or sizes of dense layers.

    Returns
    -------
    Sequential
        From (n, code) to (n, *shape).

    Examples
    --------
    >>> import torch
    >>> generator((1, 6, 6), 3, 2)(torch.zeros(2, 3)).shape
    torch.Size([2, 1, 6, 6])
    """
    if not isinstance(size, int):
        sizes = (code, *size)
        parts = [part for wide, narrow in pairwise(sizes) for part in _normal(nn.Linear(wide, narrow, bias=False))]
        last = nn.Sigmoid() if len(shape) == 3 else nn.Identity()
        return nn.Sequential(*parts, nn.Linear(sizes[-1], prod(shape)), nn.Unflatten(1, shape), last)
    width = size
    small = (2 * width, -(-shape[1] // 4), -(-shape[2] // 4))
    net = nn.Sequential(
        *_normal(nn.Linear(code, 16 * width, bias=False)),
        *_normal(nn.Linear(16 * width, prod(small), bias=False)),
        nn.Unflatten(1, small),
        nn.ConvTranspose2d(2 * width, width, 4, 2, 1, bias=False),
        nn.BatchNorm2d(width),
        nn.ReLU(),
        nn.ConvTranspose2d(width, shape[0], 4, 2, 1),
        Crop(shape[1], shape[2]),
        nn.Sigmoid(),
    )
    return net.apply(_small_weights)


def encoder(shape: tuple[int, ...], out: int, size: int | tuple[int, ...]) -> nn.Sequential:
    """Network from samples to numbers, without normalization: an encoder or a critic.

    Parameters
    ----------
    shape : tuple of int
        Of a sample.
    out : int
        Numbers of each sample.
    size : int or tuple of int
        Filters of the first of two strided convolutions, or sizes of dense layers.

    Returns
    -------
    Sequential
        From (n, *shape) to (n, out).

    Examples
    --------
    >>> import torch
    >>> encoder((4,), 1, (8, 8))(torch.zeros(2, 4)).shape
    torch.Size([2, 1])
    """
    if not isinstance(size, int):
        sizes = (prod(shape), *size)
        parts = [part for wide, narrow in pairwise(sizes) for part in (nn.Linear(wide, narrow), nn.LeakyReLU(LEAK))]
        return nn.Sequential(nn.Flatten(), *parts, nn.Linear(sizes[-1], out))
    width = size
    height, breadth = -(-shape[1] // 4), -(-shape[2] // 4)
    net = nn.Sequential(
        nn.ZeroPad2d((0, 4 * breadth - shape[2], 0, 4 * height - shape[1])),
        nn.Conv2d(shape[0], width, 4, 2, 1),
        nn.LeakyReLU(LEAK),
        nn.Conv2d(width, 2 * width, 4, 2, 1),
        nn.LeakyReLU(LEAK),
        nn.Flatten(),
        nn.Linear(2 * width * height * breadth, 16 * width),
        nn.LeakyReLU(LEAK),
        nn.Linear(16 * width, out),
    )
    return net.apply(_small_weights)


class Crop(nn.Module):
    """Cuts pictures [n, c, h, w] to a height and a width."""

    def __init__(self, height: int, width: int) -> None:
        super().__init__()
        self.height, self.width = height, width

    def forward(self, x: Tensor) -> Tensor:
        """Pictures [n, c, h, w] cut to [n, c, height, width]."""
        return x[:, :, : self.height, : self.width]


def _normal(layer: nn.Linear) -> list[nn.Module]:
    return [layer, nn.BatchNorm1d(layer.out_features), nn.ReLU()]


def _small_weights(module: nn.Module) -> None:
    if isinstance(module, nn.Linear | nn.Conv2d | nn.ConvTranspose2d):
        nn.init.normal_(module.weight, std=0.02)
        if module.bias is not None:
            nn.init.zeros_(module.bias)
