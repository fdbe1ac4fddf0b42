"""Imports, datasets, runs and their history, as rows. Every function is part of the transaction it is given."""

import secrets
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy import delete, insert, select, update
from sqlalchemy.engine import Connection, RowMapping

from engine.core.errors import InputError
from engine.runs.db import queue
from engine.runs.db.records import WAITING, DatasetRecord, ImportState, Record, RunRecord, RunState
from engine.runs.db.run_key import Settings
from engine.runs.db.schema import (
    cluster_names,
    datasets,
    imports,
    jobs,
    requests,
    runs,
    share_links,
    share_passwords,
    share_views,
    snapshots,
)

FRESH: Record = {
    "state": "queued",
    "stopping": False,
    "started": None,
    "ended": None,
    "stage": "",
    "stage_title": "",
    "stages_done": 0,
    "epoch": 0,
    "epochs": 0,
    "progress": 0.0,
    "eta": None,
    "eta_at": None,
    "sentence": "",
    "fault": "",
    "search": None,
}
FAILED_UPLOADS, FAILED_UPLOAD_SECONDS = 3, 24 * 3600.0
"""How many uploads that could not be read are kept, the latest, and for how long."""
REOPENED: tuple[RunState, ...] = ("failed", "stopped")
"""States from which a run is queued again."""
_RUN_COLUMNS = tuple(name for name in RunRecord.__dataclass_fields__ if name != "eta_seconds")


def open_run(connection: Connection, settings: Settings, name: str) -> str:
    """The run of these settings: a new one, or the one there is; failed and stopped ones are queued again.

    A new run has an id that no run had before, so that nothing that is kept of a deleted one is taken for its own.
    """
    key = settings.key()
    row = connection.execute(select(runs.c.id, runs.c.state).where(runs.c.key == key)).first()
    if row is None:
        run = secrets.token_hex(10)
        values = {**asdict(settings), "id": run, "key": key, "name": name, "created": time.time(), **FRESH}
        queue.enqueue(connection, "train", run)
        connection.execute(insert(runs).values(**values))
        return run
    if row.state in REOPENED:
        reopen(connection, row.id)
    return str(row.id)


def reopen(connection: Connection, run: str) -> None:
    """Queue a failed or stopped run again; its checkpoint and history stay, so that it can go on."""
    if queue.lock(connection, "train", run) is not None:
        return  # somebody else was faster
    ended = (runs.c.id == run, runs.c.state.in_(REOPENED))
    if connection.execute(select(runs.c.id).where(*ended)).first() is not None:
        queue.enqueue(connection, "train", run)
        connection.execute(update(runs).where(*ended).values(**FRESH))


def ask_to_stop(connection: Connection, run: str) -> None:
    """Stop a waiting run at once; a running one is asked to stop."""
    if queue.lock(connection, "train", run) == "queued":
        connection.execute(delete(jobs).where(jobs.c.kind == "train", jobs.c.target == run))
    waits, running = runs.c.state.in_(WAITING), runs.c.state == "running"
    ended = {"state": "stopped", "ended": time.time(), "sentence": "Stopped before it began.", "eta": None}
    connection.execute(update(runs).where(runs.c.id == run, waits).values(**ended))
    connection.execute(update(runs).where(runs.c.id == run, running).values(stopping=True))


def set_run(connection: Connection, run: str, values: Mapping[str, Any]) -> None:
    """Change columns of a run."""
    connection.execute(update(runs).where(runs.c.id == run).values(**values))


def run_row(connection: Connection, run: str) -> RowMapping | None:
    """A run's row, with the columns that no record shows."""
    return connection.execute(select(runs).where(runs.c.id == run)).mappings().first()


def need_run(connection: Connection, run: str) -> RowMapping:
    """A run's row; InputError where there is none."""
    row = run_row(connection, run)
    if row is None:
        raise InputError("This run does not exist (any more). Open another one from the list of runs.")
    return row


def need_result(connection: Connection, run: str) -> RowMapping:
    """A finished run's row; InputError where there is no result."""
    row = need_run(connection, run)
    if row["state"] != "done":
        raise InputError(f"This run has no result yet: it is {row['state']}.")
    return row


def lock_run(connection: Connection, run: str) -> None:
    """Keep others from changing a run's result until this transaction ends; `JobLost` where the run was deleted."""
    if connection.execute(select(runs.c.id).where(runs.c.id == run).with_for_update()).first() is None:
        raise queue.JobLost(run)


def find_runs(
    connection: Connection,
    states: Sequence[str] = (),
    *,
    dataset: str = "",
    method: str = "",
    limit: int | None = None,
) -> list[RunRecord]:
    """Runs, newest first, in one of `states` (any, if empty), of a dataset and of a method where one is given."""
    wanted = select(runs).order_by(runs.c.created.desc()).limit(limit)
    if states:
        wanted = wanted.where(runs.c.state.in_(states))
    if dataset:
        wanted = wanted.where(runs.c.dataset == dataset)
    if method:
        wanted = wanted.where(runs.c.method == method)
    return [as_run(row) for row in connection.execute(wanted).mappings()]


def run_states(connection: Connection) -> dict[str, str]:
    """The state of every run by its id, newest first."""
    rows = connection.execute(select(runs.c.id, runs.c.state).order_by(runs.c.created.desc()))
    return {row.id: row.state for row in rows}


def newest_run(connection: Connection, states: Sequence[str] = ()) -> RunRecord | None:
    """The newest run in one of these states, or in any where none is named; None where there is none."""
    return next(iter(find_runs(connection, states, limit=1)), None)


def as_run(row: RowMapping) -> RunRecord:
    """A row as a record; the time left is counted down to now."""
    left = None if row["eta"] is None else max(0.0, row["eta"] - (time.time() - row["eta_at"]))
    return RunRecord(**{name: row[name] for name in _RUN_COLUMNS}, eta_seconds=left)


def runs_of(connection: Connection, dataset: str) -> list[str]:
    """Ids of every run of a dataset."""
    return list(connection.execute(select(runs.c.id).where(runs.c.dataset == dataset)).scalars())


def remove_run(connection: Connection, run: str) -> None:
    """Forget a run, its history, its links, its groups' names, its jobs, and what was done for it."""
    own = (jobs.c.target == run) & jobs.c.kind.in_(("train", "umap"))
    asked = jobs.c.target.in_(select(requests.c.id).where(requests.c.run == run)) & jobs.c.kind.in_(queue.REQUEST_KINDS)
    connection.execute(delete(jobs).where(own | asked))
    connection.execute(delete(runs).where(runs.c.id == run))
    for table in (requests, snapshots, share_links, share_views, share_passwords, cluster_names):
        connection.execute(delete(table).where(table.c.run == run))


def last_alike(connection: Connection, row: RowMapping) -> RowMapping | None:
    """The newest finished run of the same method on the same dataset."""
    same = (runs.c.method == row["method"], runs.c.dataset == row["dataset"], runs.c.state == "done")
    query = select(runs).where(*same, runs.c.id != row["id"]).order_by(runs.c.ended.desc()).limit(1)
    return connection.execute(query).mappings().first()


def add_history(connection: Connection, run: str, records: Iterable[Record]) -> None:
    """Append records; each has its `seq`."""
    rows = [{"run": run, "seq": record["seq"], "record": record} for record in records]
    if rows:
        connection.execute(insert(snapshots), rows)


def history(connection: Connection, run: str, since: int = 0) -> list[Record]:
    """Records with a `seq` above `since`, in order."""
    wanted = select(snapshots.c.record).where(snapshots.c.run == run, snapshots.c.seq > since)
    return list(connection.execute(wanted.order_by(snapshots.c.seq)).scalars())


def cut_history(connection: Connection, run: str, after: int) -> None:
    """Forget records with a `seq` above `after`."""
    connection.execute(delete(snapshots).where(snapshots.c.run == run, snapshots.c.seq > after))


def open_import(connection: Connection, item: str, name: str, source: Record) -> None:
    """Queue an import; one that is known is only read again if it failed or its dataset is gone."""
    row = connection.execute(select(imports).where(imports.c.id == item)).mappings().first()
    fresh = {"name": name, "source": source, "state": "queued", "sentence": "", "dataset": None, "created": time.time()}
    gone = row is not None and row["state"] == "done" and dataset_row(connection, row["dataset"]) is None
    if row is not None and row["state"] != "failed" and not gone:
        return
    queue.enqueue(connection, "import", item)
    if row is None:
        connection.execute(insert(imports).values(id=item, **fresh))
    else:
        connection.execute(update(imports).where(imports.c.id == item).values(**fresh))


def import_row(connection: Connection, item: str) -> RowMapping | None:
    """An import's row."""
    return connection.execute(select(imports).where(imports.c.id == item)).mappings().first()


def import_state(row: RowMapping) -> ImportState:
    """A row as a record."""
    share = row["source"].get("share", 0.0) if row["state"] in ("copying", "running") else 0.0
    return ImportState(row["state"], row["sentence"], row["dataset"], share)


def failed_imports(connection: Connection) -> list[RowMapping]:
    """New files that could not be read and were not stopped, the latest first."""
    failed = select(imports).where(imports.c.state == "failed", imports.c.sentence != queue.STOPPED)
    rows = connection.execute(failed.order_by(imports.c.created.desc())).mappings().all()
    return [row for row in rows if "files" in row["source"] and "folder" not in row["source"]]


def kept_uploads(connection: Connection) -> set[str]:
    """Failed imports whose upload is kept, so that it can be read another way."""
    latest = failed_imports(connection)[:FAILED_UPLOADS]
    return {row["id"] for row in latest if row["created"] > time.time() - FAILED_UPLOAD_SECONDS}


def remove_import(connection: Connection, item: str) -> None:
    """Forget an import."""
    connection.execute(delete(imports).where(imports.c.id == item))


def add_import(connection: Connection, item: str, values: Mapping[str, Any]) -> None:
    """Enter an import that no worker may have yet."""
    fresh = {"sentence": "", "dataset": None, "created": time.time()}
    connection.execute(insert(imports).values(id=item, **fresh | dict(values)))


def set_import(connection: Connection, item: str, values: Mapping[str, Any]) -> None:
    """Change columns of an import."""
    connection.execute(update(imports).where(imports.c.id == item).values(**values))


def end_import(connection: Connection, item: str, state: ImportState) -> None:
    """Say how an import ended."""
    ended = {"state": state.state, "sentence": state.sentence, "dataset": state.dataset}
    set_import(connection, item, ended)


def add_dataset(connection: Connection, record: DatasetRecord) -> None:
    """Enter a dataset, once."""
    if dataset_row(connection, record.id) is None:
        connection.execute(insert(datasets).values(**asdict(record)))


def dataset_row(connection: Connection, dataset: str) -> RowMapping | None:
    """A dataset's row."""
    return connection.execute(select(datasets).where(datasets.c.id == dataset)).mappings().first()


def all_datasets(connection: Connection) -> list[DatasetRecord]:
    """Every dataset, newest first."""
    rows: Sequence[RowMapping] = (
        connection.execute(select(datasets).order_by(datasets.c.created.desc())).mappings().all()
    )
    return [DatasetRecord(**row) for row in rows]


def newest_dataset(connection: Connection) -> DatasetRecord | None:
    """The dataset that was added last; None where there is none."""
    row = connection.execute(select(datasets).order_by(datasets.c.created.desc()).limit(1)).mappings().first()
    return None if row is None else DatasetRecord(**row)


def remove_dataset(connection: Connection, dataset: str) -> None:
    """Forget a dataset and the imports that made it."""
    connection.execute(delete(imports).where(imports.c.dataset == dataset))
    connection.execute(delete(datasets).where(datasets.c.id == dataset))
