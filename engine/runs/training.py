"""The train lane's work: a run from its settings to its stored result."""

import secrets
import time
from typing import Any

import torch
import torch._dynamo  # the first optimizer would load it, seconds into the first run
from sqlalchemy.engine import RowMapping

from engine import intake, members
from engine.card import check_knobs
from engine.data import Data
from engine.errors import InputError
from engine.intake import Prepared, Raw
from engine.method import Method
from engine.methods import METHODS
from engine.outcome import conclude
from engine.reading import to_data
from engine.results import Result, build
from engine.runs import ledger, models, queue
from engine.runs.diary import Diary
from engine.runs.records import Record
from engine.runs.shelf import ArtifactShelf
from engine.runs.worker import Desk
from engine.train import fit

PREPARING = "Preparing the data"
DESCRIBING = "Describing the groups"


def work(desk: Desk) -> None:
    """Train, conclude, describe and store; stop where the user asked for it."""
    with desk.store.read() as connection:
        run = ledger.run_row(connection, desk.job.target)
        prior = None if run is None else ledger.last_alike(connection, run)
    if run is None:
        raise queue.Lost(desk.job.target)
    diary = Diary(desk, run, prior)
    diary.place(PREPARING)
    raw = desk.workspace.raw(run["dataset"])
    prepared = intake.prepare(raw, intake.Preparation.from_json(run["preparation"]))
    data = _data(prepared, raw, run["n_clusters"])
    method = _train(desk, run, data, diary)
    if method is None:
        _stopped(desk)
        return
    began = time.monotonic()
    diary.place(DESCRIBING)
    with desk.store.read() as connection:
        history = ledger.history(connection, run["id"])
    spent = time.time() - run["started"]
    outcome = members.judged(method, data, conclude(method, data))
    result = build(outcome, prepared, raw, card=method.card, seed=run["seed"], seconds=spent, history=history)
    models.keep(desk.artifacts, run, method, outcome.labels, prepared)
    _keep(desk, run, result, diary.forecast.timings(time.monotonic() - began))


def fail(desk: Desk, sentence: str, fault: str) -> None:
    """Say why the run failed; its history stays, a half-written result does not."""
    for part in ("result", models.MODEL):
        desk.artifacts.delete(f"runs/{desk.job.target}/{part}")
    with desk.store.write() as connection:
        queue.finish(connection, desk.worker, desk.job)
        values = {"state": "failed", "sentence": sentence, "fault": fault, "ended": time.time(), "eta": None}
        ledger.set_run(connection, desk.job.target, values | {"stopping": False})


def _data(prepared: Prepared, raw: Raw, k: int | None) -> Data:
    if k is not None and k > len(prepared.x):
        raise InputError(f"{k} groups are more than the {len(prepared.x)} rows that take part. Choose fewer groups.")
    return to_data(prepared, raw).to("cuda" if torch.cuda.is_available() else "cpu")


def _train(desk: Desk, run: RowMapping, data: Data, diary: Diary) -> Method | None:
    """The trained method; None where the user stopped it."""
    kind = METHODS[run["method"]]
    knobs = check_knobs(kind.card, run["knobs"])
    shelf = ArtifactShelf(desk.artifacts, desk.job.target, diary.flush)
    training = fit(lambda data: kind(data, run["n_clusters"], knobs), data, seed=run["seed"], shelf=shelf)
    while not desk.stop.is_set():
        try:
            diary.note(next(training))
        except StopIteration as end:
            diary.flush()
            trained: Method = end.value
            return trained
    training.close()
    diary.flush()
    return None


def _stopped(desk: Desk) -> None:
    with desk.store.write() as connection:
        queue.finish(connection, desk.worker, desk.job)
        values = {"state": "stopped", "sentence": "Stopped.", "ended": time.time(), "eta": None, "stopping": False}
        ledger.set_run(connection, desk.job.target, values)


def _keep(desk: Desk, run: RowMapping, result: Result, timings: Record) -> None:
    """Store everything, then say in one transaction that it is there."""
    place = f"runs/{run['id']}"
    result.save(lambda name, content: desk.artifacts.write(f"{place}/result/{name}", content))
    now = time.time()
    values: dict[str, Any] = {
        "state": "done",
        "stopping": False,
        "ended": now,
        "seconds": now - run["started"],
        "stage": "",
        "progress": 1.0,
        "eta": None,
        "summary": summary(result),
        "timings": timings,
        "result": secrets.token_hex(4),
    }
    with desk.store.write() as connection:
        queue.finish(connection, desk.worker, desk.job)
        ledger.set_run(connection, run["id"], values)
        queue.enqueue(connection, "project", run["id"])
    ArtifactShelf(desk.artifacts, run["id"]).drop("checkpoint")


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
