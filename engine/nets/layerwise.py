"""Greedy layer-wise pretraining of an autoencoder, from the samples inwards.

A fifth of what a layer sees and of its output is dropped, except of the samples and of the code.

References
----------
P. Vincent et al., JMLR 11, 2010, "Stacked Denoising Autoencoders", in the form of Xie et al. 2016 (DEC).
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from engine.nets.autoencoder import Autoencoder

LEFT_OUT = 0.2


def pairs(net: Autoencoder) -> list[tuple[nn.Linear, nn.Linear]]:
    """Every layer of the encoder with the layer of the decoder that inverts it, from the samples inwards.

    Parameters
    ----------
    net : Autoencoder

    Returns
    -------
    list of (Linear, Linear)

    Examples
    --------
    >>> from engine.nets import Autoencoder
    >>> [(one.in_features, other.out_features) for one, other in pairs(Autoencoder((4,), 2, (3,)))]
    [(4, 4), (3, 3)]
    """
    inwards = [part for part in net.encoder if isinstance(part, nn.Linear)]
    outwards = [part for part in net.decoder if isinstance(part, nn.Linear)]
    return list(zip(inwards, outwards[::-1], strict=True))


def layer_input(net: Autoencoder, x: Tensor, level: int) -> Tensor:
    """Input of a layer of the encoder, without gradients.

    Parameters
    ----------
    net : Autoencoder
    x : Tensor of shape (n, *shape)
    level : int
        0 is the layer that sees the samples.

    Returns
    -------
    Tensor of shape (n, width)

    Examples
    --------
    >>> import torch
    >>> from engine.nets import Autoencoder
    >>> layer_input(Autoencoder((4,), 2, (3,)), torch.zeros(1, 4), 1).shape
    torch.Size([1, 3])
    """
    with torch.no_grad():
        values: Tensor = net.encoder[: 2 * level](x.flatten(1))
    return values


def layer_reconstruction(net: Autoencoder, values: Tensor, level: int) -> Tensor:
    """Input of a layer, reconstructed by it and its counterpart in the decoder from what dropout leaves.

    Parameters
    ----------
    net : Autoencoder
    values : Tensor of shape (n, width)
        As of `layer_input`.
    level : int

    Returns
    -------
    Tensor of shape (n, width)

    Examples
    --------
    >>> import torch
    >>> from engine.nets import Autoencoder
    >>> layer_reconstruction(Autoencoder((4,), 2, (3,)), torch.zeros(1, 3), 1).shape
    torch.Size([1, 3])
    """
    inwards, outwards = pairs(net)[level]
    inside = inwards(F.dropout(values, LEFT_OUT) if level else values)
    if level + 1 < len(pairs(net)):
        inside = F.dropout(F.relu(inside), LEFT_OUT)
    reconstruction: Tensor = outwards(inside)
    return F.relu(reconstruction) if level else reconstruction


def unroll(net: Autoencoder) -> None:
    """Give every layer of the decoder the transposed weights of its counterpart.

    Parameters
    ----------
    net : Autoencoder

    Examples
    --------
    >>> from engine.nets import Autoencoder
    >>> net = Autoencoder((4,), 2, (3,))
    >>> unroll(net)
    >>> bool((net.decoder[-1].weight == net.encoder[0].weight.T).all())
    True
    """
    with torch.no_grad():
        for inwards, outwards in pairs(net):
            outwards.weight.copy_(inwards.weight.T)
