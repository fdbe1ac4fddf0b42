"""Two paths through an autoencoder, layer by layer: a clean one, and one corrupted by dropout.

References
----------
K. G. Dizaji, A. Herandi, C. Deng, W. Cai, H. Huang, ICCV 2017, "Deep Clustering via Joint Convolutional Autoencoder Embedding and
Relative Entropy Minimization" (DEPICT).
"""

from collections.abc import Iterable
from typing import cast

import torch.nn.functional as F
from torch import Tensor, nn

from engine.nets.coder import Coder
from engine.nets.convolutional import ConvolutionalAutoencoder

WEIGHTED = (nn.Linear, nn.Conv2d, nn.ConvTranspose2d)


def blocks(net: Coder) -> tuple[list[nn.Sequential], list[nn.Sequential]]:
    """Layers of encoder and decoder in their order, each with all that follows it up to the next one with weights.

    Parameters
    ----------
    net : Coder

    Returns
    -------
    encoder, decoder : list of Sequential

    Examples
    --------
    >>> from engine.nets import Autoencoder
    >>> [len(block) for block in blocks(Autoencoder((4,), 2, (3,)))[0]]  # linear and ReLU, linear
    [2, 1]
    """
    inwards, outwards = _parted(net.encoder), _parted(cast(nn.Sequential, net.decoder))
    if isinstance(net, ConvolutionalAutoencoder):
        outwards.insert(0, nn.Sequential(net.widen, nn.ReLU(), nn.Unflatten(1, net.small)))
    return inwards, outwards


def clean_activations(net: Coder, x: Tensor) -> list[Tensor]:
    """Samples, and the activations of each layer of the encoder; the code is the last.

    Parameters
    ----------
    net : Coder
    x : Tensor of shape (n, *shape)

    Returns
    -------
    list of Tensor

    Examples
    --------
    >>> import torch
    >>> from engine.nets import Autoencoder
    >>> [values.shape[1] for values in clean_activations(Autoencoder((4,), 2, (3,)), torch.zeros(1, 4))]
    [4, 3, 2]
    """
    values, activations = net.preprocess(x), [x]
    for block in blocks(net)[0]:
        values = block(values)
        activations.append(values)
    return activations


def corrupted_pass(net: Coder, x: Tensor, share: float) -> tuple[list[Tensor], Tensor]:
    """Reconstructions of the samples and of each hidden layer under dropout, and the code.

    Numbers of the samples and of every hidden layer but the last are dropped.

    Parameters
    ----------
    net : Coder
    x : Tensor of shape (n, *shape)
    share : float
        Share of the numbers that is dropped.

    Returns
    -------
    reconstructions : list of Tensor
        In the order of `clean_activations`, without the code.
    code : Tensor of shape (n, latent)

    Examples
    --------
    >>> import torch
    >>> from engine.nets import Autoencoder
    >>> reconstructions, code = corrupted_pass(Autoencoder((4,), 2, (3,)), torch.zeros(1, 4), 0.1)
    >>> [values.shape[1] for values in reconstructions], code.shape[1]
    ([4, 3], 2)
    """
    inwards, outwards = blocks(net)
    values = net.preprocess(F.dropout(x, share))
    for i, block in enumerate(inwards):
        values = block(values)
        if i < len(inwards) - 2:
            values = F.dropout(values, share)
    code, reconstructions = values, list[Tensor]()
    for block in outwards:
        values = block(values)
        reconstructions.insert(0, values)
    reconstructions[0] = to_sample_shape(net, reconstructions[0])
    return reconstructions, code


def to_sample_shape(net: Coder, decoded: Tensor) -> Tensor:
    """The output [n, ...] of the last layer of the decoder, in the shape of the samples [n, *shape]."""
    if isinstance(net, ConvolutionalAutoencoder):
        return decoded[:, :, : net.shape[1], : net.shape[2]]
    return decoded.view(len(decoded), *net.shape)


def _parted(layers: Iterable[nn.Module]) -> list[nn.Sequential]:
    parts: list[list[nn.Module]] = []
    for layer in layers:
        if isinstance(layer, WEIGHTED):
            parts.append([])
        parts[-1].append(layer)
    return [nn.Sequential(*part) for part in parts]
