"""Optimizers that follow their parameters through stages, and the learning rate's way through a stage."""

from __future__ import annotations

import inspect
import math

import torch
from torch import Tensor, nn

from engine.core.method import Stage, Step


class _Eager(torch.optim.Optimizer):
    """Without what torch.compile needs: at its first use that imports the compiler, two seconds of every process."""

    add_param_group = inspect.unwrap(torch.optim.Optimizer.add_param_group)
    zero_grad = inspect.unwrap(torch.optim.Optimizer.zero_grad)


class SGD(_Eager, torch.optim.SGD):
    """Stochastic gradient descent."""

    step = torch.no_grad()(inspect.unwrap(torch.optim.SGD.step))


class Adam(_Eager, torch.optim.Adam):
    """Adam."""

    step = torch.no_grad()(inspect.unwrap(torch.optim.Adam.step))


class AdamW(_Eager, torch.optim.AdamW):
    """Adam with decoupled weight decay."""

    step = torch.no_grad()(inspect.unwrap(torch.optim.AdamW.step))


class Optimizers:
    """One optimizer for each step of each stage id; parameters that stay keep their state, new ones start fresh."""

    def __init__(self) -> None:
        self._optimizers: dict[tuple[str, int], torch.optim.Optimizer] = {}
        self._saved: dict[str, Tensor] = {}

    def follow(self, stage: Stage) -> None:
        """Make the stage's optimizers match what its steps train now."""
        for i, step in enumerate(stage.steps):
            old = self._optimizers.get((stage.id, i))
            wanted = step.parameters()
            if old is not None and same(old, wanted):
                continue
            new = _make(step, wanted)
            for parameter in wanted:
                if old is not None and parameter in old.state:
                    new.state[parameter] = old.state[parameter]
            if old is None:
                self._fill((stage.id, i), new)
            self._optimizers[stage.id, i] = new

    def of(self, stage: Stage) -> list[torch.optim.Optimizer]:
        """The optimizers of a stage's steps, in order."""
        return [self._optimizers[stage.id, i] for i in range(len(stage.steps))]

    def state(self) -> dict[str, Tensor]:
        """All optimizer state as named tensors: "stage/step/parameter/name"."""
        found: dict[str, Tensor] = {}
        for (name, i), optimizer in self._optimizers.items():
            for j, parameter in enumerate(_parameters(optimizer)):
                for slot, value in optimizer.state.get(parameter, {}).items():
                    if isinstance(value, Tensor):
                        found[f"{name}/{i}/{j}/{slot}"] = value
        return found

    def expect(self, slots: dict[str, Tensor]) -> None:
        """Give saved state, in names and shapes as `state` returns it, to the optimizers when they are made."""
        self._saved = slots

    def _fill(self, key: tuple[str, int], optimizer: torch.optim.Optimizer) -> None:
        parameters = _parameters(optimizer)
        for place, value in self._saved.items():
            name, i, j, slot = place.rsplit("/", 3)
            if (name, int(i)) == key:
                parameter = parameters[int(j)]
                optimizer.state[parameter][slot] = value.to(parameter.device)


def _parameters(optimizer: torch.optim.Optimizer) -> list[nn.Parameter]:
    return [parameter for group in optimizer.param_groups for parameter in group["params"]]


def same(optimizer: torch.optim.Optimizer, parameters: list[nn.Parameter]) -> bool:
    """Whether the optimizer trains exactly these parameters, in this order."""
    known = _parameters(optimizer)
    return len(known) == len(parameters) and all(a is b for a, b in zip(known, parameters, strict=True))


def _make(step: Step, parameters: list[nn.Parameter]) -> torch.optim.Optimizer:
    """A fused optimizer; on a GPU its rate and its count of steps lie there too, so that its steps can be recorded."""
    cuda = bool(parameters) and parameters[0].is_cuda
    lr = torch.tensor(step.lr, device=parameters[0].device) if cuda else step.lr
    if step.optimizer == "sgd":
        return SGD(parameters, lr, step.momentum, weight_decay=step.weight_decay, fused=True)
    kind = AdamW if step.optimizer == "adamw" else Adam
    betas, decay = (step.momentum, step.beta2), step.weight_decay
    return kind(parameters, lr, betas=betas, eps=step.eps, weight_decay=decay, fused=True, capturable=cuda)


def steps_taken(optimizer: torch.optim.Optimizer) -> int:
    """Steps that an Adam has taken, those before a checkpoint included; 0 for SGD, which does not count them."""
    counts = (state["step"] for state in optimizer.state.values() if "step" in state)
    return int(next(counts, 0))


def set_rate(optimizer: torch.optim.Optimizer, lr: float) -> None:
    """Give an optimizer a learning rate, in place where it lies on a device."""
    for group in optimizer.param_groups:
        if isinstance(group["lr"], Tensor):
            group["lr"].fill_(lr)
        else:
            group["lr"] = lr


def rate(step: Step, progress: float) -> float:
    """The factor of the learning rate at a share of the stage (0 to 1)."""
    if progress < step.warmup:
        return (progress + 1e-3) / (step.warmup + 1e-3)
    if step.schedule == "constant":
        return 1.0
    rest = (progress - step.warmup) / max(1e-9, 1 - step.warmup)
    if step.schedule == "one-cycle" and rest < 0.3:
        return 0.04 + 0.96 * (1 - math.cos(math.pi * rest / 0.3)) / 2
    if step.schedule == "one-cycle":
        rest = (rest - 0.3) / 0.7
    return (1 + math.cos(math.pi * rest)) / 2
