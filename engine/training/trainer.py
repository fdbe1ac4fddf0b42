"""The one training loop of the project. It runs the stages a plan yields and knows no method by name."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import nullcontext

from engine.core.data import Data
from engine.core.method import Method, Stage
from engine.core.snapshot import Snapshot
from engine.training import pretrained
from engine.training.budget import Budget
from engine.training.checkpoint import Checkpoint, owner
from engine.training.cuda_graphs import recorder
from engine.training.monitor import Monitor, Observation
from engine.training.optimizers import Optimizers
from engine.training.precision import Precision, autocast
from engine.training.rng import RngScope
from engine.training.step import StepRunner
from engine.training.tensor_store import NoTensorStore, TensorStore

TICK = 0.5
"""Seconds after which an unfinished epoch reports and lets its reader stop it."""
FINAL = "final"
"""Id of the last moment, after everything the plan does at its end."""
CHECKPOINT_EVERY = 5.0
"""Seconds between checkpoints at least."""
CHECKPOINT_SHARE = 0.05
"""Share of the training time that checkpoints may take."""


def fit(
    build: Callable[[Data], Method],
    data: Data,
    *,
    seed: int = 0,
    tensor_store: TensorStore | None = None,
    precision: Precision = "auto",
    monitor: bool = True,
    cuda_graphs: bool = True,
) -> Generator[Snapshot, None, Method]:
    """Train a method; stop by no longer asking for the next snapshot.

    Parameters
    ----------
    build : callable from Data to Method
        Makes the method; its initial weights are drawn under the seed.
    data : Data
        On the device that trains.
    seed : int, default=0
        Equal seeds give equal groups.
    tensor_store : TensorStore, optional
        Holds checkpoints, from which an interrupted training goes on, and pretrained weights, which trainings share.
    precision : {"auto", "float32", "bf16"}, default="auto"
        Of matrix products; "auto" is bf16 where the machine has it in hardware.
    monitor : bool, default=True
        Whether snapshots observe labels and positions, and there is one of the end.
    cuda_graphs : bool, default=True
        Lets a GPU replay captured steps, which changes nothing but the speed.

    Yields
    ------
    Snapshot
        After every epoch, and now and then within one.

    Returns
    -------
    Method
        The trained method, as the value of the generator's StopIteration.

    Raises
    ------
    InputError
        Where a loss is no longer a number.

    Examples
    --------
    >>> import torch
    >>> class OneGroup(Method):
    ...     identity = True
    ...
    ...     def plan(self, data):
    ...         yield Stage("nothing", "Nothing to learn", (), epochs=2)
    ...
    ...     def labels(self, data):
    ...         return torch.zeros(len(data), dtype=torch.int64)
    >>> data = Data(torch.tensor([[0.0], [1.0], [9.0]]))
    >>> def training():
    ...     method = yield from fit(lambda data: OneGroup(data, 1, None), data)
    ...     print(method.labels(data).tolist())
    >>> [(moment.stage, moment.epoch) for moment in training()]
    [0, 0, 0]
    [('nothing', 1), ('nothing', 2), ('final', 1)]
    """
    tensor_store = NoTensorStore() if tensor_store is None else tensor_store
    with RngScope(seed, "build"):
        method = build(data).to(data.device)
    method.autocast = autocast(data.device, precision)
    step_runner = StepRunner(method, recorder(data.device) if cuda_graphs else None)
    training = _Training(method, data, seed, tensor_store, Monitor(data) if monitor else None, step_runner)
    saved = Checkpoint.load(tensor_store, owner(method, data, seed))
    if saved is not None:
        saved.enter(method)
        training.clock -= saved.seconds
    plan = method.plan(data)
    position = 0
    while (stage := training.next_stage(plan, position)) is not None:
        if saved is None or position >= saved.position:
            first, losses = 0, list[float]()
            if saved is not None and position == saved.position:
                saved.resume(method, training.optimizers)
                first, losses = saved.epoch, saved.losses
            yield from training.run(stage, position, first, losses)
        position += 1
    with RngScope(seed, position, "finish"):
        method.finish(data)
    if training.monitor:
        yield training.snapshot(Stage(FINAL, "Final groups", (), 1), position, 1, report=method.report(), observe=True)
    method.autocast = nullcontext
    method.eval()
    return method


class _Training:
    """A method, its data and its optimizers while a plan runs."""

    def __init__(
        self,
        method: Method,
        data: Data,
        seed: int,
        tensor_store: TensorStore,
        monitor: Monitor | None,
        step_runner: StepRunner,
    ) -> None:
        self.method, self.data, self.seed, self.tensor_store, self.monitor = method, data, seed, tensor_store, monitor
        self.step_runner, self.optimizers = step_runner, Optimizers()
        self.clock = self.kept = time.perf_counter()
        self.checkpoints = Budget(CHECKPOINT_SHARE)

    def next_stage(self, plan: Iterator[Stage], position: int) -> Stage | None:
        """What the plan does before its next stage, under a seed of its own."""
        with RngScope(self.seed, position, "plan"):
            return next(plan, None)

    def run(self, stage: Stage, position: int, first: int, losses: list[float]) -> Iterator[Snapshot]:
        """Train a stage from its epoch `first` on, or take what an equal stage of another run has made."""
        key = pretrained.key(stage, self.data, self.seed, self.method.autocast is not nullcontext)
        if key and first == 0 and (made := self.tensor_store.get(key)) is not None:
            pretrained.unpack(stage, made)
            yield self.snapshot(stage, position, stage.epochs, report={"reused": 1.0}, observe=True)
            return
        self.optimizers.follow(stage)
        self.step_runner.enter(stage, self.optimizers.of(stage))
        for epoch in range(first, stage.epochs):
            terms: dict[str, float] = {}
            for done, means in self._epoch(stage, position, epoch):
                if means is None:
                    yield self.snapshot(stage, position, epoch + done)
                else:
                    terms = means
            losses.append(sum(terms.values()))
            last = epoch + 1 == stage.epochs or loss_converged(losses, stage.tolerance)
            observe = self.monitor is not None and (self.monitor.affordable() or (last and stage.epochs > 1))
            yield self.snapshot(stage, position, epoch + 1, terms, report=self.method.report(), observe=observe)
            # After its snapshot was taken: what goes on from here has told everybody of this epoch.
            self._keep(position, stage.epochs if last else epoch + 1, losses)
            if last:
                break
        if key:
            self.tensor_store.put(key, pretrained.pack(stage))

    def _epoch(self, stage: Stage, position: int, epoch: int) -> Iterator[tuple[float, dict[str, float] | None]]:
        """One pass over the data; yields its share done whenever a tick has passed, and the mean terms at its end.

        A stage without a loss has no terms; its epochs end all the same.
        """
        stream, count = RngScope(self.seed, position, epoch), 0
        batches = self.data.batches(stage.batch) if stage.sees_batches else iter(())
        total = 1 if stage.batch is None else max(1, math.ceil(len(self.data) / stage.batch))
        self.method.train()
        finished = False
        while not finished:
            tick = time.perf_counter() + TICK
            with stream:
                finished = True
                for batch in batches:
                    self.step_runner.step(batch, epoch * total + count, (epoch + count / total) / stage.epochs)
                    count += 1
                    if time.perf_counter() > tick:
                        finished = False
                        break
            if not finished:
                yield min(1.0, count / total), None
        yield 1.0, self.step_runner.means.read(stage.title)

    def snapshot(
        self,
        stage: Stage,
        position: int,
        epochs: float,
        terms: dict[str, float] | None = None,
        *,
        report: dict[str, float] | None = None,
        observe: bool = False,
    ) -> Snapshot:
        """This moment, `epochs` into a stage, with an observation of labels and map where that was decided."""
        seen = Observation()
        if observe and self.monitor:
            with RngScope(self.seed, position, epochs, "observe"):
                seen = self.monitor.observe(self.method, stage.groups)
        return Snapshot(
            stage=stage.id,
            stage_title=stage.title,
            epoch=int(epochs),
            epochs=max(stage.total_epochs, stage.epochs),
            stages_done=position,
            progress=epochs / max(1, stage.epochs),
            seconds=time.perf_counter() - self.clock,
            terms=terms or {},
            report=report or {},
            labels=seen.labels,
            sizes=seen.sizes,
            sample=None if seen.positions is None or self.monitor is None else self.monitor.sample,
            positions=seen.positions,
            changed=seen.changed,
        )

    def _keep(self, position: int, epoch: int, losses: list[float]) -> None:
        """A checkpoint at the end of an epoch, when the last one is old enough and another one is affordable."""
        now = time.perf_counter()
        if now - self.kept < CHECKPOINT_EVERY or not self.checkpoints.affordable():
            return
        whose = owner(self.method, self.data, self.seed)
        note = {"owner": whose, "position": position, "epoch": epoch, "seconds": now - self.clock, "losses": losses}
        with self.checkpoints.spend():
            Checkpoint.save(self.tensor_store, self.method, self.optimizers, note)
        self.kept = time.perf_counter()


def loss_converged(losses: list[float], tolerance: float, width: int = 5) -> bool:
    """Whether the loss, smoothed over `width` epochs, falls by less than the share `tolerance` an epoch."""
    if not tolerance or len(losses) < 2 * width:
        return False
    now, before = sum(losses[-width:]) / width, sum(losses[-2 * width : -width]) / width
    return before - now < tolerance * width * abs(before)
