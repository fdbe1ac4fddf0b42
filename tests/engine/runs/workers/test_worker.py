"""The worker itself: a job that hangs is noticed, and one that is only slow is left alone."""

import json
import multiprocessing
import os
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from engine.api.catalogue import catalogue
from engine.core.snapshot import Snapshot
from engine.results.record.history import moments
from engine.runs import Settings, Workspace
from engine.runs.db import queue, repository
from engine.runs.db.schema import jobs, workers
from engine.runs.workers import job_context, train_job
from engine.runs.workers.job_context import OPERATION_TIMEOUT, STEP_TIMEOUT, JobContext
from engine.runs.workers.run_logger import RunLogger
from engine.runs.workers.worker import JOB_MODULES, Worker, main

fail = train_job.fail


def work(context: JobContext) -> None:
    """A job whose thread stops moving after its first step."""
    context.note_progress(allow=0.5)
    threading.Event().wait(600)


def _serve_hanging(home: str) -> None:
    os.environ["CONSTELLA_HOME"] = home
    JOB_MODULES["train"] = "tests_hanging"
    sys.modules["tests_hanging"] = sys.modules[__name__]
    main("train", None)


def _submit(space: Workspace) -> str:
    return space.submit(Settings(space.datasets()[0].id, "kmeans", 10, knobs={"restarts": 2})).id


def test_a_job_that_hangs_is_failed_in_a_sentence_and_its_process_ends(digits: Workspace) -> None:
    run = _submit(digits)
    worker = multiprocessing.get_context("spawn").Process(
        target=_serve_hanging, args=(str(digits.config.home),), daemon=True
    )
    worker.start()
    worker.join(240)
    assert worker.exitcode == 0
    record = digits.run(run)
    assert (record.state, record.fault) == ("failed", "ours")
    assert "made no progress" in record.sentence
    assert "goes on from its last finished epoch" in record.sentence
    with digits.store.read() as connection:
        assert connection.execute(select(workers)).all() == connection.execute(select(jobs)).all() == []
    assert digits.retry(run).state == "queued"


@pytest.fixture
def context(digits: Workspace) -> JobContext:
    _submit(digits)
    worker = Worker(digits, "train")
    with digits.store.write() as connection:
        job = queue.claim(connection, worker.id, "train")
    assert job is not None
    worker._context = JobContext(job, digits, worker.id)
    worker._context.worker_object = worker  # type: ignore[attr-defined]
    return worker._context


def _later(monkeypatch: pytest.MonkeyPatch, seconds: float) -> None:
    real = time.monotonic()
    monkeypatch.setattr(job_context.time, "monotonic", lambda: real + seconds)


def test_the_heartbeat_ends_with_the_job_s_own_thread(context: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    worker, store = context.worker_object, context.store

    def heartbeat() -> float:
        worker._heartbeat()
        with store.read() as connection:
            return float(connection.execute(select(workers.c.heartbeat)).scalar_one())

    context.note_progress(STEP_TIMEOUT)
    first = heartbeat()
    time.sleep(0.02)
    second = heartbeat()
    assert second > first
    _later(monkeypatch, STEP_TIMEOUT + 1)
    assert context.hangs
    time.sleep(0.02)
    assert heartbeat() == second
    context.note_progress(STEP_TIMEOUT)
    assert not context.hangs
    assert heartbeat() > second


def test_only_a_step_must_be_quick(context: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between stages, before the first and after the last, a plan may do what takes hours."""
    with context.store.read() as connection:
        row = repository.run_row(connection, context.job.target)
    assert row is not None
    logger = RunLogger(context, row, None)
    allowed = []
    logger.set_stage("Preparing the data")
    allowed.append(context.allowed)
    for epoch in (1, 2):
        logger.log(
            Snapshot(
                "cluster", "Clustering", epoch=epoch, epochs=2, stages_done=0, progress=epoch / 2, seconds=1.0 * epoch
            )
        )
        allowed.append(context.allowed)
    assert allowed == [OPERATION_TIMEOUT, STEP_TIMEOUT, OPERATION_TIMEOUT]
    _later(monkeypatch, STEP_TIMEOUT + 1)
    assert not context.hangs


def test_a_training_that_goes_back_forgets_what_it_undid(context: Any) -> None:
    with context.store.read() as connection:
        row = repository.run_row(connection, context.job.target)
    assert row is not None
    logger, note = RunLogger(context, row, None), "The groups ran together."

    def log(stage: str, done: int, epoch: int, *notes: str, **report: float) -> None:
        terms = {} if report else {"error": 1.0}
        logger.log(Snapshot(stage, stage, epoch, 3, done, epoch / 3, 1.0, terms, report, notes=notes))

    for epoch in (1, 2, 3):
        log("pretrain", 0, epoch)
    for done in (1, 2):
        log("cluster", done, 1)
    log("pretrain", 0, 3, note, reused=1.0)
    log("cluster", 1, 1, note)
    logger.flush()
    with context.store.read() as connection:
        course = repository.history(connection, row["id"])
    assert [(one["stage"], one["epoch"], one["seq"]) for one in course] == [
        ("pretrain", 1, 1),
        ("pretrain", 2, 2),
        ("pretrain", 3, 3),
        ("cluster", 1, 4),
    ]
    assert [moment.notes for moment in moments(course)] == [(), (), (note,), (note,)]


SIX_ROWS = """
import json, sys
from engine.runs import Settings, Workspace
from engine.runs.workers.worker import Worker

space = Workspace.open()
space.add("{path}")
assert Worker(space, "light").once()
run = space.submit(Settings(space.datasets()[0].id, "kmeans", 2)).id
assert Worker(space, "train").once()
assert space.run(run).state == "done", space.run(run)
print(json.dumps(sorted(sys.modules)))
"""


def test_k_means_loads_nothing_that_other_methods_need(tmp_path: Path) -> None:
    catalogue()  # the cards are made once for an installation, from every method
    rows = tmp_path / "six.csv"
    rows.write_text("a,b\n" + "".join(f"{i},{10 * (i % 2)}\n" for i in range(6)))
    environment = os.environ | {"CONSTELLA_HOME": str(tmp_path / "home")}
    made = subprocess.run(
        [sys.executable, "-c", SIX_ROWS.format(path=rows)], env=environment, capture_output=True, text=True, check=True
    )
    loaded = set(json.loads(made.stdout.splitlines()[-1]))
    assert loaded >= {"torch", "engine.methods.kmeans"}
    assert not loaded & {"torch._dynamo", "umap", "numba", "onnx", "onnxruntime", "torchvision", "plotly", "sympy"}
    methods = {name.removeprefix("engine.methods.") for name in loaded if name.startswith("engine.methods.")}
    assert methods == {"kmeans"}


def test_an_idle_worker_loads_the_rest(digits: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    warmed, run = [], _submit(digits)
    worker = Worker(digits, "train")

    def warm_up() -> None:
        warmed.append(digits.run(run).state)

    monkeypatch.setattr(train_job, "warm_up", warm_up)
    worker.serve(idle=0.0)
    assert warmed == ["done"], "once, after what waited"
