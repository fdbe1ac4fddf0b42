"""What the module that does a job is given: the job, the workspace, and how to write while the job is still its own."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from sqlalchemy.engine import Connection

from engine.runs.db import queue
from engine.runs.db.queue import Job
from engine.runs.db.schema import Store
from engine.runs.files.artifacts import Artifacts
from engine.runs.workspace import Workspace


@dataclass
class JobContext:
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
        """The run that the job is about; of a request, the one that it was asked of."""
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
