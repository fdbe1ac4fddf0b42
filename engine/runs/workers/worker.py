"""A worker: a warm process that claims work of its lane, does it, and leaves when there has been none for a while."""

import importlib
import logging
import os
import secrets
import threading
import time
import traceback
from collections.abc import Callable
from typing import Protocol

from sqlalchemy.exc import DBAPIError, IntegrityError

from engine.core import code_version
from engine.core.errors import InputError
from engine.runs.config import Config
from engine.runs.db import queue, repository
from engine.runs.db.queue import LANE_OF, REQUEST_KINDS, Kind, Lane, Lost, Stopped
from engine.runs.db.schema import disk_full
from engine.runs.executors.local import entry
from engine.runs.files.artifacts import FULL, raise_if_full
from engine.runs.requests import base
from engine.runs.workers import job_status
from engine.runs.workers.job_context import JobContext
from engine.runs.workspace import Workspace

BEAT = 2.0
"""Seconds between heartbeats."""
LISTEN = 0.25
"""Seconds between two looks for a stop, or for work."""
PATIENCE = 1.25
"""Seconds that a training may take to notice a stop; after that the worker ends itself, and a new one is started."""
IDLE = 600.0
"""Seconds without work after which a worker leaves."""
NICER = 5

_log = logging.getLogger("constella.workers")

JOB_MODULES: dict[Kind, str] = {
    "import": "engine.runs.workers.import_job",
    "train": "engine.runs.workers.train_job",
    "umap": "engine.runs.workers.umap_job",
    "evaluate": "engine.runs.workers.evaluate_job",
    "tsne": "engine.runs.workers.tsne_job",
    "predict": "engine.runs.workers.predict_job",
    "export": "engine.runs.workers.export_job",
}
"""The module that does each kind of work; each has `work(desk)`. Loaded when first needed: they bring torch and UMAP."""


class JobModule(Protocol):
    """A module that does one kind of work."""

    def work(self, context: JobContext) -> None:
        """Do the job to its end, and say so in the store."""

    def fail(self, context: JobContext, sentence: str, fault: str) -> None:
        """Say in the store why the job could not be done; `fault` is "input" or "ours"."""


class Worker:
    """One lane's worker. `entry_id` is the row that the executor reserved; without it the worker enters itself."""

    def __init__(self, workspace: Workspace, lane: Lane, entry_id: str | None = None) -> None:
        self.workspace, self.lane = workspace, lane
        self.id = entry_id or secrets.token_hex(8)
        self._context: JobContext | None = None
        self._gone = threading.Event()
        self._enter(entry_id)

    def serve(self, idle: float = IDLE) -> None:
        """Claim and do work until there has been none for `idle` seconds, or the worker was given up for dead."""
        threading.Thread(target=self._pulse, daemon=True).start()
        for kind in LANE_OF:
            if LANE_OF[kind] == self.lane:
                importlib.import_module(JOB_MODULES[kind])
        rested, loaded = time.monotonic(), code_version.stamp()
        while not self._gone.is_set():
            if code_version.stamp() != loaded:  # what it trained now would pass for the work of the new code
                self._make_way()
                break
            if self.once():
                rested = time.monotonic()
            elif time.monotonic() - rested > idle and self._leave():
                break
            else:
                time.sleep(LISTEN)

    def once(self) -> bool:
        """Claim one job and do it; False where none waits."""
        with self.workspace.store.write() as connection:
            job = queue.claim(connection, self.id, self.lane)
        if job is None:
            return False
        context = self._context = JobContext(job, self.workspace, self.id)
        try:
            do(context)
        finally:
            self._context = None
        return True

    def _enter(self, entry_id: str | None) -> None:
        with self.workspace.store.write() as connection:
            if entry_id is not None and queue.arrive(connection, entry_id):
                return
        for slot in range(100, 200):  # worked by hand, beside the executor's own posts
            try:
                with self.workspace.store.write() as connection:
                    queue.register(connection, entry(self.id, self.lane, slot, os.getpid()))
                return
            except IntegrityError:
                continue

    def _leave(self) -> bool:
        with self.workspace.store.write() as connection:
            return queue.leave(connection, self.id, self.lane)

    def _make_way(self) -> None:
        """Leave, even if something waits: a worker that loads the sources as they are now is started for it."""
        with self.workspace.store.write() as connection:
            queue.bury(connection, self.id, "had loaded older code")

    def _pulse(self) -> None:
        """Heartbeat and stop flag, beside the work. The store may be busy for a moment: then the next beat counts."""
        beaten, asked = time.monotonic(), 0.0
        while not self._gone.is_set():
            time.sleep(LISTEN)
            try:
                if time.monotonic() - beaten >= BEAT:
                    beaten = time.monotonic()
                    self._beat()
                asked = self._listen(asked)
            except DBAPIError:
                _log.exception("the store did not answer")

    def _beat(self) -> None:
        with self.workspace.store.write() as connection:
            if not queue.beat(connection, self.id):
                self._gone.set()

    def _listen(self, asked: float) -> float:
        """Pass a stop on to the work; end the process where the work does not hear it."""
        context = self._context
        if context is None:
            return 0.0
        with self.workspace.store.read() as connection:
            if not queue.stopping(connection, context.job):
                return 0.0
        context.stop.set()
        asked = asked or time.monotonic()
        if time.monotonic() - asked > PATIENCE and self._context is context:
            with self.workspace.store.write() as connection:
                queue.bury(connection, self.id, "did not stop in time")
            _tidy(context)
            os._exit(0)
        return asked


def do(context: JobContext) -> None:
    """Do one job; whatever goes wrong is kept as a sentence for the user and a traceback for the operator."""
    trade: JobModule = importlib.import_module(JOB_MODULES[context.job.kind])
    try:
        _plainly(trade.work, context)
    except Lost:
        _tidy(context)
    except Stopped:
        _end(context, lambda: job_status.stopped(context))
    except InputError as fault:
        _fail(context, trade, str(fault), "ours" if str(fault) == FULL else "input")
    except MemoryError:
        _fail(
            context,
            trade,
            "There is not enough memory for this. Try fewer rows, smaller pictures or a smaller batch.",
            "ours",
        )
    except Exception:
        _log.exception("%s %s failed", context.job.kind, context.job.target)
        _keep_trouble(context)
        _fail(
            context,
            trade,
            "Something went wrong on our side. The details were kept for whoever runs this server.",
            "ours",
        )


def _plainly(work: Callable[[JobContext], None], context: JobContext) -> None:
    """Do the work; the many ways to run out of disk or memory become one error each."""
    try:
        work(context)
    except OSError as fault:
        raise_if_full(fault)
        raise
    except DBAPIError as fault:
        if disk_full(fault):
            raise InputError(FULL) from fault
        raise
    except RuntimeError as fault:  # torch says it in words only
        if "out of memory" in str(fault) or "can't allocate memory" in str(fault):
            raise MemoryError from fault
        raise


def _fail(context: JobContext, trade: JobModule, sentence: str, fault: str) -> None:
    _end(context, lambda: trade.fail(context, sentence, fault))


def _end(context: JobContext, said: Callable[[], None]) -> None:
    try:
        said()
    except Lost:
        _tidy(context)


def _tidy(context: JobContext) -> None:
    """The job was taken away: where its run was deleted, or what was asked of it, what was made of it goes too."""
    if context.job.kind == "import":
        return
    with context.store.write() as connection:
        run = repository.run_row(connection, context.run)
        request = base.find(connection, context.job.target)
        if run is None or (context.job.kind in REQUEST_KINDS and request is None):
            queue.drop(connection, context.worker, context.job)
    if run is None:
        context.artifacts.delete(f"runs/{context.run}")
    elif request is None and context.job.target != context.run:
        context.artifacts.delete(base.place(context.job.target))


def _keep_trouble(context: JobContext) -> None:
    target = context.job.target
    name = base.place(target) if context.job.kind in REQUEST_KINDS else f"runs/{target}"
    name = f"imports/{target}" if context.job.kind == "import" else name
    try:
        context.artifacts.write(f"{name}/trouble.txt", traceback.format_exc().encode())
    except (OSError, InputError):
        _log.exception("the traceback could not be kept")


def main(lane: Lane, entry_id: str | None) -> None:
    """A worker process, from its first breath to its last."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    os.nice(NICER if lane in queue.WARM else 2 * NICER)
    if lane == "map":
        os.environ.setdefault("NUMBA_NUM_THREADS", "1")
        # What UMAP needs is compiled once for this installation, not once for each worker.
        os.environ.setdefault("NUMBA_CACHE_DIR", str(Config.of(os.environ).home / "compiled"))
    Worker(Workspace.open(), lane, entry_id).serve()
