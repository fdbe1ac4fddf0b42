"""Networks, one architecture a file. `autoencoder` picks the one that suits the shape of a sample."""

from torch import nn

from engine.core.errors import InputError
from engine.nets import layerwise
from engine.nets.autoencoder import Autoencoder
from engine.nets.coder import Coder
from engine.nets.convolutional import ConvolutionalAutoencoder, convolutional
from engine.nets.dilated import DilatedAutoencoder
from engine.nets.recurrent import RecurrentAutoencoder
from engine.nets.variational import VariationalAutoencoder, clamp_log_variance, reparameterize

__all__ = [
    "Autoencoder",
    "Coder",
    "ConvolutionalAutoencoder",
    "DilatedAutoencoder",
    "RecurrentAutoencoder",
    "VariationalAutoencoder",
    "autoencoder",
    "clamp_log_variance",
    "convolutional",
    "layerwise",
    "reparameterize",
    "widths",
]

SERIES: dict[str, type[DilatedAutoencoder | RecurrentAutoencoder]] = {
    "dilated": DilatedAutoencoder,
    "recurrent": RecurrentAutoencoder,
}


def widths(layers: str) -> tuple[int, ...]:
    """Layer sizes written as text.

    Parameters
    ----------
    layers : str
        Like "500-500-2000".

    Returns
    -------
    tuple of int

    Raises
    ------
    InputError
        Where it is not a list of sizes from 1 to 20000.

    Examples
    --------
    >>> widths("500-500-2000")
    (500, 500, 2000)
    """
    try:
        sizes = tuple(int(size) for size in layers.replace(",", "-").split("-") if size.strip())
    except ValueError:
        sizes = ()
    if not sizes or min(sizes) < 1 or max(sizes) > 20_000:
        raise InputError(f"Layers cannot be {layers!r}: write sizes from 1 to 20000 like 500-500-2000.")
    return sizes


def autoencoder(shape: tuple[int, ...], latent: int, layers: str, network: str = "dense") -> Coder:
    """Autoencoder for samples of a shape.

    Parameters
    ----------
    shape : tuple of int
        Of a sample: (d,), (channels, time) or (channels, height, width).
    latent : int
        Dimension of the code.
    layers : str
        Sizes of dense layers, see `widths`.
    network : {"dense", "belief", "convolutional", "dilated", "recurrent", "auto"}
        "belief" is dense with sigmoids between layers; "convolutional" is for images; "dilated" (convolutions that look twice as
        far from block to block) and "recurrent" are for series; "auto" is convolutional for images from 16 x 16, else dense.

    Returns
    -------
    Coder

    Raises
    ------
    InputError
        Where such a network does not fit the shape.

    Examples
    --------
    >>> import torch
    >>> net = autoencoder((4,), 2, "8")
    >>> net.decode(net.encode(torch.zeros(3, 4))).shape
    torch.Size([3, 4])
    """
    if network in SERIES and (len(shape) != 2 or shape[1] < 8):
        raise InputError(f"The {network} network needs series of at least 8 steps: choose the dense network instead.")
    if network in SERIES:
        return SERIES[network](shape, latent)
    if convolutional(shape, network):
        return ConvolutionalAutoencoder(shape, latent)
    return Autoencoder(shape, latent, widths(layers), nn.Sigmoid if network == "belief" else nn.ReLU)
