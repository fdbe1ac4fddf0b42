"""What a worker who does an errand tells the store, whatever the errand is."""

import time
from typing import TYPE_CHECKING

from sqlalchemy.engine import Connection

from engine.runs import errands, queue
from engine.runs.records import Errand, Record

if TYPE_CHECKING:
    from engine.runs.worker import Desk


def held(desk: "Desk") -> Errand:
    """What the job is about; `Lost` where it was deleted."""
    with desk.store.read() as connection:
        errand = errands.find(connection, desk.job.target)
    if errand is None:
        raise queue.Lost(desk.job.target)
    return errand


def tell(desk: "Desk", doing: str, progress: float, left: float | None = None) -> None:
    """Say where the work stands, and how many seconds are left where that is known.

    Raises `Stopped` where somebody asked to stop it, and `Lost` where it was deleted meanwhile.
    """
    if desk.stop.is_set():
        raise queue.Stopped(desk.job.target)
    summary = {} if left is None else {"eta": left, "eta_at": time.time()}
    with desk.write() as connection:
        errands.change(connection, desk.job.target, doing=doing, progress=progress, summary=summary)


def done(connection: Connection, desk: "Desk", summary: Record) -> None:
    """Say that everything is there, as part of a transaction."""
    _end(connection, desk, {"state": "done", "progress": 1.0, "summary": summary})


def failed(desk: "Desk", sentence: str) -> None:
    """Say why it could not be done."""
    with desk.store.write() as connection:
        _end(connection, desk, {"state": "failed", "sentence": sentence, "summary": {}})


def stopped(desk: "Desk") -> None:
    """Say that it was stopped."""
    with desk.store.write() as connection:
        _end(connection, desk, {"state": "stopped", "summary": {}})


def _end(connection: Connection, desk: "Desk", values: Record) -> None:
    queue.finish(connection, desk.worker, desk.job)
    errands.change(connection, desk.job.target, **values, doing="")
