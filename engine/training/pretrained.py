"""What one run has pretrained, another need not: weights under a key that says what made them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

import torch
from torch import Tensor

from engine.core.data import Data
from engine.core.method import Stage


def key(stage: Stage, data: Data, seed: int, half: bool) -> str | None:
    """Equal settings, data, seeds, precision and networks make equal weights; None where the stage makes nothing to share."""
    if not stage.pretrained:
        return None
    told = (stage.pretrained, data.fingerprint, seed, half, stage.epochs, stage.batch, stage.tolerance)
    shapes = [tuple(p.shape) for step in stage.steps for p in step.parameters()]
    return "reuse-" + hashlib.sha256(repr((told, shapes)).encode()).hexdigest()


def pack(stage: Stage) -> dict[str, Tensor]:
    """Copies of the weights that a stage trains, its modules' buffers with them."""
    return {name: tensor.detach().clone() for name, tensor in _made(stage)}


def unpack(stage: Stage, made: dict[str, Tensor]) -> None:
    """Give a stage's modules the weights that another run's stage has made."""
    with torch.no_grad():
        for name, tensor in _made(stage):
            tensor.copy_(made[name])


def _made(stage: Stage) -> Iterator[tuple[str, Tensor]]:
    for i, part in enumerate(part for step in stage.steps for part in step.train):
        if isinstance(part, torch.nn.Module):
            yield from ((f"{i}.{name}", tensor) for name, tensor in part.state_dict(keep_vars=True).items())
        else:
            yield f"{i}.value", part
