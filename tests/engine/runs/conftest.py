"""A workspace in a folder of its own, and an end for every process that a test has started."""

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from engine.runs import DatasetRecord, Workspace, ledger, processes
from engine.runs.store import workers


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def environment(home: Path) -> dict[str, str]:
    return {"CONSTELLA_HOME": str(home)}


@pytest.fixture
def workspace(environment: dict[str, str]) -> Iterator[Workspace]:
    """An empty workspace; workers that were started for it are ended with the test."""
    space = Workspace.open(environment)
    yield space
    end_workers(space)
    space.close()


@pytest.fixture
def table(workspace: Workspace) -> DatasetRecord:
    """A dataset as the store knows it, without files."""
    record = DatasetRecord("d" * 20, "customers", "table", 440, 8, time.time(), False, {"scale": "standard"})
    with workspace.store.write() as connection:
        ledger.add_dataset(connection, record)
    return record


def end(pid: int) -> None:
    """Kill a process and wait until it is gone."""
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return
    deadline = time.monotonic() + 10
    while processes.lives(pid, "") and time.monotonic() < deadline:
        time.sleep(0.02)


def end_workers(space: Workspace) -> None:
    """Kill every worker of a workspace by its own pid; none of them has been anything else meanwhile."""
    with space.store.read() as connection:
        rows = connection.execute(select(workers.c.pid, workers.c.born)).all()
    for pid, mark in rows:
        if pid > 1 and mark and pid != os.getpid() and processes.lives(pid, mark):
            end(pid)
