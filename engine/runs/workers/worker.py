"""A worker: a warm process that claims work of its lane, does it, and leaves when there has been none for a while."""

import importlib
import logging
import os
import secrets
import threading
import time
import traceback
from collections.abc import Callable
from functools import partial
from types import ModuleType
from typing import Any, Protocol

from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError, IntegrityError

from engine.core import code_version
from engine.core.errors import InputError
from engine.runs.config import Config
from engine.runs.db import queue, repository
from engine.runs.db.queue import LANE_OF, REQUEST_KINDS, JobLost, JobStopped, Kind, Lane
from engine.runs.db.schema import disk_full
from engine.runs.executors.local import entry
from engine.runs.files.artifacts import FULL, raise_if_full
from engine.runs.requests import base
from engine.runs.workers import job_status
from engine.runs.workers.job_context import JobContext
from engine.runs.workspace import Workspace

HEARTBEAT_SECONDS = 2.0
"""Seconds between heartbeats."""
POLL_SECONDS = 0.25
"""Seconds between two looks for a stop, or for work."""
IDLE_TIMEOUT = 600.0
"""Seconds without work after which a worker leaves."""
NICENESS = 5
HANGS = (
    "This made no progress for {minutes:.0f} minutes, so it was stopped. Start it again: a training goes on from its last "
    "finished epoch. If it stops at the same place, try fewer rows or another method."
)

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
"""The module that does each kind of work; each is a `JobModule`. Loaded when first needed: they bring torch and UMAP."""


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

    def serve(self, idle: float = IDLE_TIMEOUT) -> None:
        """Claim and do work until there has been none for `idle` seconds, or the worker was given up for dead."""
        threading.Thread(target=self._monitor, daemon=True).start()
        modules = [importlib.import_module(JOB_MODULES[kind]) for kind, lane in LANE_OF.items() if lane == self.lane]
        rested, loaded = time.monotonic(), code_version.stamp()
        while not self._gone.is_set():
            if code_version.stamp() != loaded:  # what it trained now would pass for the work of the new code
                self._make_way()
                break
            if self.once():
                rested = time.monotonic()
            elif modules:  # the first job need not wait for what later ones may use
                _warm_up(modules.pop())
            elif time.monotonic() - rested > idle and self._deregister():
                break
            else:
                time.sleep(POLL_SECONDS)

    def once(self) -> bool:
        """Claim one job and do it; False where none waits."""
        job = self.workspace.store.change(lambda connection: queue.claim(connection, self.id, self.lane))
        if job is None:
            return False
        context = self._context = JobContext(job, self.workspace, self.id)
        try:
            do(context)
        finally:
            self._context = None
        return True

    def _enter(self, entry_id: str | None) -> None:
        change = self.workspace.store.change
        if entry_id is not None and change(lambda connection: queue.claim_entry(connection, entry_id)):
            return
        for slot in range(100, 200):  # started by hand, beside the executor's own
            try:
                change(partial(queue.register, values=entry(self.id, self.lane, slot, os.getpid())))
                return
            except IntegrityError:
                continue

    def _deregister(self) -> bool:
        return self.workspace.store.change(lambda connection: queue.deregister(connection, self.id, self.lane))

    def _make_way(self) -> None:
        """Leave, even if something waits: a worker that loads the sources as they are now is started for it."""
        self._release("had loaded older code")

    def _monitor(self) -> None:
        """Heartbeat, stop flag and hanging jobs, beside the work. Where the store is busy for a moment, the next look counts."""
        last, asked = time.monotonic(), 0.0
        while not self._gone.is_set():
            time.sleep(POLL_SECONDS)
            try:
                self._end_if_hanging()
                if time.monotonic() - last >= HEARTBEAT_SECONDS:
                    last = time.monotonic()
                    self._heartbeat()
                asked = self._check_stop(asked)
            except (DBAPIError, InputError):
                _log.exception("the store did not answer")

    def _heartbeat(self) -> None:
        """Only the job's own thread keeps a heartbeat going: where that hangs, the worker is as good as dead to others."""
        context = self._context
        if context is not None and context.hangs:
            return
        if not self.workspace.store.change(lambda connection: queue.record_heartbeat(connection, self.id)):
            self._gone.set()

    def _end_if_hanging(self) -> None:
        """Fail a job whose thread has stopped moving, and end the process, since a thread cannot be ended from outside."""
        context = self._context
        if context is None or not context.hangs:
            return
        _log.error("%s %s hangs", context.job.kind, context.job.target)
        _fail(context, _module_of(context), HANGS.format(minutes=context.allowed / 60), "ours")
        self._release("hung")
        os._exit(0)

    def _release(self, reason: str) -> None:
        self.workspace.store.change(partial(queue.release_worker, worker=self.id, reason=reason))

    def _check_stop(self, asked: float) -> float:
        """Pass a stop on to the work; end the process where the work does not hear it."""
        context = self._context
        if context is None:
            return 0.0
        with self.workspace.store.read() as connection:
            if not queue.is_stop_requested(connection, context.job):
                return 0.0
        context.stop.set()
        asked = asked or time.monotonic()
        if time.monotonic() - asked > context.stop_timeout and self._context is context:
            self._release("did not stop in time")
            _clean_up(context)
            os._exit(0)
        return asked


def _warm_up(module: ModuleType) -> None:
    """Let a module load what its job does not always need, while nothing waits."""
    getattr(module, "warm_up", lambda: None)()


def do(context: JobContext) -> None:
    """Do one job; whatever goes wrong is kept as a sentence for the user and a traceback for the operator."""
    module = _module_of(context)
    try:
        _translated(module.work, context)
    except JobLost:
        _clean_up(context)
    except JobStopped:
        _end(context, lambda: job_status.mark_stopped(context))
    except InputError as fault:
        _fail(context, module, str(fault), "ours" if str(fault) == FULL else "input")
    except MemoryError:
        _fail(
            context,
            module,
            "There is not enough memory for this. Try fewer rows, smaller pictures or a smaller batch.",
            "ours",
        )
    except Exception:
        _log.exception("%s %s failed", context.job.kind, context.job.target)
        _keep_traceback(context)
        _fail(
            context,
            module,
            "Something went wrong on our side. The details were kept for whoever runs this server.",
            "ours",
        )


def _translated(work: Callable[[JobContext], None], context: JobContext) -> None:
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


def _module_of(context: JobContext) -> JobModule:
    return importlib.import_module(JOB_MODULES[context.job.kind])


def _fail(context: JobContext, module: JobModule, sentence: str, fault: str) -> None:
    _end(context, lambda: module.fail(context, sentence, fault))


def _end(context: JobContext, mark: Callable[[], None]) -> None:
    try:
        mark()
    except JobLost:
        _clean_up(context)


def _clean_up(context: JobContext) -> None:
    """The job was taken away: where its run was deleted, or what was asked of it, what was made of it goes too."""
    if context.job.kind == "import":
        return

    def discard(connection: Connection) -> tuple[Any, Any]:
        run = repository.run_row(connection, context.run)
        request = base.find(connection, context.job.target)
        if run is None or (context.job.kind in REQUEST_KINDS and request is None):
            queue.discard(connection, context.worker, context.job)
        return run, request

    run, request = context.store.change(discard)
    if run is None:
        context.artifacts.delete(f"runs/{context.run}")
    elif request is None and context.job.target != context.run:
        context.artifacts.delete(base.folder(context.artifacts, context.job.target))


def _keep_traceback(context: JobContext) -> None:
    target = context.job.target
    name = base.folder(context.artifacts, target) if context.job.kind in REQUEST_KINDS else f"runs/{target}"
    name = f"imports/{target}" if context.job.kind == "import" else name
    try:
        context.artifacts.write(f"{name}/trouble.txt", traceback.format_exc().encode())
    except (OSError, InputError):
        _log.exception("the traceback could not be kept")


def main(lane: Lane, entry_id: str | None) -> None:
    """A worker process, from its start to its end."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    os.nice(NICENESS if lane in queue.WARM_LANES else 2 * NICENESS)
    if lane == "map":
        os.environ.setdefault("NUMBA_NUM_THREADS", "1")
        # What UMAP needs is compiled once for this installation, not once for each worker.
        os.environ.setdefault("NUMBA_CACHE_DIR", str(Config.of(os.environ).home / "compiled"))
    Worker(Workspace.open(), lane, entry_id).serve()
