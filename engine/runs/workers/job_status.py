"""What a worker who does a request tells the store, whatever the request is."""

import time
from typing import TYPE_CHECKING

from sqlalchemy.engine import Connection

from engine.runs.db import queue
from engine.runs.db.records import Record, Request
from engine.runs.requests import base

if TYPE_CHECKING:
    from engine.runs.workers.job_context import JobContext


def held(context: "JobContext") -> Request:
    """What the job is about; `Lost` where it was deleted."""
    with context.store.read() as connection:
        request = base.find(connection, context.job.target)
    if request is None:
        raise queue.Lost(context.job.target)
    return request


def tell(context: "JobContext", doing: str, progress: float, left: float | None = None) -> None:
    """Say where the work stands, and how many seconds are left where that is known.

    Raises `Stopped` where somebody asked to stop it, and `Lost` where it was deleted meanwhile.
    """
    if context.stop.is_set():
        raise queue.Stopped(context.job.target)
    summary = {} if left is None else {"eta": left, "eta_at": time.time()}
    with context.write() as connection:
        base.change(connection, context.job.target, stage=doing, progress=progress, summary=summary)


def done(connection: Connection, context: "JobContext", summary: Record) -> None:
    """Say that everything is there, as part of a transaction."""
    _end(connection, context, {"state": "done", "progress": 1.0, "summary": summary})


def failed(context: "JobContext", sentence: str) -> None:
    """Say why it could not be done."""
    with context.store.write() as connection:
        _end(connection, context, {"state": "failed", "sentence": sentence, "summary": {}})


def stopped(context: "JobContext") -> None:
    """Say that it was stopped."""
    with context.store.write() as connection:
        _end(connection, context, {"state": "stopped", "summary": {}})


def _end(connection: Connection, context: "JobContext", values: Record) -> None:
    queue.finish(connection, context.worker, context.job)
    base.change(connection, context.job.target, **values, stage="")
