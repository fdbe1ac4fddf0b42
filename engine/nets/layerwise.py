"""Learning one layer after the other, from the samples inwards, before all learn together.

P. Vincent et al., JMLR 11, 2010, "Stacked Denoising Autoencoders", in the form of Xie et al. 2016: a fifth of what a layer sees
and of what it says is left out, except of the samples and of the code.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from engine.nets.autoencoder import Autoencoder

LEFT_OUT = 0.2


def pairs(net: Autoencoder) -> list[tuple[nn.Linear, nn.Linear]]:
    """Every layer of the encoder with the layer of the decoder that undoes it, from the samples inwards."""
    inwards = [part for part in net.encoder if isinstance(part, nn.Linear)]
    outwards = [part for part in net.decoder if isinstance(part, nn.Linear)]
    return list(zip(inwards, outwards[::-1], strict=True))


def seen(net: Autoencoder, x: Tensor, level: int) -> Tensor:
    """[n, *shape] -> [n, wide] what the layer `level` sees, without gradients; level 0 sees the samples."""
    with torch.no_grad():
        values: Tensor = net.encoder[: 2 * level](x.flatten(1))
    return values


def redrawn(net: Autoencoder, values: Tensor, level: int) -> Tensor:
    """[n, wide] -> [n, wide] what the layer `level` sees, redrawn by it and its counterpart from what is left of it."""
    inwards, outwards = pairs(net)[level]
    inside = inwards(F.dropout(values, LEFT_OUT) if level else values)
    if level + 1 < len(pairs(net)):
        inside = F.dropout(F.relu(inside), LEFT_OUT)
    again: Tensor = outwards(inside)
    return F.relu(again) if level else again


def unroll(net: Autoencoder) -> None:
    """Every layer of the decoder takes the weights of its counterpart, turned over."""
    with torch.no_grad():
        for inwards, outwards in pairs(net):
            outwards.weight.copy_(inwards.weight.T)
