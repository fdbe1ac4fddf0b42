"""The same store on PostgreSQL: a server of the tests' own, or the empty database that CONSTELLA_TEST_POSTGRES names."""

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import create_engine

from engine.runs import Settings, Workspace
from engine.runs.db import queue, repository
from engine.runs.db.schema import Store, metadata
from engine.runs.executors.local import entry
from engine.runs.workers.worker import Worker
from tests.engine.runs import postgres


def _empty(url: str) -> None:
    engine = create_engine(url)
    metadata.drop_all(engine)
    engine.dispose()


@pytest.fixture(scope="module")
def database() -> Iterator[str]:
    """The URL of an empty database."""
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
def space(tmp_path: Path, database: str) -> Iterator[Workspace]:
    found = Workspace.open({"CONSTELLA_HOME": str(tmp_path), "CONSTELLA_STORE": database})
    yield found
    found.close()
    _empty(database)


def test_tables_are_made_once_by_many(space: Workspace) -> None:
    _empty(space.config.store)
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
            queue.bury(connection, state, "vanished")
        assert space.run(run).state == state


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
