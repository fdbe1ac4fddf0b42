"""Work requested for a finished run: predicting the groups of another file, exporting a file, evaluating the groups.

One mechanism for all: a row says what was asked, where it stands and what came of it; a job brings it to a worker. It can be
stopped, goes on after its worker's death, and goes when its run goes.
"""

import time
from typing import Any, ClassVar

from sqlalchemy import delete, insert, select, update
from sqlalchemy.engine import Connection

from engine.core.errors import InputError
from engine.runs.db import queue, repository
from engine.runs.db.records import Record, Request, RequestKind
from engine.runs.db.schema import Store, jobs, requests
from engine.runs.files.artifacts import Artifacts

GONE = "This does not exist (any more): it was deleted."


class Requests:
    """Requests of one kind for the finished runs of a workspace; each kind is a subclass that says what can be requested.

    Parameters
    ----------
    store
        Where requests are written down.
    artifacts
        Where their files are.
    """

    kind: ClassVar[RequestKind]

    def __init__(self, store: Store, artifacts: Artifacts) -> None:
        self._store, self._artifacts = store, artifacts

    def find(self, run_id: str, what: str) -> Request | None:
        """A request by its run and what was requested; None where there is none."""
        with self._store.read() as connection:
            return find(connection, name(run_id, what))

    def get(self, request_id: str) -> Request:
        """A request by its id.

        Raises
        ------
        InputError
            Where there is none.
        """
        with self._store.read() as connection:
            request = find(connection, request_id)
        if request is None:
            raise InputError(GONE)
        return request

    def of_run(self, run_id: str) -> list[Request]:
        """All requests of this kind for a run, newest first, the failed ones included."""
        wanted = select(requests).where(requests.c.run == run_id, requests.c.kind == self.kind)
        with self._store.read() as connection:
            rows = connection.execute(wanted.order_by(requests.c.created.desc())).mappings().all()
        return [Request(**row) for row in rows]

    def position(self, request_id: str) -> int:
        """Number of jobs of the same lane that are before it; 0 is next, at work or ended."""
        with self._store.read() as connection:
            return queue.jobs_ahead(connection, self.kind, request_id)

    def stop(self, request_id: str) -> None:
        """Stop it: at once while it waits, within two seconds while a worker is at it. What has ended stays as it is."""
        self._store.change(lambda connection: _ask_to_stop(connection, self.kind, request_id))

    def forget(self, request_id: str) -> None:
        """Delete it with its files; a worker that is at it drops it."""
        self._store.change(lambda connection: _remove(connection, self.kind, request_id))
        self._artifacts.delete(folder(self._artifacts, request_id))

    def _begin(self, request_id: str, title: str, source: Record, *, anew: bool = False) -> Request:
        """Queue it, unless it is under way, or done and not wanted anew. InputError where the run has no result."""
        self._store.change(lambda connection: begin(connection, self.kind, request_id, (title, source), anew))
        return self.get(request_id)

    def _done(self, request_id: str) -> Request:
        request = self.get(request_id)
        if request.state != "done":
            raise InputError(f"{request.name} is not ready: {request.sentence or request.stage or 'it waits'}.")
        return request


def name(run: str, what: str) -> str:
    """The id of what is asked of a run; `what` is a format, a part of an evaluation, or what names an uploaded file."""
    return f"{run}.{what}"


def folder(artifacts: Artifacts, request: str) -> str:
    """Where its files are: with those of its run, so that they go when the run goes.

    What an earlier version stored stays in the folder that this version used, until the request is deleted.
    """
    run, _, what = request.partition(".")
    earlier = f"runs/{run}/errands/{what}"
    return earlier if artifacts.exists(earlier) else f"runs/{run}/requests/{what}"


def find(connection: Connection, request: str) -> Request | None:
    """One of them; None where there is none."""
    row = connection.execute(select(requests).where(requests.c.id == request)).mappings().first()
    return None if row is None else Request(**row)


def change(connection: Connection, request: str, **values: Any) -> None:
    """Say where it stands, or how it ended."""
    connection.execute(update(requests).where(requests.c.id == request).values(**values))


def begin(connection: Connection, kind: RequestKind, request: str, asked: tuple[str, Record], anew: bool) -> None:
    """Queue what was asked, its title and source, unless it is under way, or done and not wanted anew."""
    repository.need_result(connection, request.partition(".")[0])
    known = find(connection, request)
    if known is not None and (known.active or (known.state == "done" and not anew)):
        return
    queue.enqueue(connection, kind, request)
    connection.execute(delete(requests).where(requests.c.id == request))
    enter(connection, kind, request, name=asked[0], source=asked[1], state="queued")


def enter(connection: Connection, kind: RequestKind, request: str, **values: Any) -> None:
    """Add a row with these columns; what is left out is empty."""
    fresh = {"run": request.partition(".")[0], "kind": kind, "source": {}, "summary": {}, "created": time.time()}
    connection.execute(insert(requests).values(id=request, **fresh | values))


def _ask_to_stop(connection: Connection, kind: RequestKind, request: str) -> None:
    waits = (jobs.c.kind == kind, jobs.c.target == request, jobs.c.state == "queued")
    if connection.execute(delete(jobs).where(*waits)).rowcount:
        change(connection, request, state="stopped")
    else:
        mine = update(requests).where(requests.c.id == request)
        connection.execute(mine.where(requests.c.state == "running").values(state="stopping"))
        connection.execute(mine.where(requests.c.state == "copying").values(state="stopped", stage=""))


def _remove(connection: Connection, kind: RequestKind, request: str) -> None:
    connection.execute(delete(jobs).where(jobs.c.kind == kind, jobs.c.target == request))
    connection.execute(delete(requests).where(requests.c.id == request))
