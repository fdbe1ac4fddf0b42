"""A workspace in a folder of its own, and an end for every process that a test has started."""

import os
import shutil
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from engine.runs import DatasetRecord, Settings, Workspace, processes
from engine.runs.db import repository
from engine.runs.db.schema import workers
from engine.runs.executors import local
from engine.runs.workers.worker import Worker
from tests.conftest import Once
from tests.engine.runs import postgres
from tests.engine.runs.lock_recorder import LockRecorder


@pytest.fixture(autouse=True)
def lock_order() -> Iterator[None]:
    """Every transaction of every test locks rows in the order of `schema.LOCK_ORDER`."""
    recorder = LockRecorder()
    with recorder:
        yield
    assert not recorder.violations, "\n".join(recorder.violations)


@pytest.fixture(scope="session")
def database() -> Iterator[str]:
    """The URL of an empty database on PostgreSQL."""
    pytest.importorskip("psycopg", reason="psycopg is not installed")
    named, programs = os.environ.get("CONSTELLA_TEST_POSTGRES"), postgres.binaries()
    if named:
        yield named
    elif programs:
        with postgres.server(programs) as url:
            yield url
    else:
        pytest.skip("PostgreSQL is not installed, and CONSTELLA_TEST_POSTGRES names no database")


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


@pytest.fixture(scope="session")
def read_once(once: Once) -> Path:
    """A home that holds the digits."""
    return once("digits-home", _read)


def _read(home: Path) -> None:
    space = Workspace.open({"CONSTELLA_HOME": str(home)})
    space.add("digits")
    light = Worker(space, "light")
    assert light.once()
    assert light._deregister()
    space.close()


@pytest.fixture(scope="session")
def trained_once(once: Once, read_once: Path) -> Path:
    """The same home with a finished run: ten groups by k-means."""

    def train(home: Path) -> None:
        shutil.copytree(read_once, home)
        space = Workspace.open({"CONSTELLA_HOME": str(home)})
        space.submit(Settings(space.datasets()[0].id, "kmeans", 10, knobs={"restarts": 2}))
        worker = Worker(space, "train")
        assert worker.once()
        assert worker._deregister()
        space.close()

    return once("digits-run-home", train)


@pytest.fixture
def digits(read_once: Path, workspace: Workspace) -> Workspace:
    """A workspace of its own that holds the digits."""
    return _moved_in(workspace, read_once)


@pytest.fixture
def run(trained_once: Path, digits: Workspace) -> str:
    """The id of a finished run of ten groups in the workspace `digits`."""
    return _moved_in(digits, trained_once).runs()[0].id


def _moved_in(space: Workspace, source: Path) -> Workspace:
    """The workspace with a copy of another home in the place of its own."""
    space.close()
    shutil.rmtree(space.config.home)
    shutil.copytree(source, space.config.home)
    return space


@pytest.fixture
def table(workspace: Workspace) -> DatasetRecord:
    """A dataset as the store knows it, without files."""
    record = DatasetRecord("d" * 20, "customers", "table", 440, 8, time.time(), False, {"scale": "standard"})
    with workspace.store.write() as connection:
        repository.add_dataset(connection, record)
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
        rows = connection.execute(select(workers.c.pid, workers.c.process_start)).all()
    for pid, mark in rows:
        if pid > 1 and mark and pid != os.getpid() and processes.lives(pid, mark):
            end(pid)
    for child in local._CHILDREN.values():
        child.poll()
