"""The one training loop of the project. It runs the stages a plan yields and knows no method by name."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import nullcontext
from typing import Protocol

from torch import Tensor

from engine import reuse
from engine.checkpoint import Checkpoint, owner
from engine.data import Data
from engine.method import Method, Stage
from engine.optimizers import Optimizers
from engine.precision import Precision, autocast
from engine.randomness import Stream
from engine.replay import recorder
from engine.snapshot import Snapshot
from engine.stepper import Stepper
from engine.watch import Look, Watcher

TICK = 0.5
"""Seconds after which an unfinished epoch reports and lets its reader stop it."""
CLOSING = "Final groups"
"""The last moment, after everything the plan does at its end."""
CHECKPOINT_EVERY = 5.0
"""Seconds between checkpoints at least."""


class Shelf(Protocol):
    """Where a training leaves named tensors and finds them again."""

    def get(self, key: str) -> dict[str, Tensor] | None:
        """What was put under the key, or None."""

    def put(self, key: str, tensors: dict[str, Tensor]) -> None:
        """Keep the tensors under the key, whole or not at all."""


class NoShelf:
    """Forgets everything: nothing to resume, nothing to reuse."""

    def get(self, key: str) -> dict[str, Tensor] | None:
        """Nothing."""
        return None

    def put(self, key: str, tensors: dict[str, Tensor]) -> None:
        """Kept nowhere."""


def fit(
    build: Callable[[Data], Method],
    data: Data,
    *,
    seed: int = 0,
    shelf: Shelf | None = None,
    precision: Precision = "auto",
    watch: bool = True,
    replay: bool = True,
) -> Generator[Snapshot, None, Method]:
    """Train a method, yielding a snapshot after every epoch and now and then within one; returns the method.

    Stop by no longer asking; go on later from the shelf's "checkpoint". `replay` lets a GPU replay recorded steps, which
    changes nothing but the speed. Raises InputError where the loss is no number.
    """
    shelf = NoShelf() if shelf is None else shelf
    with Stream(seed, "build"):
        method = build(data).to(data.device)
    method.autocast = autocast(data.device, precision)
    stepper = Stepper(method, recorder(data.device) if replay else None)
    training = _Training(method, data, seed, shelf, Watcher(data) if watch else None, stepper)
    saved = Checkpoint.load(shelf, owner(method, data, seed))
    if saved is not None:
        saved.enter(method)
        training.clock -= saved.seconds
    plan = method.plan(data)
    position = 0
    while (stage := training.think(plan, position)) is not None:
        if saved is None or position >= saved.position:
            first, losses = 0, list[float]()
            if saved is not None and position == saved.position:
                saved.resume(method, training.optimizers)
                first, losses = saved.epoch, saved.losses
            yield from training.run(stage, position, first, losses)
        position += 1
    with Stream(seed, position, "finish"):
        method.finish(data)
    if training.watcher:
        yield training.snapshot(Stage(CLOSING, (), 1), position, 1, report=method.report(), look=True)
    method.autocast = nullcontext
    method.eval()
    return method


class _Training:
    """A method, its data and its optimizers while a plan runs."""

    def __init__(
        self, method: Method, data: Data, seed: int, shelf: Shelf, watcher: Watcher | None, stepper: Stepper
    ) -> None:
        self.method, self.data, self.seed, self.shelf, self.watcher = method, data, seed, shelf, watcher
        self.stepper, self.optimizers = stepper, Optimizers()
        self.clock = self.kept = time.perf_counter()

    def think(self, plan: Iterator[Stage], position: int) -> Stage | None:
        """What the plan does before its next stage, under a seed of its own."""
        with Stream(self.seed, position, "plan"):
            return next(plan, None)

    def run(self, stage: Stage, position: int, first: int, losses: list[float]) -> Iterator[Snapshot]:
        """Train a stage from its epoch `first` on, or take what an equal stage of another run has made."""
        key = reuse.key(stage, self.data, self.seed, self.method.autocast is not nullcontext)
        if key and first == 0 and (made := self.shelf.get(key)) is not None:
            reuse.unpack(stage, made)
            yield self.snapshot(stage, position, stage.epochs, report={"reused": 1.0}, look=True)
            return
        self.optimizers.follow(stage)
        self.stepper.enter(stage, self.optimizers.of(stage))
        for epoch in range(first, stage.epochs):
            terms: dict[str, float] = {}
            for done, means in self._epoch(stage, position, epoch):
                if means is None:
                    yield self.snapshot(stage, position, epoch + done)
                else:
                    terms = means
            losses.append(sum(terms.values()))
            last = epoch + 1 == stage.epochs or settled(losses, stage.tolerance)
            look = self.watcher is not None and (self.watcher.affordable() or (last and stage.epochs > 1))
            yield self.snapshot(stage, position, epoch + 1, terms, report=self.method.report(), look=look)
            # After its snapshot was taken: what goes on from here has told everybody of this epoch.
            self._keep(position, stage.epochs if last else epoch + 1, losses)
            if last:
                break
        if key:
            self.shelf.put(key, reuse.pack(stage))

    def _epoch(self, stage: Stage, position: int, epoch: int) -> Iterator[tuple[float, dict[str, float] | None]]:
        """One pass over the data; yields its share done whenever a tick has passed, and the mean terms at its end.

        A stage without a loss has no terms; its epochs end all the same.
        """
        stream, batches, count = Stream(self.seed, position, epoch), self.data.batches(stage.batch), 0
        total = 1 if stage.batch is None else max(1, math.ceil(len(self.data) / stage.batch))
        self.method.train()
        finished = False
        while not finished:
            tick = time.perf_counter() + TICK
            with stream:
                finished = True
                for batch in batches:
                    self.stepper.step(batch, epoch * total + count, (epoch + count / total) / stage.epochs)
                    count += 1
                    if time.perf_counter() > tick:
                        finished = False
                        break
            if not finished:
                yield min(1.0, count / total), None
        yield 1.0, self.stepper.means.read(stage.name)

    def snapshot(
        self,
        stage: Stage,
        position: int,
        epochs: float,
        terms: dict[str, float] | None = None,
        *,
        report: dict[str, float] | None = None,
        look: bool = False,
    ) -> Snapshot:
        """This moment, `epochs` into a stage, with a look at labels and map where that was decided."""
        seen = Look()
        if look and self.watcher:
            with Stream(self.seed, position, epochs, "look"):
                seen = self.watcher.look(self.method, stage.groups)
        return Snapshot(
            stage=stage.name,
            epoch=int(epochs),
            epochs=max(stage.of, stage.epochs),
            stages_done=position,
            progress=epochs / max(1, stage.epochs),
            seconds=time.perf_counter() - self.clock,
            terms=terms or {},
            report=report or {},
            labels=seen.labels,
            sizes=seen.sizes,
            sample=None if seen.positions is None or self.watcher is None else self.watcher.sample,
            positions=seen.positions,
            changed=seen.changed,
        )

    def _keep(self, position: int, epoch: int, losses: list[float]) -> None:
        """A checkpoint at the end of an epoch, when the last one is old enough."""
        now = time.perf_counter()
        if now - self.kept >= CHECKPOINT_EVERY:
            whose = owner(self.method, self.data, self.seed)
            note = {"owner": whose, "position": position, "epoch": epoch, "seconds": now - self.clock, "losses": losses}
            Checkpoint.save(self.shelf, self.method, self.optimizers, note)
            self.kept = time.perf_counter()


def settled(losses: list[float], tolerance: float, width: int = 5) -> bool:
    """Whether the loss, smoothed over `width` epochs, falls by less than the share `tolerance` an epoch."""
    if not tolerance or len(losses) < 2 * width:
        return False
    now, before = sum(losses[-width:]) / width, sum(losses[-2 * width : -width]) / width
    return before - now < tolerance * width * abs(before)
