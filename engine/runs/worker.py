"""A worker: a warm process that claims work of its lane, does it, and leaves when there has been none for a while."""

import importlib
import logging
import os
import secrets
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Protocol

from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError, IntegrityError

from engine.errors import InputError
from engine.runs import doing, errands, ledger, queue
from engine.runs.artifacts import FULL, Artifacts, raise_if_full
from engine.runs.executors.local import entry
from engine.runs.places import Places
from engine.runs.queue import ERRANDS, LANE_OF, Job, Kind, Lane, Lost, Stopped
from engine.runs.store import Store, disk_full
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

DOES: dict[Kind, str] = {
    "import": "engine.runs.importing",
    "train": "engine.runs.training",
    "project": "engine.runs.projecting",
    "examine": "engine.runs.examining",
    "layout": "engine.runs.laying",
    "apply": "engine.runs.applying",
    "export": "engine.runs.exporting",
}
"""The module that does each kind of work; each has `work(desk)`. Loaded when first needed: they bring torch and UMAP."""


@dataclass
class Desk:
    """What somebody who works on a job may use."""

    job: Job
    workspace: Workspace
    worker: str
    stop: threading.Event = field(default_factory=threading.Event)

    @property
    def store(self) -> Store:
        """The workspace's store."""
        return self.workspace.store

    @property
    def artifacts(self) -> Artifacts:
        """The workspace's artifacts."""
        return self.workspace.artifacts

    @property
    def run(self) -> str:
        """The run that the job is about; of an errand, the one that it was asked of."""
        return self.job.target.partition(".")[0]

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A transaction that only goes through while the job is this worker's; `Lost` where it is not."""
        with self.store.write() as connection:
            queue.hold(connection, self.worker, self.job)
            yield connection

    def result_writer(self) -> Callable[[str, bytes], None]:
        """Writes parts of the result of the run that the job is about."""
        return lambda name, content: self.artifacts.write(f"runs/{self.run}/result/{name}", content)


class Trade(Protocol):
    """A module that does one kind of work."""

    def work(self, desk: Desk) -> None:
        """Do the job to its end, and say so in the store."""

    def fail(self, desk: Desk, sentence: str, fault: str) -> None:
        """Say in the store why the job could not be done; `fault` is "input" or "ours"."""


class Worker:
    """One lane's worker. `entry_id` is the row that the executor reserved; without it the worker enters itself."""

    def __init__(self, workspace: Workspace, lane: Lane, entry_id: str | None = None) -> None:
        self.workspace, self.lane = workspace, lane
        self.id = entry_id or secrets.token_hex(8)
        self._desk: Desk | None = None
        self._gone = threading.Event()
        self._enter(entry_id)

    def serve(self, idle: float = IDLE) -> None:
        """Claim and do work until there has been none for `idle` seconds, or the worker was given up for dead."""
        threading.Thread(target=self._pulse, daemon=True).start()
        for kind in LANE_OF:
            if LANE_OF[kind] == self.lane:
                importlib.import_module(DOES[kind])
        rested = time.monotonic()
        while not self._gone.is_set():
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
        desk = self._desk = Desk(job, self.workspace, self.id)
        try:
            do(desk)
        finally:
            self._desk = None
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
        desk = self._desk
        if desk is None:
            return 0.0
        with self.workspace.store.read() as connection:
            if not queue.stopping(connection, desk.job):
                return 0.0
        desk.stop.set()
        asked = asked or time.monotonic()
        if time.monotonic() - asked > PATIENCE and self._desk is desk:
            with self.workspace.store.write() as connection:
                queue.bury(connection, self.id, "did not stop in time")
            _tidy(desk)
            os._exit(0)
        return asked


def do(desk: Desk) -> None:
    """Do one job; whatever goes wrong is kept as a sentence for the user and a traceback for the operator."""
    trade: Trade = importlib.import_module(DOES[desk.job.kind])
    try:
        _plainly(trade.work, desk)
    except Lost:
        _tidy(desk)
    except Stopped:
        _end(desk, lambda: doing.stopped(desk))
    except InputError as fault:
        _fail(desk, trade, str(fault), "ours" if str(fault) == FULL else "input")
    except MemoryError:
        _fail(
            desk,
            trade,
            "There is not enough memory for this. Try fewer rows, smaller pictures or a smaller batch.",
            "ours",
        )
    except Exception:
        _log.exception("%s %s failed", desk.job.kind, desk.job.target)
        _keep_trouble(desk)
        _fail(
            desk, trade, "Something went wrong on our side. The details were kept for whoever runs this server.", "ours"
        )


def _plainly(work: Callable[[Desk], None], desk: Desk) -> None:
    """Do the work; the many ways to run out of disk or memory become one error each."""
    try:
        work(desk)
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


def _fail(desk: Desk, trade: Trade, sentence: str, fault: str) -> None:
    _end(desk, lambda: trade.fail(desk, sentence, fault))


def _end(desk: Desk, said: Callable[[], None]) -> None:
    try:
        said()
    except Lost:
        _tidy(desk)


def _tidy(desk: Desk) -> None:
    """The job was taken away: where its run was deleted, or what was asked of it, what was made of it goes too."""
    if desk.job.kind == "import":
        return
    with desk.store.write() as connection:
        run = ledger.run_row(connection, desk.run)
        errand = errands.find(connection, desk.job.target)
        if run is None or (desk.job.kind in ERRANDS and errand is None):
            queue.drop(connection, desk.worker, desk.job)
    if run is None:
        desk.artifacts.delete(f"runs/{desk.run}")
    elif errand is None and desk.job.target != desk.run:
        desk.artifacts.delete(errands.place(desk.job.target))


def _keep_trouble(desk: Desk) -> None:
    target = desk.job.target
    name = errands.place(target) if desk.job.kind in ERRANDS else f"runs/{target}"
    name = f"imports/{target}" if desk.job.kind == "import" else name
    try:
        desk.artifacts.write(f"{name}/trouble.txt", traceback.format_exc().encode())
    except (OSError, InputError):
        _log.exception("the traceback could not be kept")


def main(lane: Lane, entry_id: str | None) -> None:
    """A worker process, from its first breath to its last."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    os.nice(NICER if lane in queue.WARM else 2 * NICER)
    if lane == "map":
        os.environ.setdefault("NUMBA_NUM_THREADS", "1")
        # What UMAP needs is compiled once for this installation, not once for each worker.
        os.environ.setdefault("NUMBA_CACHE_DIR", str(Places.of(os.environ).home / "compiled"))
    Worker(Workspace.open(), lane, entry_id).serve()
