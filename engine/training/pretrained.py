"""What one run has pretrained, another need not: weights under a key that says what made them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

import torch
from torch import Tensor

from engine.core.code_version import code_version
from engine.core.data import Data
from engine.core.method import Stage


def key(stage: Stage, data: Data, seed: int, half: bool) -> str | None:
    """A key of all that decides on the weights a stage makes, the code included; None where they are not shared."""
    if not stage.pretrained:
        return None
    code = code_version("engine.training.trainer", *_modules(stage))
    identity = (stage.pretrained, data.fingerprint, seed, half, stage.epochs, stage.batch, stage.tolerance, code)
    shapes = [tuple(p.shape) for step in stage.steps for p in step.parameters()]
    return "reuse-" + hashlib.sha256(repr((identity, shapes)).encode()).hexdigest()


def pack(stage: Stage) -> dict[str, Tensor]:
    """Copies of the weights that a stage trains and of its modules' buffers, by name."""
    return {name: tensor.detach().clone() for name, tensor in _weights(stage)}


def unpack(stage: Stage, weights: dict[str, Tensor]) -> None:
    """Give a stage's modules the weights that `pack` copied in another run, by name and in the shapes they have here."""
    with torch.no_grad():
        for name, tensor in _weights(stage):
            tensor.copy_(weights[name])


def _modules(stage: Stage) -> set[str]:
    """Where the code of a stage stands: its losses, its networks, and what it does around a step."""
    parts = [kind for step in stage.steps for kind in (step.loss, *map(type, step.train))]
    return {str(getattr(part, "__module__", "")) for part in (*parts, stage.before_step, stage.after_step)}


def _weights(stage: Stage) -> Iterator[tuple[str, Tensor]]:
    for i, part in enumerate(part for step in stage.steps for part in step.train):
        if isinstance(part, torch.nn.Module):
            yield from ((f"{i}.{name}", tensor) for name, tensor in part.state_dict(keep_vars=True).items())
        else:
            yield f"{i}.value", part
