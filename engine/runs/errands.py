"""What is done for a finished run on request, in the light lane. Every function is part of the transaction it is given."""

import time
from typing import Any, Literal

from sqlalchemy import delete, insert, select, update
from sqlalchemy.engine import Connection

from engine.errors import InputError
from engine.runs import queue
from engine.runs.records import Errand, Record
from engine.runs.store import errands, jobs, runs

Kind = Literal["apply", "export"]
GONE = "This does not exist (any more): it was deleted."


def name(run: str, what: str) -> str:
    """The id of what is done for a run; `what` is a format, or what names an uploaded file."""
    return f"{run}.{what}"


def place(errand: str) -> str:
    """Where its files are: with those of its run, so that they go when the run goes."""
    run, _, what = errand.partition(".")
    return f"runs/{run}/errands/{what}"


def begin(connection: Connection, errand: str, kind: Kind, title: str, source: Record) -> None:
    """Queue it, unless it is done or under way; InputError where the run has no result."""
    run = errand.partition(".")[0]
    state = connection.execute(select(runs.c.state).where(runs.c.id == run)).scalar()
    if state != "done":
        raise InputError(f"This run has no result yet: it is {state or 'deleted'}.")
    known = find(connection, errand)
    if known is not None and known.state != "failed":
        return
    connection.execute(delete(errands).where(errands.c.id == errand))
    values = {"id": errand, "run": run, "kind": kind, "name": title, "source": source, "created": time.time()}
    connection.execute(insert(errands).values(**values, state="queued", summary={}))
    queue.enqueue(connection, kind, errand)


def find(connection: Connection, errand: str) -> Errand | None:
    """One of them; None where there is none."""
    row = connection.execute(select(errands).where(errands.c.id == errand)).mappings().first()
    return None if row is None else Errand(**row)


def of_run(connection: Connection, run: str, kind: Kind) -> list[Errand]:
    """All of one kind, newest first."""
    wanted = select(errands).where(errands.c.run == run, errands.c.kind == kind).order_by(errands.c.created.desc())
    return [Errand(**row) for row in connection.execute(wanted).mappings().all()]


def change(connection: Connection, errand: str, **values: Any) -> None:
    """Say where it stands, or how it ended."""
    connection.execute(update(errands).where(errands.c.id == errand).values(**values))


def remove(connection: Connection, errand: str) -> None:
    """Forget it; a worker that is at it drops it."""
    connection.execute(delete(jobs).where(jobs.c.kind.in_(("apply", "export")), jobs.c.target == errand))
    connection.execute(delete(errands).where(errands.c.id == errand))


def remove_all(connection: Connection, run: str) -> None:
    """Forget all that was done for a run."""
    for errand in connection.execute(select(errands.c.id).where(errands.c.run == run)).scalars().all():
        remove(connection, errand)
