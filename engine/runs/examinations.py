"""Examinations of finished runs, as rows. Every function is part of the transaction it is given."""

import time
from collections.abc import Mapping
from typing import Any

from sqlalchemy import delete, insert, select, update
from sqlalchemy.engine import Connection, RowMapping

from engine.errors import InputError
from engine.runs import ledger, queue
from engine.runs.records import Examination, Record
from engine.runs.store import examinations, jobs

PARTS = ("stability", "scan", "robustness")
"""What can be asked for; each becomes a field of the result of that name."""
_FRESH: Record = {"state": "queued", "stopping": False, "stage": "", "progress": 0.0, "eta": None, "sentence": ""}


def ask(connection: Connection, run: str, part: str) -> None:
    """Want a part of an examination; what is under way goes on and takes it up."""
    if part not in PARTS:
        raise InputError(f"There is no examination {part!r}. Choose one of {', '.join(PARTS)}.")
    ledger.lock_run(connection, run)
    row = find(connection, run)
    if row is None:
        values = {"run": run, "wanted": [part], "created": time.time(), **_FRESH}
        connection.execute(insert(examinations).values(**values))
    elif not as_record(row).active:
        change(connection, run, {"wanted": [part], "created": time.time(), **_FRESH})
    elif part not in row["wanted"]:
        change(connection, run, {"wanted": [*row["wanted"], part]})
    queue.enqueue(connection, "examine", run)


def ask_to_stop(connection: Connection, run: str) -> None:
    """Stop an examination: at once while it waits; one at work is asked to."""
    row = find(connection, run)
    if row is None or not as_record(row).active:
        return
    waits = (jobs.c.kind == "examine", jobs.c.target == run, jobs.c.state == "queued")
    if connection.execute(delete(jobs).where(*waits)).rowcount:
        change(connection, run, {"state": "stopped", "eta": None})
    else:
        change(connection, run, {"stopping": True})


def find(connection: Connection, run: str) -> RowMapping | None:
    """An examination's row."""
    return connection.execute(select(examinations).where(examinations.c.run == run)).mappings().first()


def change(connection: Connection, run: str, values: Mapping[str, Any]) -> None:
    """Change columns of an examination."""
    connection.execute(update(examinations).where(examinations.c.run == run).values(**values))


def as_record(row: RowMapping) -> Examination:
    """A row as a record; the time left is counted down to now."""
    left = None if row["eta"] is None else max(0.0, row["eta"] - (time.time() - row["eta_at"]))
    plain = {name: row[name] for name in ("run", "state", "stage", "progress", "sentence", "stopping")}
    return Examination(**plain, wanted=tuple(row["wanted"]), eta_seconds=left)
