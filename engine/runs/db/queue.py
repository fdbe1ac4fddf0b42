"""Jobs and workers: who does what. Every function is part of the transaction whose connection it is given.

Rows are locked in the order of `schema.LOCK_ORDER`; times of workers are the database's (`clock.now`).
"""

import os
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.engine import Connection, RowMapping

from engine.runs import processes
from engine.runs.db.clock import now
from engine.runs.db.records import RequestKind
from engine.runs.db.schema import imports, jobs, requests, runs, workers

Lane = Literal["train", "light", "map", "evaluate"]
"""Trainings; imports and what is asked of finished runs; and what is slow and must keep none of them waiting: projections, and
examinations of finished runs."""
Kind = Literal["import", "train", "umap"] | RequestKind
REQUEST_KINDS: tuple[RequestKind, ...] = get_args(RequestKind)
"""What is asked for about finished runs; the target is then a request (`engine.runs.requests.base`), else a run or an import."""
JobState = Literal["queued", "running"]
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
WARM: set[Lane] = {"train", "light"}
MAX_CRASHES = 2


@dataclass(frozen=True)
class Job:
    """A piece of work that a worker holds."""

    id: int
    kind: Kind
    target: str
    crashes: int


class Lost(Exception):
    """The job is no longer this worker's: it was given up for dead and somebody else may have the work."""


class Stopped(Exception):
    """Somebody asked to stop what the job is about."""


def lock(connection: Connection, kind: Kind, target: str) -> JobState | None:
    """Keep others from changing a job until this transaction ends; its state, or None where there is none."""
    wanted = select(jobs.c.state).where(jobs.c.kind == kind, jobs.c.target == target).with_for_update()
    found: JobState | None = connection.execute(wanted).scalar()
    return found


def enqueue(connection: Connection, kind: Kind, target: str) -> None:
    """Queue a job once; one that waits or runs already stays as it is."""
    if lock(connection, kind, target) is None:
        values = {"lane": LANE_OF[kind], "kind": kind, "target": target, "state": "queued", "created": time.time()}
        connection.execute(insert(jobs).values(**values))


def claim(connection: Connection, worker: str, lane: Lane) -> Job | None:
    """Take the oldest waiting job of a lane; a conditional UPDATE decides where two workers reach for it."""
    waiting = select(jobs).where(jobs.c.lane == lane, jobs.c.state == "queued").order_by(jobs.c.id)
    for row in connection.execute(waiting.limit(4)).mappings().all():
        mine = update(jobs).where(jobs.c.id == row["id"], jobs.c.state == "queued")
        if connection.execute(mine.values(state="running", worker=worker)).rowcount == 1:
            _begin(connection, row)
            return Job(row["id"], row["kind"], row["target"], row["crashes"])
    return None


def _begin(connection: Connection, job: RowMapping) -> None:
    if job["kind"] == "train":
        values = {"state": "running", "started": func.coalesce(runs.c.started, time.time()), "sentence": ""}
        connection.execute(update(runs).where(runs.c.id == job["target"]).values(**values))
    elif job["kind"] == "import":
        connection.execute(update(imports).where(imports.c.id == job["target"]).values(state="running"))
    elif job["kind"] in REQUEST_KINDS:
        connection.execute(update(requests).where(requests.c.id == job["target"]).values(state="running"))


def stopping(connection: Connection, job: Job) -> bool:
    """Whether somebody asked to stop the work, or took what it is about away; imports and projections run to their end."""
    if job.kind == "train":
        return connection.execute(select(runs.c.stopping).where(runs.c.id == job.target)).scalar() is not False
    if job.kind in REQUEST_KINDS:
        state = connection.execute(select(requests.c.state).where(requests.c.id == job.target)).scalar()
        return state is None or state == "stopping"
    return False


def lock_own(connection: Connection, worker: str, job: Job) -> None:
    """Lock a job, or raise `Lost` where it is not this worker's any more; every write of a worker begins with it."""
    mine = select(jobs.c.id).where(jobs.c.id == job.id, jobs.c.worker == worker).with_for_update()
    if connection.execute(mine).first() is None:
        raise Lost(f"{job.kind} {job.target}")


def finish(connection: Connection, worker: str, job: Job) -> None:
    """Take a worker's job off the queue; `Lost` where it is not this worker's any more."""
    lock_own(connection, worker, job)
    discard(connection, worker, job)


def discard(connection: Connection, worker: str, job: Job) -> None:
    """Take a job off the queue if it is still this worker's."""
    connection.execute(delete(jobs).where(jobs.c.id == job.id, jobs.c.worker == worker))


def waiting_lanes(connection: Connection) -> set[Lane]:
    """Lanes in which something waits."""
    return set(connection.execute(select(jobs.c.lane).where(jobs.c.state == "queued").distinct()).scalars())


def position(connection: Connection, kind: Kind, target: str) -> int:
    """How many jobs of the same lane are before this one; 0 is next, or already at work, or not queued."""
    job = connection.execute(select(jobs).where(jobs.c.kind == kind, jobs.c.target == target)).mappings().first()
    if job is None or job["state"] == "running":
        return 0
    before = select(func.count()).where(jobs.c.lane == job["lane"], jobs.c.id < job["id"])
    return int(connection.execute(before).scalar_one())


def registered(connection: Connection) -> Sequence[RowMapping]:
    """Every worker, with its `age` and the seconds since its last heartbeat (`silence`), both by the database's clock."""
    measured = ((now() - workers.c.started).label("age"), (now() - workers.c.heartbeat).label("silence"))
    return connection.execute(select(workers, *measured)).mappings().all()


def register(connection: Connection, values: dict[str, Any]) -> None:
    """Enter a worker; IntegrityError where its slot on this host is taken."""
    connection.execute(insert(workers).values(**{"started": now(), "heartbeat": now()} | values))


def set_process(connection: Connection, worker: str, pid: int) -> None:
    """Note which process of this host a reserved entry has become."""
    values = {"pid": pid, "process_start": processes.born(pid)}
    connection.execute(update(workers).where(workers.c.id == worker).values(**values))


def take_over(connection: Connection, worker: str) -> bool:
    """Take up an entry that was reserved; its maker may have died before it could say which process it is."""
    pid = os.getpid()
    mine = {"pid": pid, "process_start": processes.born(pid), "heartbeat": now()}
    return connection.execute(update(workers).where(workers.c.id == worker).values(**mine)).rowcount == 1


def record_heartbeat(connection: Connection, worker: str) -> bool:
    """Note that a worker lives; False where it was given up for dead."""
    beat = update(workers).where(workers.c.id == worker).values(heartbeat=now())
    return connection.execute(beat).rowcount == 1


def deregister(connection: Connection, worker: str, lane: Lane) -> bool:
    """Take a worker's entry away, unless something waits in its lane; whether it was."""
    if lane in waiting_lanes(connection):
        return False
    connection.execute(delete(workers).where(workers.c.id == worker))
    return True


def release_worker(connection: Connection, worker: str, reason: str) -> None:
    """Take a dead worker's entry away and queue its jobs again; at the second crash they fail with the reason."""
    connection.execute(delete(workers).where(workers.c.id == worker))
    own = select(jobs).where(jobs.c.worker == worker, jobs.c.state == "running").order_by(jobs.c.id).with_for_update()
    for job in connection.execute(own).mappings().all():
        _requeue(connection, job, reason)


def unregistered(connection: Connection) -> list[str]:
    """Workers that have jobs but no entry any more."""
    known = select(workers.c.id)
    lost = select(jobs.c.worker).where(jobs.c.state == "running", jobs.c.worker.not_in(known)).distinct()
    return [str(worker) for worker in connection.execute(lost).scalars()]


def _requeue(connection: Connection, job: RowMapping, reason: str) -> None:
    crashes = job["crashes"] + 1
    stopped = stopping(connection, Job(job["id"], job["kind"], job["target"], crashes))
    if stopped or crashes >= MAX_CRASHES:
        connection.execute(delete(jobs).where(jobs.c.id == job["id"]))
    else:
        again = {"state": "queued", "worker": None, "crashes": crashes}
        connection.execute(update(jobs).where(jobs.c.id == job["id"]).values(**again))
    if job["kind"] == "train":
        state = "stopped" if stopped else "failed" if crashes >= MAX_CRASHES else "interrupted"
        _mark_run(connection, job["target"], state, reason)
    elif job["kind"] == "import":
        _mark_import(connection, job["target"], crashes, reason)
    elif job["kind"] in REQUEST_KINDS:
        _mark_request(connection, job["target"], stopped, crashes, reason)


def _mark_run(connection: Connection, run: str, state: str, reason: str) -> None:
    sentences = {
        "stopped": "Stopped.",
        "interrupted": f"The worker that trained this run {reason}; another one goes on from the last finished epoch.",
        "failed": f"The run was given up: its worker died twice, the last time it {reason}.",
    }
    values: dict[str, Any] = {"state": state, "sentence": sentences[state], "eta": None, "stopping": False}
    if state != "interrupted":
        values |= {"ended": time.time(), "fault": "ours" if state == "failed" else ""}
    connection.execute(update(runs).where(runs.c.id == run).values(**values))


def _mark_import(connection: Connection, item: str, crashes: int, reason: str) -> None:
    failed = crashes >= MAX_CRASHES
    sentence = f"The file could not be read: the worker that read it {reason}, twice." if failed else ""
    values = {"state": "failed" if failed else "queued", "sentence": sentence}
    connection.execute(update(imports).where(imports.c.id == item).values(**values))


def _mark_request(connection: Connection, request: str, stopped: bool, crashes: int, reason: str) -> None:
    failed = not stopped and crashes >= MAX_CRASHES
    sentence = f"This was given up: the worker that was at it {reason}, twice." if failed else ""
    state = "stopped" if stopped else "failed" if failed else "queued"
    values = {"state": state, "sentence": sentence, "progress": 0.0, "stage": "", "summary": {}}
    connection.execute(update(requests).where(requests.c.id == request).values(**values))
