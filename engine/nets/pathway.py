"""Two ways through an autoencoder, layer by layer: a clean one, and one on which numbers are left out (DEPICT, 2017)."""

from collections.abc import Iterable
from typing import cast

import torch.nn.functional as F
from torch import Tensor, nn

from engine.nets.coder import Coder
from engine.nets.convolutional import ConvolutionalAutoencoder

WEIGHTED = (nn.Linear, nn.Conv2d, nn.ConvTranspose2d)


def blocks(net: Coder) -> tuple[list[nn.Sequential], list[nn.Sequential]]:
    """The layers of encoder and decoder in their order, each with all that follows it up to the next one with weights."""
    inwards, outwards = _parted(net.encoder), _parted(cast(nn.Sequential, net.decoder))
    if isinstance(net, ConvolutionalAutoencoder):
        outwards.insert(0, nn.Sequential(net.widen, nn.ReLU(), nn.Unflatten(1, net.small)))
    return inwards, outwards


def clean(net: Coder, x: Tensor) -> list[Tensor]:
    """[n, *shape] -> the samples, and what each layer of the encoder says of them; the code is the last."""
    values, said = net.prepared(x), [x]
    for block in blocks(net)[0]:
        values = block(values)
        said.append(values)
    return said


def noisy(net: Coder, x: Tensor, share: float) -> tuple[list[Tensor], Tensor]:
    """[n, *shape] -> what the decoder redraws of the samples and of each layer but the code, and the code [n, latent].

    Of the samples and of every hidden layer but the last, a share of the numbers is left out.
    """
    inwards, outwards = blocks(net)
    values = net.prepared(F.dropout(x, share))
    for i, block in enumerate(inwards):
        values = block(values)
        if i < len(inwards) - 2:
            values = F.dropout(values, share)
    code, drawn = values, list[Tensor]()
    for block in outwards:
        values = block(values)
        drawn.insert(0, values)
    drawn[0] = leaving(net, drawn[0])
    return drawn, code


def leaving(net: Coder, drawn: Tensor) -> Tensor:
    """What the last layer has drawn, in the shape of the samples."""
    if isinstance(net, ConvolutionalAutoencoder):
        return drawn[:, :, : net.shape[1], : net.shape[2]]
    return drawn.view(len(drawn), *net.shape)


def _parted(layers: Iterable[nn.Module]) -> list[nn.Sequential]:
    parts: list[list[nn.Module]] = []
    for layer in layers:
        if isinstance(layer, WEIGHTED):
            parts.append([])
        parts[-1].append(layer)
    return [nn.Sequential(*part) for part in parts]
