"""The train lane's work: a run from its settings to its stored result."""

import secrets
import time
from collections.abc import Mapping
from importlib import import_module
from typing import Any

import torch
from sqlalchemy.engine import Connection, RowMapping

from engine import intake
from engine.api.loading import to_data
from engine.core.card import Card, check_knobs
from engine.core.data import Data
from engine.core.errors import InputError
from engine.core.formatting import format_bytes, format_list
from engine.core.method import Method
from engine.inference.outcome import evaluate
from engine.inspection import outliers
from engine.intake import Prepared, Raw
from engine.intake.limits import free_memory
from engine.methods import METHODS
from engine.portfolio.card import AUTO
from engine.results import Result, save_result
from engine.results.build import build
from engine.runs.db import queue, repository
from engine.runs.db.records import DESCRIBING, ENCODING, PREPARING, Record
from engine.runs.files import models
from engine.runs.files.features import ArtifactFeatureStore
from engine.runs.files.tensor_store import ArtifactTensorStore
from engine.runs.workers import search_job
from engine.runs.workers.job_context import JobContext
from engine.runs.workers.run_logger import RunLogger
from engine.runs.workers.trained import Trained
from engine.training.trainer import fit

MOST_ON_UMAP = 1_000_000
"""Members up to which a map is made by UMAP; to place more takes hours, and PCA shows them."""
HELD = 2
"""Copies of the data that methods hold which need all rows at once."""


def warm_up() -> None:
    """Load what most methods need and k-means does not: every method, and what torch's first optimizer would load by itself."""
    import_module("torch._dynamo")
    for method in METHODS:
        METHODS[method]


def work(context: JobContext) -> None:
    """Train, conclude, describe and store; stop where the user asked for it."""
    with context.store.read() as connection:
        run = repository.run_row(connection, context.job.target)
        prior = None if run is None else repository.last_alike(connection, run)
    if run is None:
        raise queue.JobLost(context.job.target)
    run_logger = RunLogger(context, run, prior)
    run_logger.set_stage(PREPARING)
    raw = context.workspace.raw(run["dataset"])
    try:
        if run["method"] == AUTO:
            done, chosen = search_job.search(context, run, raw, run_logger)
        else:
            done, chosen = _trained(context, run, raw, run_logger), {}
    except queue.JobStopped:
        _stopped(context)
        return
    began = time.monotonic()
    run_logger.set_stage(DESCRIBING)
    with context.store.read() as connection:
        history = repository.history(connection, run["id"])
    outcome = outliers.with_member_scores(done.method, done.data, done.outcome)
    read = done.prepared.recipe.cleaned(raw)  # what is no number must not be explained as one
    settings: dict[str, Any] = {**run, **chosen}
    result = build(
        outcome,
        done.prepared,
        read,
        card=done.method.card,
        n_clusters=settings["n_clusters"],
        seed=run["seed"],
        seconds=done.seconds,
        history=history,
    )
    models.save_model(context.artifacts, settings, done.method, outcome.labels, done.prepared)
    _keep(context, settings, result, run_logger.forecast.timings(time.monotonic() - began), chosen)


def _trained(context: JobContext, run: RowMapping, raw: Raw, run_logger: RunLogger) -> Trained:
    """The method of the run's settings, trained; `JobStopped` where the user asked for it."""
    prepared = _prepared(context, run, raw, run_logger)
    _check_memory(METHODS[run["method"]].card, prepared)
    data = _data(prepared, raw, run["n_clusters"])
    method = _train(context, run, data, run_logger)
    if method is None:
        raise queue.JobStopped(context.job.target)
    return Trained(method, data, evaluate(method, data), prepared, time.time() - run["started"])


def fail(context: JobContext, sentence: str, fault: str) -> None:
    """Say why the run failed; its history stays, a half-written result does not."""
    for part in ("result", models.MODEL):
        context.artifacts.delete(f"runs/{context.job.target}/{part}")
    values = {"state": "failed", "sentence": sentence, "fault": fault}
    context.store.change(lambda connection: _end(connection, context, values))


def _prepared(context: JobContext, run: RowMapping, raw: Raw, run_logger: RunLogger) -> Prepared:
    """The prepared data; features are made once for a dataset. `JobStopped` where the user asked for it meanwhile."""

    def tell(share: float) -> None:
        if context.stop.is_set():
            raise queue.JobStopped(context.job.target)
        run_logger.set_progress(ENCODING, share)

    store = ArtifactFeatureStore(context.artifacts, run["dataset"], context.workspace.config.pretrained)
    return intake.prepare(raw, intake.Preparation.from_json(run["preparation"]), tell=tell, store=store)


def _check_memory(card: Card, prepared: Prepared) -> None:
    """InputError where the data do not fit into memory and the method needs all of them at once."""
    free, needed = free_memory(), HELD * prepared.x.nbytes
    if card.streams or free is None or needed <= free:
        return
    others = format_list([METHODS[name].card.called for name in METHODS if METHODS[name].card.streams][:3], "or")
    raise InputError(
        f"{card.name} needs all rows in memory at once, about {format_bytes(needed)}, and {format_bytes(free)} are free here. "
        f"Choose a method that learns from large data piece by piece, such as {others}, or fewer rows or columns."
    )


def _data(prepared: Prepared, raw: Raw, k: int | None) -> Data:
    if k is not None and k > len(prepared.x):
        raise InputError(f"{k} groups are more than the {len(prepared.x)} rows that take part. Choose fewer groups.")
    return to_data(prepared, raw).to("cuda" if torch.cuda.is_available() else "cpu")


def _train(context: JobContext, run: RowMapping, data: Data, run_logger: RunLogger) -> Method | None:
    """The trained method; None where the user stopped it."""
    kind = METHODS[run["method"]]
    knobs = check_knobs(kind.card, run["knobs"])
    budget = context.workspace.config.pretrained
    tensor_store = ArtifactTensorStore(context.artifacts, run["id"], run["dataset"], run_logger.flush, budget)
    training = fit(lambda data: kind(data, run["n_clusters"], knobs), data, seed=run["seed"], tensor_store=tensor_store)
    while not context.stop.is_set():
        try:
            run_logger.log(next(training))
        except StopIteration as end:
            run_logger.flush()
            trained: Method = end.value
            return trained
    training.close()
    run_logger.flush()
    return None


def _stopped(context: JobContext) -> None:
    values = {"state": "stopped", "sentence": "Stopped."}
    context.store.change(lambda connection: _end(connection, context, values))


def _end(connection: Connection, context: JobContext, values: Record) -> None:
    """Take the job off the queue and note how its run ended."""
    queue.finish(connection, context.worker, context.job)
    ended = {"ended": time.time(), "eta": None, "stopping": False}
    repository.set_run(connection, context.job.target, ended | values)


def _keep(context: JobContext, run: Mapping[str, Any], result: Result, timings: Record, chosen: Record) -> None:
    """Store everything, then say in one transaction that it is there, with the settings that a search has chosen."""
    folder = f"runs/{run['id']}/result"
    save_result(result, lambda name, content: context.artifacts.write(f"{folder}/{name}", content))
    now = time.time()
    values: dict[str, Any] = chosen | {
        "state": "done",
        "ended": now,
        "seconds": now - run["started"],
        "stage": "",
        "stage_title": "",
        "progress": 1.0,
        "summary": summary(result),
        "timings": timings,
        "result": secrets.token_hex(4),
    }

    def store(connection: Connection) -> None:
        queue.lock_own(connection, context.worker, context.job)
        if len(result) <= MOST_ON_UMAP:
            queue.enqueue(connection, "umap", run["id"])
        _end(connection, context, values)

    context.store.change(store)
    ArtifactTensorStore(context.artifacts, run["id"], run["dataset"]).drop("checkpoint")


def summary(result: Result) -> Record:
    """What a list of runs and the command line show without opening the result."""
    baseline = result.baseline
    return {
        "n": len(result),
        "k": result.k,
        "sizes": result.sizes.tolist(),
        "unassigned": result.unassigned,
        "metrics": dict(result.metrics),
        "baseline": {} if baseline is None else dict(baseline.metrics),
        "standing": "unknown" if baseline is None else baseline.standing,
        "verdict": result.verdict,
    }
