"""The same store on PostgreSQL: a server of the tests' own, or the empty database that CONSTELLA_TEST_POSTGRES names."""

import os
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy.engine import Connection

from engine.runs import Settings, Workspace
from engine.runs.db import queue, repository
from engine.runs.db.schema import Store
from engine.runs.executors.local import entry
from engine.runs.workers.worker import Worker
from tests.engine.runs.db.stores import empty


@pytest.fixture
def space(tmp_path: Path, database: str) -> Iterator[Workspace]:
    found = Workspace.open({"CONSTELLA_HOME": str(tmp_path), "CONSTELLA_STORE": database})
    yield found
    found.close()
    empty(database)


def test_tables_are_made_once_by_many(space: Workspace) -> None:
    empty(space.config.store)
    with ThreadPoolExecutor(4) as pool:
        for store in pool.map(lambda _: Store(space.config.store), range(4)):
            store.close()
    assert space.runs() == []


def test_same_settings_one_run_and_every_job_to_one_worker(space: Workspace) -> None:
    def submit(i: int) -> str:
        return space.store.change(lambda c: repository.open_run(c, Settings("d", "kmeans", 3, seed=i % 5), "a run"))

    def claim(i: int) -> queue.Job | None:
        with space.store.write() as connection:
            return queue.claim(connection, f"worker{i}", "train")

    with ThreadPoolExecutor(8) as pool:
        runs = set(pool.map(submit, range(20)))
        claimed = [job.target for job in pool.map(claim, range(12)) if job]
    assert len(runs) == 5
    assert sorted(claimed) == sorted(runs)


def test_the_dead_give_back_once(space: Workspace) -> None:
    run = space.store.change(lambda c: repository.open_run(c, Settings("d", "kmeans", 3), "a run"))
    for state in ("interrupted", "failed"):
        with space.store.write() as connection:
            queue.register(connection, entry(state, "train", 0, pid=os.getpid()))
            assert queue.claim(connection, state, "train") is not None
        with space.store.write() as connection:
            queue.release_worker(connection, state, "vanished")
        assert space.run(run).state == state


def test_a_stop_and_a_worker_s_write_do_not_block_each_other(space: Workspace) -> None:
    """Both change the job and the run; they meet at the same row first, so one waits and nobody is given up."""
    run = space.store.change(lambda c: repository.open_run(c, Settings("d", "kmeans", 3), "a run"))
    job = space.store.change(lambda c: queue.claim(c, "worker", "train"))
    assert job is not None

    def write(i: int) -> None:
        with space.store.write() as connection:
            queue.lock_own(connection, "worker", job)
            time.sleep(0.01)
            repository.set_run(connection, run, {"progress": i / 40})

    def stop(i: int) -> None:
        with space.store.write() as connection:
            repository.ask_to_stop(connection, run)

    with ThreadPoolExecutor(8) as pool:
        for future in [pool.submit(act, i) for i in range(40) for act in (write, stop)]:
            future.result()
    assert space.run(run).stopping


def test_a_deadlock_is_resolved_by_trying_again(space: Workspace) -> None:
    """Rows in opposite order, which ours never are: PostgreSQL gives one transaction up, and it goes through later."""
    runs = [
        space.store.change(lambda c, i=i: repository.open_run(c, Settings("d", "kmeans", 3, seed=i), "a run"))
        for i in range(2)
    ]
    both, attempts = threading.Barrier(2), []

    def cross(order: list[str]) -> None:
        def action(connection: Connection) -> None:
            attempts.append(1)
            repository.set_run(connection, order[0], {"name": "crossed"})
            if len(attempts) <= 2:
                both.wait(30)
            repository.set_run(connection, order[1], {"name": "crossed"})

        space.store.change(action)

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(cross, [runs, runs[::-1]]))
    assert len(attempts) == 3
    assert [run.name for run in space.runs()] == ["crossed", "crossed"]


def test_heartbeats_are_the_database_s(space: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as skewed:
        skewed.setattr(time, "time", lambda: 0.0)
        with space.store.write() as connection:
            queue.register(connection, entry("one", "train", 0, pid=os.getpid()))
            assert queue.record_heartbeat(connection, "one")
    with space.store.read() as connection:
        (row,) = queue.list_workers(connection)
    assert 0 <= row["silence"] <= row["age"] < 5
    assert row["heartbeat"] == pytest.approx(time.time(), abs=5)


def test_a_whole_run(space: Workspace) -> None:
    item = space.add("digits").id
    assert Worker(space, "light").once()
    dataset = space.importing(item).dataset
    assert dataset is not None
    knobs = {"layers": "32-16", "pretrain_epochs": 2, "epochs": 2}
    run = space.submit(Settings(dataset, "idec", 10, knobs=knobs)).id
    assert Worker(space, "train").once()
    assert space.run(run).state == "done"
    assert len(space.result(run)) == 1797
    assert len(space.history(run)) >= 3
    assert space.links.find(space.links.share(run)).run == run
    space.delete(run)
    assert space.runs() == []
