"""What the module that does a job is given: the job, the workspace, and how to write while the job is still its own."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from sqlalchemy.engine import Connection

from engine.runs.db import queue
from engine.runs.db.queue import Job
from engine.runs.db.schema import Store
from engine.runs.executors.local import HANG_TIMEOUT
from engine.runs.files.artifacts import Artifacts
from engine.runs.workspace import Workspace

T = TypeVar("T")

STEP_TIMEOUT = 1800.0
"""Seconds that training may go without a step before it is taken to hang: steps take milliseconds, the slowest a few minutes."""
STOP_TIMEOUT = 1.25
"""Seconds that a job may take to notice a stop; after that the worker ends itself, and a new one is started."""
OPERATION_TIMEOUT = HANG_TIMEOUT
"""Seconds that one long operation without steps may take: reading a file, UMAP, k-means or a spectral step on many rows."""


@dataclass
class JobContext:
    """A job, the workspace it is part of, and the worker that has it.

    A job's own thread notes its progress, and says by `allow` how long it may be until the next: `OPERATION_TIMEOUT` unless it
    is between two training steps. Where nothing was noted for longer, the job hangs and the worker ends it. One that has
    something to keep when it is stopped asks for a longer `stop_timeout`.
    """

    job: Job
    workspace: Workspace
    worker: str
    stop: threading.Event = field(default_factory=threading.Event)
    stop_timeout: float = STOP_TIMEOUT
    _noted: float = field(default_factory=time.monotonic)
    _allowed: float = OPERATION_TIMEOUT

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
        """The run that the job is about; of a request, the one that it was asked of."""
        return self.job.target.partition(".")[0]

    @property
    def hangs(self) -> bool:
        """Whether the job has noted no progress for longer than it may."""
        return time.monotonic() - self._noted > self._allowed

    @property
    def allowed(self) -> float:
        """Seconds that may pass before the job notes progress again."""
        return self._allowed

    def note_progress(self, allow: float = OPERATION_TIMEOUT) -> None:
        """Note that the job has come further; `allow` is how many seconds it may take until it does so again."""
        self._noted, self._allowed = time.monotonic(), allow

    def change(self, action: Callable[[Connection], T]) -> T:
        """A transaction that only goes through while the job is this worker's; `queue.JobLost` where it is not.

        `action` may be called again where the transaction collides with another (`Store.change`).
        """

        def locked(connection: Connection) -> T:
            queue.lock_own(connection, self.worker, self.job)
            return action(connection)

        return self.store.change(locked)

    def result_writer(self) -> Callable[[str, bytes], None]:
        """Writes parts of the result of the run that the job is about."""
        return lambda name, content: self.artifacts.write(f"runs/{self.run}/result/{name}", content)
