"""What a worker writes about a request while it works on it, whatever the request is."""

import time
from typing import TYPE_CHECKING

from sqlalchemy.engine import Connection

from engine.runs.db import queue
from engine.runs.db.records import Record, Request
from engine.runs.requests import base

if TYPE_CHECKING:
    from engine.runs.workers.job_context import JobContext


def current_request(context: "JobContext") -> Request:
    """The request that the job is about; `JobLost` where it was deleted."""
    with context.store.read() as connection:
        request = base.find(connection, context.job.target)
    if request is None:
        raise queue.JobLost(context.job.target)
    return request


def report_progress(context: "JobContext", stage: str, progress: float, left: float | None = None) -> None:
    """Write where the work stands.

    Parameters
    ----------
    stage : str
        What is being done, as the page shows it.
    progress : float
        Share of the work that is done, 0 to 1.
    left : float, optional
        Seconds left, where that is known.

    Raises
    ------
    JobStopped
        Where somebody asked to stop the work.
    JobLost
        Where the request was deleted meanwhile.
    """
    context.note_progress()
    if context.stop.is_set():
        raise queue.JobStopped(context.job.target)
    summary = {} if left is None else {"eta": left, "eta_at": time.time()}
    values = {"stage": stage, "progress": progress, "summary": summary}
    context.change(lambda connection: base.change(connection, context.job.target, **values))


def mark_done(connection: Connection, context: "JobContext", summary: Record) -> None:
    """Note that everything is there, as part of a transaction."""
    _end(connection, context, {"state": "done", "progress": 1.0, "summary": summary})


def mark_failed(context: "JobContext", sentence: str) -> None:
    """Note why it could not be done."""
    values = {"state": "failed", "sentence": sentence, "summary": {}}
    context.store.change(lambda connection: _end(connection, context, values))


def mark_stopped(context: "JobContext") -> None:
    """Note that it was stopped."""
    context.store.change(lambda connection: _end(connection, context, {"state": "stopped", "summary": {}}))


def _end(connection: Connection, context: "JobContext", values: Record) -> None:
    queue.finish(connection, context.worker, context.job)
    base.change(connection, context.job.target, **values, stage="")
