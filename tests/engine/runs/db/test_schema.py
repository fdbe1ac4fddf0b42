"""The store: all or nothing, many writers, one schema."""

import multiprocessing
from pathlib import Path

import pytest
from sqlalchemy import func, insert, select, update
from sqlalchemy.exc import IntegrityError

from engine.core.errors import InputError
from engine.runs.db.schema import Store, jobs, schema


def _row(target: str) -> dict[str, object]:
    return {"lane": "train", "kind": "train", "target": target, "state": "queued", "created": 0.0}


def _write_many(url: str, name: str) -> None:
    store = Store(url)
    for i in range(40):
        with store.write() as connection:
            count = connection.execute(select(func.count()).select_from(jobs)).scalar_one()
            connection.execute(insert(jobs).values(**_row(f"{name}-{i}-{count}")))


def test_a_failed_transaction_leaves_nothing(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path}/store.db")
    with pytest.raises(IntegrityError), store.write() as connection:
        connection.execute(insert(jobs), [_row("a"), _row("b"), _row("a")])
    with store.read() as connection:
        assert connection.execute(select(jobs)).all() == []
    store.close()


def test_processes_write_side_by_side(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/store.db"
    context = multiprocessing.get_context("spawn")
    writers = [context.Process(target=_write_many, args=(url, name)) for name in "abc"]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(60)
    assert [writer.exitcode for writer in writers] == [0, 0, 0]
    store = Store(url)
    with store.read() as connection:
        targets = list(connection.execute(select(jobs.c.target)).scalars())
        mode = connection.exec_driver_sql("PRAGMA journal_mode").scalar()
    store.close()
    # each transaction saw a count of its own: none read what another was about to change
    assert sorted(int(target.rpartition("-")[2]) for target in targets) == list(range(120))
    assert mode == "wal"


def test_readers_do_not_wait_for_a_writer(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path}/store.db")
    with store.write() as writing:
        writing.execute(insert(jobs).values(**_row("a")))
        with store.read() as reading:
            assert reading.execute(select(func.count()).select_from(jobs)).scalar_one() == 0
    store.close()


def test_a_store_of_a_newer_version_is_refused_in_a_sentence(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/store.db"
    store = Store(url)
    with store.write() as connection:
        connection.execute(update(schema).values(version=99))
    store.close()
    with pytest.raises(InputError, match="newer version of Constella"):
        Store(url)


def test_a_file_that_is_no_database_is_refused_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "store.db").write_bytes(b"this is not a database" * 100)
    with pytest.raises(InputError, match="cannot be opened"):
        Store(f"sqlite:///{tmp_path}/store.db")
