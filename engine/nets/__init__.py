"""Networks, one architecture a file. `autoencoder` picks the one that suits the shape of a sample."""

from engine.errors import InputError
from engine.nets.autoencoder import Autoencoder
from engine.nets.convolutional import ConvolutionalAutoencoder
from engine.nets.variational import VariationalAutoencoder, bounded, draw

__all__ = [
    "Autoencoder",
    "ConvolutionalAutoencoder",
    "VariationalAutoencoder",
    "autoencoder",
    "bounded",
    "draw",
    "widths",
]


def widths(layers: str) -> tuple[int, ...]:
    """The layer sizes written as "500-500-2000"."""
    try:
        sizes = tuple(int(size) for size in layers.replace(",", "-").split("-") if size.strip())
    except ValueError:
        sizes = ()
    if not sizes or min(sizes) < 1 or max(sizes) > 20_000:
        raise InputError(f"Layers cannot be {layers!r}: write sizes from 1 to 20000 like 500-500-2000.")
    return sizes


def autoencoder(
    shape: tuple[int, ...], latent: int, layers: str, network: str = "dense"
) -> Autoencoder | ConvolutionalAutoencoder:
    """An autoencoder for samples of this shape: "dense", "convolutional", or "auto" (convolutional for pictures from 28 x 28)."""
    picture = len(shape) == 3 and min(shape[1:]) >= 8
    if network == "convolutional" and not picture:
        raise InputError(
            "The convolutional network needs pictures of at least 8 x 8: choose the dense network instead."
        )
    if network == "convolutional" or (network == "auto" and picture and min(shape[1:]) >= 28):
        return ConvolutionalAutoencoder(shape, latent)
    return Autoencoder(shape, latent, widths(layers))
