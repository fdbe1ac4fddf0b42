"""The evaluate lane's work: whether the groups of a finished run can be relied on. What it finds joins the result."""

import logging
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.numpy import load, save
from sqlalchemy.engine import Connection, RowMapping

from engine import intake
from engine.api.loading import to_data
from engine.core.card import check_knobs
from engine.core.data import Data
from engine.core.errors import InputError
from engine.inspection.adversarial import robustness
from engine.methods import METHODS
from engine.results import add_check, load_embedding
from engine.results.evaluate.k_selection import numbers, scan
from engine.results.evaluate.stability import stability
from engine.results.record.diagnostics import Stability
from engine.results.record.record import Ints, Result
from engine.runs.db import queue, repository
from engine.runs.db.records import Record
from engine.runs.files import models
from engine.runs.files.artifacts import Damaged
from engine.runs.files.features import ArtifactFeatureStore
from engine.runs.requests import base
from engine.runs.workers import job_status
from engine.runs.workers.job_context import JobContext
from engine.training.trainer import fit

SHARE = 0.8
"""How large the part of the rows is on which the method is trained again."""
APART = 1000
"""Between the seeds of an evaluation and of the next one of the same run."""
TELL = 1.0
"""Seconds between two words to the store."""

_log = logging.getLogger("constella.evaluate_job")


@dataclass
class Case:
    """A run that is evaluated."""

    context: JobContext
    asked: Record
    run: RowMapping
    result: Result
    data: Data
    told: float = 0.0
    began: float = 0.0

    def tell(self, stage: str, share: float) -> None:
        """Say how far the evaluation is; raises `JobStopped` where that was asked for."""
        self.context.note_progress()
        now = time.monotonic()
        if now - self.told < TELL and not self.context.stop.is_set():
            return
        self.told, spent = now, now - self.began
        left = spent * (1 - share) / share if share > 0.02 and spent > 1 else None
        job_status.report_progress(self.context, stage, share, left)

    @property
    def seed(self) -> int:
        """The run's own seed where it is evaluated for the first time, then another each time."""
        return int(self.run["seed"]) + APART * int(self.asked["draw"])

    @property
    def folder(self) -> str:
        """Where finished repetitions wait for the others."""
        return base.folder(self.context.artifacts, self.context.job.target)


def work(context: JobContext) -> None:
    """Find out what was asked, and add it to the result."""
    request = job_status.current_request(context)
    case = _open(context, request.source)
    _keep(case, request.name, WAYS[request.name](case))


def fail(context: JobContext, sentence: str, fault: str) -> None:
    """Say why; repetitions that were finished stay for the next time."""
    job_status.mark_failed(context, sentence)


def _open(context: JobContext, asked: Record) -> Case:
    with context.store.read() as connection:
        run = repository.run_row(connection, context.run)
    if run is None:
        raise queue.JobLost(context.run)
    raw = context.workspace.raw(run["dataset"])
    store = ArtifactFeatureStore(context.artifacts, run["dataset"], context.workspace.config.pretrained)
    prepared = intake.prepare(
        raw, intake.Preparation.from_json(run["preparation"]), tell=lambda _: context.note_progress(), store=store
    )
    data = to_data(prepared).to("cuda" if torch.cuda.is_available() else "cpu")
    return Case(context, asked, run, context.workspace.result(run["id"]), data, began=time.monotonic())


def _keep(case: Case, part: str, finding: Any) -> None:
    """Add what was found to the result as it is now, and give the result a new revision."""
    run = case.run["id"]

    def store(connection: Connection) -> None:
        repository.lock_run(connection, run)
        add_check(case.context.workspace.result(run), part, finding, case.context.result_writer())
        repository.set_run(connection, run, {"result": secrets.token_hex(4)})
        job_status.mark_done(connection, case.context, {})

    case.context.change(store)
    case.context.artifacts.delete(case.folder)


def _stability(case: Case) -> Stability:
    """The same method and settings from other random starts, then on part of the rows from the run's own."""
    count, usual, repetitions = int(case.asked["repetitions"]), float(case.run["seconds"]), []
    for number in range(2 * count):
        repetitions.append(_repeated(case, number, usual))
        usual = sum(seconds for _, seconds in repetitions) / len(repetitions)
    labels, seconds = [part for part, _ in repetitions], usual * len(repetitions)
    return stability(
        case.result.labels, case.result.k, labels, seeds=count, seconds=seconds, seed=int(case.run["seed"])
    )


def _repeated(case: Case, number: int, usual: float) -> tuple[Ints, float]:
    """The labels of all rows after another training, and its seconds; taken from a worker before that died."""
    seeds = int(case.asked["repetitions"])
    other = number < seeds
    name = f"{case.folder}/{f'start-{case.seed + 1 + number}' if other else f'part-{case.seed + number - seeds}'}.safetensors"
    if (stored := _finished(case, name)) is not None:
        return stored
    began = time.monotonic()

    def tell() -> None:
        within = min(0.97, (time.monotonic() - began) / max(usual, 0.1))
        case.tell(f"Training again, {number + 1} of {2 * seeds}", (number + within) / (2 * seeds))

    if other:
        labels = _trained(case, case.seed + 1 + number, case.data, tell)
    else:
        part = case.data.take(_rows(len(case.data), case.seed + number - seeds))
        labels = _trained(case, int(case.run["seed"]), part, tell)
    seconds = time.monotonic() - began
    case.context.artifacts.write(name, save({"labels": labels, "seconds": np.array([seconds])}))
    return labels, seconds


def _finished(case: Case, name: str) -> tuple[Ints, float] | None:
    """A repetition that is stored; None where there is none. A damaged one is discarded, so that it is made anew."""
    artifacts = case.context.artifacts
    try:
        tensors = load(artifacts.read(name))
        return tensors["labels"], float(tensors["seconds"][0])
    except FileNotFoundError:
        return None
    except (Damaged, SafetensorError, KeyError, ValueError):
        _log.exception("%s is damaged, so it is discarded and made anew", name)
        artifacts.delete(name)
        return None


def _rows(n: int, seed: int) -> torch.Tensor:
    """80 % of the rows in their order."""
    draw = np.random.default_rng(seed).choice(n, max(2, round(SHARE * n)), replace=False)
    return torch.from_numpy(np.sort(draw))


def _trained(case: Case, seed: int, data: Data, tell: Callable[[], None]) -> Ints:
    """A training without a tensor store: neither pretraining nor checkpoints are shared."""
    kind, k = METHODS[case.run["method"]], case.run["n_clusters"]
    knobs = check_knobs(kind.card, case.run["knobs"])
    if k is not None and k > len(data):
        raise InputError(f"80 % of the rows are fewer than {k} groups, so this run cannot be trained on part of them.")
    training = fit(lambda given: kind(given, k, knobs), data, seed=seed, monitor=False)
    while True:
        tell()
        try:
            next(training)
        except StopIteration as end:
            with torch.no_grad():
                return np.ascontiguousarray(end.value.labels(case.data).cpu().numpy(), np.int64)


def _scan(case: Case) -> Any:
    """k-means for many numbers of groups, in the prepared columns and in what the method learned."""
    context, run, columns = case.context, case.run["id"], case.data.x.flatten(1).cpu().numpy()
    # A separation as learned is only measured where something was learned.
    deep = "silhouette_learned" in case.result.metrics
    learned = (
        load_embedding(case.result, lambda name: context.artifacts.read(f"runs/{run}/result/{name}")) if deep else None
    )
    ks = numbers(len(columns), case.result.k, case.asked["most"])
    return scan(columns, learned, ks, seed=case.seed, tell=partial(case.tell, "Trying other numbers of groups"))


def _robustness(case: Case) -> Any:
    """Shifts of the members that aim at another group, beside random ones."""
    method = models.load_method(case.context.artifacts, case.run["id"]).to(case.data.device)
    tell, many = partial(case.tell, "Shifting members a little"), case.asked["members"]
    return robustness(method, case.data, case.result.labels, case.result.k, rows=many, seed=case.seed, tell=tell)


WAYS: dict[str, Callable[[Case], Any]] = {"stability": _stability, "scan": _scan, "robustness": _robustness}
