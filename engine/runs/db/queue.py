"""The queue of jobs and the register of workers. Every function is part of the transaction whose connection it is given.

Rows are locked in the order of `schema.LOCK_ORDER`; times of workers are the database's (`clock.now`).
"""

import os
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.engine import Connection, RowMapping

from engine.portfolio.card import AUTO
from engine.runs import processes
from engine.runs.db.clock import now
from engine.runs.db.records import RequestKind
from engine.runs.db.schema import imports, jobs, requests, runs, workers

Lane = Literal["train", "light", "map", "evaluate"]
"""What a worker takes jobs from: trainings ("train"), quick jobs ("light"), projections ("map"), and evaluations of finished
runs; slow jobs have lanes of their own so that quick ones never wait for them."""
Kind = Literal["import", "train", "umap"] | RequestKind
"""What a job does; its `target` is the id of an import, a run or, for `REQUEST_KINDS`, a request."""
REQUEST_KINDS: tuple[RequestKind, ...] = get_args(RequestKind)
"""Kinds of jobs that are requested of finished runs (`engine.runs.requests.base`)."""
JobState = Literal["queued", "running"]
JobEnd = Literal["queued", "stopped", "failed"]
"""What becomes of a job whose worker died."""
LANE_OF: dict[Kind, Lane] = {
    "train": "train",
    "import": "light",
    "predict": "light",
    "export": "light",
    "umap": "map",
    "tsne": "map",
    "evaluate": "evaluate",
}
LANES: tuple[Lane, ...] = ("train", "light", "map", "evaluate")
WARM_LANES: set[Lane] = {"train", "light"}
"""Lanes whose workers are started before there is a job, and run at a higher priority."""
STOPPED = "Reading this file was stopped."
MAX_CRASHES = 2
"""Workers that may die of a job before it fails."""


@dataclass(frozen=True)
class Job:
    """A job that a worker has claimed."""

    id: int
    kind: Kind
    target: str
    crashes: int


class JobLost(Exception):
    """The job is no longer this worker's: the worker was taken for dead and another one may have the job, or it was deleted."""


class JobStopped(Exception):
    """The user asked to stop the job's target."""


def lock(connection: Connection, kind: Kind, target: str) -> JobState | None:
    """Lock the job of a target until this transaction ends and return its state, or None where there is none."""
    state = select(jobs.c.state).where(jobs.c.kind == kind, jobs.c.target == target).with_for_update()
    locked: JobState | None = connection.execute(state).scalar()
    return locked


def enqueue(connection: Connection, kind: Kind, target: str) -> None:
    """Queue a job, unless one of this kind and target is queued or running already."""
    if lock(connection, kind, target) is None:
        values = {"lane": LANE_OF[kind], "kind": kind, "target": target, "state": "queued", "created": time.time()}
        connection.execute(insert(jobs).values(**values))


def claim(connection: Connection, worker: str, lane: Lane) -> Job | None:
    """Claim the oldest queued job of a lane, or None; a conditional UPDATE decides where two workers try to claim the same."""
    waiting = select(jobs).where(jobs.c.lane == lane, jobs.c.state == "queued").order_by(jobs.c.id)
    # A few more than one, in case other workers claim the first ones meanwhile.
    for row in connection.execute(waiting.limit(4)).mappings().all():
        mine = update(jobs).where(jobs.c.id == row["id"], jobs.c.state == "queued")
        if connection.execute(mine.values(state="running", worker=worker)).rowcount == 1:
            _mark_running(connection, row)
            return Job(row["id"], row["kind"], row["target"], row["crashes"])
    return None


def _mark_running(connection: Connection, job: RowMapping) -> None:
    if job["kind"] == "train":
        values = {"state": "running", "started": func.coalesce(runs.c.started, time.time()), "sentence": ""}
        connection.execute(update(runs).where(runs.c.id == job["target"]).values(**values))
    elif job["kind"] == "import":
        connection.execute(update(imports).where(imports.c.id == job["target"]).values(state="running"))
    elif job["kind"] in REQUEST_KINDS:
        connection.execute(update(requests).where(requests.c.id == job["target"]).values(state="running"))


def is_stop_requested(connection: Connection, job: Job) -> bool:
    """Whether the job's target was asked to stop or was deleted; projections cannot be stopped."""
    if job.kind == "train":
        return connection.execute(select(runs.c.stopping).where(runs.c.id == job.target)).scalar() is not False
    if job.kind == "import":
        return connection.execute(select(imports.c.state).where(imports.c.id == job.target)).scalar() == "stopping"
    if job.kind in REQUEST_KINDS:
        state = connection.execute(select(requests.c.state).where(requests.c.id == job.target)).scalar()
        return state is None or state == "stopping"
    return False


def stop_import(connection: Connection, item: str) -> None:
    """Ask for an import to stop; one that only waits ends at once."""
    state = lock(connection, "import", item)
    if state == "running":
        connection.execute(update(imports).where(imports.c.id == item).values(state="stopping"))
    elif state == "queued":
        connection.execute(delete(jobs).where(jobs.c.kind == "import", jobs.c.target == item))
        _mark_import(connection, item, "stopped", "")


def lock_own(connection: Connection, worker: str, job: Job) -> None:
    """Lock a job, or raise `JobLost` where it is not this worker's any more; every transaction of a worker begins so."""
    mine = select(jobs.c.id).where(jobs.c.id == job.id, jobs.c.worker == worker).with_for_update()
    if connection.execute(mine).first() is None:
        raise JobLost(f"{job.kind} {job.target}")


def finish(connection: Connection, worker: str, job: Job) -> None:
    """Take a worker's job off the queue; `JobLost` where it is not this worker's any more."""
    lock_own(connection, worker, job)
    discard(connection, worker, job)


def discard(connection: Connection, worker: str, job: Job) -> None:
    """Take a job off the queue if it is still this worker's."""
    connection.execute(delete(jobs).where(jobs.c.id == job.id, jobs.c.worker == worker))


def waiting_lanes(connection: Connection) -> set[Lane]:
    """Lanes that have queued jobs."""
    return set(connection.execute(select(jobs.c.lane).where(jobs.c.state == "queued").distinct()).scalars())


def jobs_ahead(connection: Connection, kind: Kind, target: str) -> int:
    """How many jobs of the same lane come before this one; 0 where it is next, running, or not queued."""
    job = connection.execute(select(jobs).where(jobs.c.kind == kind, jobs.c.target == target)).mappings().first()
    if job is None or job["state"] == "running":
        return 0
    before = select(func.count()).where(jobs.c.lane == job["lane"], jobs.c.id < job["id"])
    return int(connection.execute(before).scalar_one())


def list_workers(connection: Connection) -> Sequence[RowMapping]:
    """Every worker, with its `age` and the seconds since its last heartbeat (`silence`), both by the database's clock."""
    measured = ((now() - workers.c.started).label("age"), (now() - workers.c.heartbeat).label("silence"))
    return connection.execute(select(workers, *measured)).mappings().all()


def register(connection: Connection, values: dict[str, Any]) -> None:
    """Add an entry for a worker; IntegrityError where its slot on this host is taken."""
    connection.execute(insert(workers).values(**{"started": now(), "heartbeat": now()} | values))


def set_process(connection: Connection, worker: str, pid: int) -> None:
    """Record the process that was started for a reserved entry."""
    values = {"pid": pid, "process_start": processes.born(pid)}
    connection.execute(update(workers).where(workers.c.id == worker).values(**values))


def claim_entry(connection: Connection, worker: str) -> bool:
    """Make a reserved entry that of this process; whoever reserved it may have died before it could record the process.

    False where there is no such entry any more.
    """
    pid = os.getpid()
    mine = {"pid": pid, "process_start": processes.born(pid), "heartbeat": now()}
    return connection.execute(update(workers).where(workers.c.id == worker).values(**mine)).rowcount == 1


def record_heartbeat(connection: Connection, worker: str) -> bool:
    """Record that a worker is alive; False where it was taken for dead and has no entry any more."""
    beat = update(workers).where(workers.c.id == worker).values(heartbeat=now())
    return connection.execute(beat).rowcount == 1


def deregister(connection: Connection, worker: str, lane: Lane) -> bool:
    """Delete a worker's entry unless its lane has queued jobs; whether it was deleted."""
    if lane in waiting_lanes(connection):
        return False
    connection.execute(delete(workers).where(workers.c.id == worker))
    return True


def release_worker(connection: Connection, worker: str, reason: str) -> None:
    """Delete a dead worker's entry and queue its jobs again; those that crashed `MAX_CRASHES` times fail with the reason."""
    connection.execute(delete(workers).where(workers.c.id == worker))
    own = select(jobs).where(jobs.c.worker == worker, jobs.c.state == "running").order_by(jobs.c.id).with_for_update()
    for job in connection.execute(own).mappings().all():
        _requeue_or_fail(connection, job, reason)


def busy_workers(connection: Connection) -> set[str]:
    """Ids of workers that are at a job."""
    return set(connection.execute(select(jobs.c.worker).where(jobs.c.state == "running")).scalars())


def unregistered_workers(connection: Connection) -> list[str]:
    """Ids of workers that have running jobs but no entry any more."""
    known = select(workers.c.id)
    lost = select(jobs.c.worker).where(jobs.c.state == "running", jobs.c.worker.not_in(known)).distinct()
    return [str(worker) for worker in connection.execute(lost).scalars()]


def _requeue_or_fail(connection: Connection, job: RowMapping, reason: str) -> None:
    """Decide what becomes of a job whose worker died, and say so in its target."""
    crashes = job["crashes"] + 1
    state: JobEnd = "failed" if crashes >= MAX_CRASHES else "queued"
    if is_stop_requested(connection, Job(job["id"], job["kind"], job["target"], crashes)):
        state = "stopped"
    if state == "queued":
        values = {"state": "queued", "worker": None, "crashes": crashes}
        connection.execute(update(jobs).where(jobs.c.id == job["id"]).values(**values))
    else:
        connection.execute(delete(jobs).where(jobs.c.id == job["id"]))
    if job["kind"] == "train":
        _mark_run(connection, job["target"], state, reason)
    elif job["kind"] == "import":
        _mark_import(connection, job["target"], state, reason)
    elif job["kind"] in REQUEST_KINDS:
        _mark_request(connection, job["target"], state, reason)


def _mark_run(connection: Connection, run: str, state: JobEnd, reason: str) -> None:
    searches = connection.execute(select(runs.c.method).where(runs.c.id == run)).scalar() == AUTO
    goes_on = "begins the search anew" if searches else "goes on from the last finished epoch"
    sentences = {
        "stopped": "Stopped.",
        "queued": f"The worker that trained this run {reason}; another one {goes_on}.",
        "failed": f"The run was given up: its worker died twice, the last time it {reason}.",
    }
    values: dict[str, Any] = {"sentence": sentences[state], "eta": None, "stopping": False}
    if state == "queued":
        values |= {"state": "interrupted"}
        values |= {"search": None, "stage_title": ""} if searches else {}  # what was tried is tried anew
    else:
        values |= {"state": state, "ended": time.time(), "fault": "ours" if state == "failed" else ""}
    connection.execute(update(runs).where(runs.c.id == run).values(**values))


def _mark_import(connection: Connection, item: str, state: JobEnd, reason: str) -> None:
    sentences = {
        "stopped": STOPPED,
        "failed": f"The file could not be read: the worker that read it {reason}, twice. Bring a smaller part of it.",
        "queued": "",
    }
    values = {"state": "failed" if state == "stopped" else state, "sentence": sentences[state]}
    connection.execute(update(imports).where(imports.c.id == item).values(**values))


def _mark_request(connection: Connection, request: str, state: JobEnd, reason: str) -> None:
    sentence = f"This was given up: the worker that was at it {reason}, twice." if state == "failed" else ""
    values = {"state": state, "sentence": sentence, "progress": 0.0, "stage": "", "summary": {}}
    connection.execute(update(requests).where(requests.c.id == request).values(**values))
