"""The one training loop: it runs the stages that a method's plan yields, whatever the method."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import nullcontext
from dataclasses import replace

from torch import Tensor

from engine.core.data import Data
from engine.core.method import Method, Stage
from engine.core.snapshot import Snapshot
from engine.training import pretrained
from engine.training.budget import Budget
from engine.training.checkpoint import Checkpoint, owner
from engine.training.collapse import CollapseError, CollapseMonitor
from engine.training.cuda_graphs import Play, recorder
from engine.training.monitor import Monitor, Observation
from engine.training.optimizers import Optimizers
from engine.training.precision import Precision, autocast
from engine.training.rng import RngScope
from engine.training.step import StepRunner
from engine.training.tensor_store import NoTensorStore, TensorStore

TICK = 0.5
"""Seconds of an epoch after which a snapshot is yielded within it, so that the caller sees progress and can stop."""
FINAL = "final"
"""Stage id of the last snapshot, which is taken after the plan has ended and `Method.finish` has run."""
CHECKPOINT_EVERY = 5.0
"""Least number of seconds between checkpoints."""
CHECKPOINT_SHARE = 0.05
"""Greatest share of the training time that is spent on checkpoints."""
SMALLER = 10
"""A stage that has collapsed is trained again with learning rates that are this many times smaller,"""
RETRIES = 2
"""and this often at most."""
SMALLEST = SMALLER ** (0.5 - RETRIES)
"""A smaller share of the rates than this is the last."""
FAULTS = {
    "groups": "The groups ran together",
    "code": "The code of all members became the same",
    "reconstruction": "The reconstructions fell apart",
}
"""What is said of a collapse."""


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
        Makes the method; its initial weights are random under the seed.
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
        After every epoch, and now and then within one. Where a stage collapses (`engine.training.collapse`), the training
        goes back to its start and on with a smaller learning rate, and `Snapshot.notes` says so.

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
    store = NoTensorStore() if tensor_store is None else tensor_store
    record = recorder(data.device) if cuda_graphs else None
    training = _Training(build, data, seed, store, precision, Monitor(data) if monitor else None, record)
    yield from training.run()
    training.method.autocast = nullcontext
    training.method.eval()
    return training.method


class _Training:
    """One training: a method, its data, its optimizers, and when it started and was last saved."""

    def __init__(
        self,
        build: Callable[[Data], Method],
        data: Data,
        seed: int,
        tensor_store: TensorStore,
        precision: Precision,
        monitor: Monitor | None,
        record: Callable[[Play], Play] | None,
    ) -> None:
        self.build = build
        self.data = data
        self.seed = seed
        self.tensor_store = tensor_store
        self.precision = precision
        self.monitor = monitor
        self.record = record
        self.started = self.last_checkpoint = time.perf_counter()
        self.checkpoint_budget = Budget(CHECKPOINT_SHARE)
        self.collapse_monitor = CollapseMonitor(data)
        self.factors: dict[str, float] = {}
        self.notes: list[str] = []
        self.pretrained: dict[str, dict[str, Tensor]] = {}
        self._begin()

    def _begin(self) -> None:
        """Make the method anew, as it was at first, and everything that follows its parameters."""
        with RngScope(self.seed, "build"):
            self.method = self.build(self.data).to(self.data.device)
        self.method.autocast = autocast(self.data.device, self.precision)
        self.step_runner = StepRunner(self.method, self.record)
        self.optimizers = Optimizers()

    def run(self) -> Iterator[Snapshot]:
        """Train the stages of the plan, from the last checkpoint on where there is one, and finish the method."""
        saved = self._enter_checkpoint()
        while True:
            try:
                position = yield from self._run_plan(saved)
                break
            except CollapseError as collapse:
                self._go_back(collapse)
                saved = None
        self.pretrained.clear()
        with RngScope(self.seed, position, "finish"):
            self.method.finish(self.data)
        if self.monitor:
            final = Stage(FINAL, "Final groups", (), 1)
            yield self.snapshot(final, position, 1, report=self.method.report(), observe=True)

    def _run_plan(self, saved: Checkpoint | None) -> Generator[Snapshot, None, int]:
        """Train the stages of the plan and return how many there were; CollapseError where one collapses."""
        plan, position, last = self.method.plan(self.data), 0, None
        # A resumed plan runs again from its start: stages before the checkpoint are skipped, the code between them is not.
        while (stage := self.next_stage(plan, position)) is not None:
            if saved is not None and position == saved.position:
                saved.resume(self.method, self.optimizers)
                self.collapse_monitor.restore(saved.watched)
                yield from self.run_stage(stage, position, saved.epoch, saved.losses)
            elif saved is None or position > saved.position:
                if last is not None and last.id != stage.id:
                    self._judge_left(last, position)
                yield from self.run_stage(stage, position, 0, [])
            position, last = position + 1, stage
        if last is not None:
            self._judge_left(last, position)
        return position

    def _judge_left(self, stage: Stage, position: int) -> None:
        """CollapseError where the plan has left a stage because nothing changed any more, and that was a collapse."""
        if self._judges(stage):
            with RngScope(self.seed, position, "collapse"):
                self.collapse_monitor.leave(self.method, stage)

    def _judges(self, stage: Stage) -> bool:
        """Whether a collapse of the stage is acted on: False at the smallest rate, where nothing would be left without it."""
        return not (self.collapse_monitor.first and self.factors.get(stage.id, 1.0) < SMALLEST)

    def _go_back(self, collapse: CollapseError) -> None:
        """Begin anew, with a smaller learning rate for the stage that collapsed.

        Equal seeds give equal stages, so the training comes to the state in which that stage began; what was pretrained is
        at hand. A stage whose smallest rate collapses, too, is left out.
        """
        factor = self.factors.get(collapse.id, 1.0)
        said, rate = FAULTS[collapse.fault], collapse.rate * factor
        if factor < SMALLEST:
            self.factors[collapse.id] = 0.0
            self.notes.append(
                f"{said} at every rate down to {rate:.1g}; what the training had found before that stage was kept."
            )
        else:
            self.factors[collapse.id] = factor / SMALLER
            self.notes.append(f"{said} at a rate of {rate:.1g}; training went back and on with {rate / SMALLER:.1g}.")
        self.collapse_monitor = CollapseMonitor(self.data)
        self._begin()

    def _enter_checkpoint(self) -> Checkpoint | None:
        """The checkpoint to resume from, with its weights and time taken over; None where there is none."""
        saved = Checkpoint.load(self.tensor_store, owner(self.method, self.data, self.seed))
        if saved is not None:
            saved.enter(self.method)
            self.started -= saved.seconds
            self.factors, self.notes = saved.factors, saved.notes
        return saved

    def next_stage(self, plan: Iterator[Stage], position: int) -> Stage | None:
        """Run the plan, under a seed of its own, as far as its next stage; None where it has ended."""
        with RngScope(self.seed, position, "plan"):
            return next(plan, None)

    def run_stage(self, stage: Stage, position: int, first_epoch: int, losses: list[float]) -> Iterator[Snapshot]:
        """Train a stage from `first_epoch` on, or load the weights that another run has trained in an equal stage.

        Parameters
        ----------
        stage : Stage
            What to train.
        position : int
            Number of stages that the plan yielded before this one.
        first_epoch : int
            0, or where a checkpoint was taken.
        losses : list of float
            Mean loss of each epoch before the first; those that follow are appended.

        Yields
        ------
        Snapshot
            After every epoch, and every `TICK` seconds within one.
        """
        factor = self.factors.get(stage.id, 1.0)
        if not factor:
            return
        key = pretrained.key(stage, self.data, self.seed, self.method.autocast is not nullcontext)
        if key and first_epoch == 0 and (weights := self._pretrained(key)) is not None:
            pretrained.unpack(stage, weights)
            yield self.snapshot(stage, position, stage.epochs, report={"reused": 1.0}, observe=True)
            return
        with RngScope(self.seed, position, "collapse"):
            self.collapse_monitor.enter(self.method, stage, first=position == 0)
        stage = replace(stage, steps=[replace(step, lr=step.lr * factor) for step in stage.steps])
        self.optimizers.follow(stage)
        self.step_runner.enter(stage, self.optimizers.of(stage))
        for epoch in range(first_epoch, stage.epochs):
            terms: dict[str, float] = {}
            for done, means in self._train_epoch(stage, position, epoch):
                if means is None:
                    yield self.snapshot(stage, position, epoch + done)
                else:
                    terms = means
            losses.append(sum(terms.values()))
            if self._judges(stage):
                with RngScope(self.seed, position, epoch, "collapse"):
                    self.collapse_monitor.end_epoch(self.method, stage)
            last = epoch + 1 == stage.epochs or loss_converged(losses, stage.tolerance)
            observe = self.monitor is not None and (
                self.monitor.affordable() or (last and 1 < stage.epochs >= stage.total_epochs)
            )
            yield self.snapshot(stage, position, epoch + 1, terms, report=self.method.report(), observe=observe)
            # Not before the caller has the epoch's snapshot: a training that resumes from here does not yield it again.
            self._save_checkpoint(position, stage.epochs if last else epoch + 1, losses)
            if last:
                break
        if key:
            self.pretrained[key] = pretrained.pack(stage)
            self.tensor_store.put(key, self.pretrained[key])

    def _pretrained(self, key: str) -> dict[str, Tensor] | None:
        """Weights that this training, or another one, has pretrained."""
        return self.pretrained[key] if key in self.pretrained else self.tensor_store.get(key)

    def _train_epoch(self, stage: Stage, position: int, epoch: int) -> Iterator[tuple[float, dict[str, float] | None]]:
        """One pass over the data: yields (share done, None) every `TICK` seconds and (1.0, mean of each loss term) at its end.

        A stage without a loss has no terms; its epochs end all the same.
        """
        # Entered anew for each stretch between two yields, so that the caller's random numbers are not ours.
        rng, count = RngScope(self.seed, position, epoch), 0
        batches = self.data.batches(stage.batch) if stage.sees_batches else iter(())
        per_epoch = 1 if stage.batch is None else max(1, math.ceil(len(self.data) / stage.batch))
        self.method.train()
        finished = False
        while not finished:
            deadline = time.perf_counter() + TICK
            with rng:
                finished = True
                for batch in batches:
                    self.step_runner.step(batch, epoch * per_epoch + count, (epoch + count / per_epoch) / stage.epochs)
                    count += 1
                    if time.perf_counter() > deadline:
                        finished = False
                        break
            if not finished:
                yield min(1.0, count / per_epoch), None
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
        """The state of the training `epochs` (with a fraction) into a stage; labels and positions only with `observe`."""
        observation = Observation()
        if observe and self.monitor:
            with RngScope(self.seed, position, epochs, "observe"):
                observation = self.monitor.observe(self.method, stage.groups)
        return Snapshot(
            stage=stage.id,
            stage_title=stage.title,
            epoch=int(epochs),
            epochs=max(stage.total_epochs, stage.epochs),
            stages_done=position,
            progress=epochs / max(1, stage.epochs),
            seconds=time.perf_counter() - self.started,
            terms=terms or {},
            report=report or {},
            labels=observation.labels,
            sizes=observation.sizes,
            sample=None if observation.positions is None or self.monitor is None else self.monitor.sample,
            positions=observation.positions,
            changed=observation.changed,
            notes=tuple(self.notes),
        )

    def _save_checkpoint(self, position: int, epoch: int, losses: list[float]) -> None:
        """Save the training at the end of an epoch, if the last checkpoint is old enough and another one is affordable."""
        now = time.perf_counter()
        if now - self.last_checkpoint < CHECKPOINT_EVERY or not self.checkpoint_budget.affordable():
            return
        note = {
            "owner": owner(self.method, self.data, self.seed),
            "position": position,
            "epoch": epoch,
            "seconds": now - self.started,
            "losses": losses,
            "factors": self.factors,
            "notes": self.notes,
            "watched": self.collapse_monitor.state(),
        }
        with self.checkpoint_budget.spend():
            Checkpoint.save(self.tensor_store, self.method, self.optimizers, note)
        self.last_checkpoint = time.perf_counter()


def loss_converged(losses: list[float], tolerance: float, width: int = 5) -> bool:
    """Whether the loss no longer falls.

    Parameters
    ----------
    losses : list of float
        Mean loss of each epoch so far.
    tolerance : float
        Least relative decrease per epoch that counts as falling; 0 never converges.
    width : int, default=5
        Epochs in each of the two windows whose means are compared.
    """
    if not tolerance or len(losses) < 2 * width:
        return False
    latest, previous = sum(losses[-width:]) / width, sum(losses[-2 * width : -width]) / width
    return previous - latest < tolerance * width * abs(previous)
