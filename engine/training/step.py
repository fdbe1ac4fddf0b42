"""The steps of a stage: losses, gradients, optimizers, one batch after the other and without looking at a value."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor
from torch.optim import Optimizer

from engine.core.data import Batch
from engine.core.method import Method, Stage, Terms
from engine.training.cuda_graphs import CudaGraphRunner, Play, Turns
from engine.training.meters import AverageMeter
from engine.training.optimizers import rate, set_rate, steps_taken


class StepRunner:
    """Takes the steps of a stage; stages that continue one another share their recordings."""

    def __init__(self, method: Method, record: Callable[[Play], Play] | None) -> None:
        self.method, self.record, self.means = method, record, AverageMeter()
        self._runners: dict[str, tuple[object, CudaGraphRunner]] = {}

    def enter(self, stage: Stage, optimizers: list[Optimizer]) -> None:
        """Begin a stage."""
        self.stage, self.optimizers = stage, optimizers
        for step, optimizer in zip(stage.steps, optimizers, strict=True):
            set_rate(optimizer, step.lr)
        self._taken = [steps_taken(o) if s.warmup_steps else 0 for s, o in zip(stage.steps, optimizers, strict=True)]
        losses = [step.loss for step in stage.steps]
        alike = (losses, stage.before_step, stage.after_step, optimizers)
        if stage.id not in self._runners or self._runners[stage.id][0] != alike:
            self._runners[stage.id] = alike, CudaGraphRunner(self.record if stage.cuda_graphs else None)
        self._runner = self._runners[stage.id][1]

    def step(self, batch: Batch, count: int, progress: float) -> None:
        """One batch: every player whose turn it is takes a step."""
        turns = tuple(count % step.every == 0 for step in self.stage.steps)
        for i, (step, optimizer) in enumerate(zip(self.stage.steps, self.optimizers, strict=True)):
            warming = self._taken[i] < step.warmup_steps
            if warming or step.schedule != "constant" or step.warmup:
                rise = (self._taken[i] + 1) / step.warmup_steps if warming else 1.0
                set_rate(optimizer, step.lr * rate(step, progress) * rise)
            self._taken[i] += turns[i]
        self._runner(self._take, batch, turns)

    def _take(self, batch: Batch, turns: Turns) -> None:
        if self.stage.before_step:
            self.stage.before_step(batch)
        for step, optimizer, turn in zip(self.stage.steps, self.optimizers, turns, strict=True):
            if not turn:
                continue
            with self.method.autocast():
                terms = step.loss(batch)
            values = _stacked(terms)
            optimizer.zero_grad(set_to_none=True)
            values.sum().backward()  # type: ignore[no-untyped-call]
            optimizer.step()
            self.means.add(tuple(terms), values, len(batch))
        if self.stage.after_step:
            with torch.no_grad(), self.method.autocast():
                plotted = self.stage.after_step(batch)
            if plotted:
                self.means.add(tuple(plotted), _stacked(plotted), len(batch))


def _stacked(terms: Terms) -> Tensor:
    return torch.stack([term.float() for term in terms.values()])
