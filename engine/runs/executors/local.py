"""Workers as detached processes on this machine: one for each GPU (or one), one for every other lane, two for quick jobs."""

import logging
import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from sqlalchemy.engine import RowMapping
from sqlalchemy.exc import IntegrityError

from engine.runs import processes
from engine.runs.config import Config
from engine.runs.db import queue
from engine.runs.db.queue import Lane
from engine.runs.db.schema import Store

HEARTBEAT_TIMEOUT = 8.0
"""Seconds without a heartbeat after which a worker on another host is taken for dead."""
HANG_TIMEOUT = 6 * 3600.0
"""Seconds without a heartbeat after which a worker on this host is ended, though its process lives: not even the thread that
sends heartbeats has run since. A long call into a library can keep it waiting, and must not be ended."""
START_TIMEOUT = 30.0
"""Seconds that a worker may take from its entry to its process."""
MIN_UPTIME = 20.0
"""Age in seconds below which the end of a worker delays the next start."""

_CHILDREN: dict[str, subprocess.Popen[bytes]] = {}
"""Workers that this process has started, kept to learn how they end."""

_log = logging.getLogger("constella.workers")


@dataclass
class _StartBackoff:
    """Spaces the starts of workers that die young, so that a broken installation does not spin."""

    failures: int = 0
    earliest: float = 0.0

    def note(self, worker: RowMapping, death: str) -> None:
        """Take in how a worker fares."""
        young = worker["age"] < MIN_UPTIME
        if death and young:
            self.failures += 1
            self.earliest = time.monotonic() + min(60.0, 2.0 ** (self.failures - 2))
        elif not young:
            self.failures = 0

    def allowed(self) -> bool:
        """Whether another start may be tried now."""
        return time.monotonic() >= self.earliest


class Local:
    """Spawns workers with a session of their own, so that they outlive whoever started them."""

    def __init__(self, config: Config, store: Store) -> None:
        self._config, self._store = config, store
        self._warmed = False
        self._starts = {lane: _StartBackoff() for lane in queue.LANES}

    def ensure(self, *, warm: bool) -> None:
        """Start workers where work waits and none lives, and give back the work of the dead."""
        with self._store.read() as connection:
            wanted = queue.waiting_lanes(connection)
            known = queue.list_workers(connection)
            lost = queue.unregistered_workers(connection)
            busy = queue.busy_workers(connection)
        _reap({row["id"] for row in known})
        dead = {row["id"]: reason for row in known if (reason := _end_of(row))}
        for row in known:
            self._starts[row["lane"]].note(row, dead.get(row["id"], ""))
        if dead or lost:
            self._release(dead | dict.fromkeys(lost, "vanished"))
            return self.ensure(warm=warm)
        lanes: set[Lane] = wanted | queue.WARM_LANES if warm and not self._warmed else wanted
        self._warmed = self._warmed or warm
        taken = {(row["lane"], row["slot"]) for row in known if row["host"] == processes.HOST}
        helping = "light" in wanted and any(row["lane"] == "light" and row["id"] in busy for row in known)
        for lane, slot in _posts(lanes, helping):
            if (lane, slot) not in taken and self._starts[lane].allowed():
                self._start(lane, slot)
        return None

    def _release(self, dead: dict[str, str]) -> None:
        """Give the work of the dead back, each in a transaction of its own, so that rows are locked in order."""
        for worker, reason in dead.items():
            _log.warning("worker %s %s", worker, reason)
            self._store.change(partial(queue.release_worker, worker=worker, reason=reason))
            _CHILDREN.pop(worker, None)

    def _start(self, lane: Lane, slot: int) -> None:
        """Reserve a post in the store, then spawn its worker; whoever reserves first spawns."""
        worker = secrets.token_hex(8)
        try:
            self._store.change(partial(queue.register, values=entry(worker, lane, slot, pid=0)))
        except IntegrityError:
            return
        child = self._spawn(worker, lane, slot)
        _CHILDREN[worker] = child
        self._store.change(partial(queue.set_process, worker=worker, pid=child.pid))

    def _spawn(self, worker: str, lane: Lane, slot: int) -> subprocess.Popen[bytes]:
        environment = self._config.environment()
        environment["PYTHONPATH"] = os.pathsep.join(_paths(environment.get("PYTHONPATH", "")))
        environment |= threads(_cores(), served=self._warmed)
        devices = gpus()
        if lane == "train" and devices:
            environment["CUDA_VISIBLE_DEVICES"] = devices[slot]
        elif lane == "evaluate" and devices:
            environment["CUDA_VISIBLE_DEVICES"] = devices[-1]  # the one that trainings take last
        logs = self._config.home / "logs"
        logs.mkdir(parents=True, exist_ok=True)
        command = [sys.executable, "-m", "engine", "worker", "--lane", lane, "--entry", worker]
        with (logs / f"{lane}-{slot}.log").open("ab") as log:
            return subprocess.Popen(
                command,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                cwd=self._config.home,
            )


def threads(cores: int, *, served: bool) -> dict[str, str]:
    """Variables that give a worker the threads it may use: all cores, or one fewer where this process serves pages.

    Beside a page, threads that wait for one another sleep instead of spinning: with every core of a small machine busy, two
    spinning threads trained at 3.5 steps a second, two sleeping ones at 9, a single one at 23. Left alone, spinning is a third
    faster. What the user has set stays.
    """
    wanted = {"OMP_NUM_THREADS": str(max(1, cores - 1)), "OMP_WAIT_POLICY": "PASSIVE"} if served else {}
    return {name: value for name, value in wanted.items() if name not in os.environ}


def _cores() -> int:
    """Processors that this process may use, where the system says so."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _reap(registered: set[str]) -> None:
    """Let children that ended leave the process table; those whose entry is gone too are forgotten."""
    for worker, child in list(_CHILDREN.items()):
        if child.poll() is not None and worker not in registered:
            _CHILDREN.pop(worker, None)


def _end_of(worker: RowMapping) -> str:
    """Why a worker must be given up, as the end of "the worker ..."; empty while it lives."""
    silence = worker["silence"]
    if worker["host"] != processes.HOST:
        return f"on {worker['host']} was not heard of any more" if silence > HEARTBEAT_TIMEOUT else ""
    if worker["pid"] == 0:
        return "never started" if silence > START_TIMEOUT else ""
    if processes.lives(worker["pid"], worker["process_start"]):
        return _end_hanging(worker) if silence > HANG_TIMEOUT else ""
    if processes.out_of_memory_kills() > worker["oom_kills"]:
        return "ran out of memory and was killed by the system"
    return _exit_of(_status(_CHILDREN.get(worker["id"])))


def _end_hanging(worker: RowMapping) -> str:
    """Kill a worker's process, so that whoever takes its work over has the processor and the GPU to itself."""
    if worker["process_start"]:  # else the number may be somebody else's process by now
        with suppress(OSError):
            os.kill(worker["pid"], signal.SIGKILL)
    return f"did not respond for {worker['silence'] / 3600:.0f} hours"


def _exit_of(status: int | None) -> str:
    if status is None:
        return "vanished (it was killed, or the machine was restarted)"
    if status < 0:
        return f"was killed by signal {-status} ({signal.Signals(-status).name})"
    return f"ended with status {status}"


def _status(child: subprocess.Popen[bytes] | None) -> int | None:
    """How a child ended; its last threads may take a moment to go."""
    try:
        return None if child is None else child.wait(1.0)
    except subprocess.TimeoutExpired:
        return None


def entry(worker: str, lane: Lane, slot: int, pid: int) -> dict[str, object]:
    """A worker's row; the database adds the times."""
    return {
        "id": worker,
        "lane": lane,
        "slot": slot,
        "host": processes.HOST,
        "pid": pid,
        "process_start": processes.born(pid) if pid else "",
        "oom_kills": processes.out_of_memory_kills(),
    }


def gpus() -> list[str]:
    """Names of this machine's GPUs as CUDA_VISIBLE_DEVICES takes them, found without loading CUDA."""
    chosen = os.environ.get("CUDA_VISIBLE_DEVICES")
    if chosen is not None:
        return [name for name in chosen.split(",") if name not in ("", "-1")]
    return [str(i) for i, _ in enumerate(sorted(Path("/dev").glob("nvidia[0-9]*")))]


def _posts(lanes: set[Lane], helping: bool) -> Iterator[tuple[Lane, int]]:
    """Every worker that is wanted; a second one for quick jobs where they wait for one that takes long."""
    if helping:
        yield "light", 1
    for lane in sorted(lanes):
        for slot in range(max(1, len(gpus())) if lane == "train" else 1):
            yield lane, slot


def _paths(present: str) -> list[str]:
    """Where the engine is, first, so that a worker finds it whatever folder it starts in."""
    here = str(Path(__file__).parents[3])
    return [here, *(path for path in present.split(os.pathsep) if path and path != here)]
