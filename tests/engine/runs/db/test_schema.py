"""The store: all or nothing, many writers, one schema."""

import multiprocessing
from pathlib import Path

import pytest
from sqlalchemy import func, insert, select, update
from sqlalchemy.engine import Connection
from sqlalchemy.exc import IntegrityError, OperationalError

from engine.core.errors import InputError
from engine.runs.db.schema import LOCK_ORDER, RETRIES, Store, jobs, metadata, schema


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


class _Collision(Exception):
    """A fault as psycopg reports it."""

    def __init__(self, sqlstate: str) -> None:
        super().__init__(sqlstate)
        self.sqlstate = sqlstate


@pytest.mark.parametrize("sqlstate", ["40001", "40P01"])
def test_a_transaction_that_the_database_gave_up_is_tried_again(tmp_path: Path, sqlstate: str) -> None:
    store, attempts = Store(f"sqlite:///{tmp_path}/store.db"), []

    def action(connection: Connection) -> str:
        connection.execute(insert(jobs).values(**_row("a")))
        attempts.append(1)
        if len(attempts) < 3:
            raise OperationalError("UPDATE", {}, _Collision(sqlstate))
        return "through"

    assert store.change(action) == "through"
    with store.read() as connection:
        assert connection.execute(select(func.count()).select_from(jobs)).scalar_one() == 1
    store.close()


@pytest.mark.parametrize(("sqlstate", "attempts"), [("40P01", RETRIES), ("57014", 1)])
def test_what_stays_impossible_is_raised_in_the_end(tmp_path: Path, sqlstate: str, attempts: int) -> None:
    store, made = Store(f"sqlite:///{tmp_path}/store.db"), []

    def action(connection: Connection) -> None:
        made.append(1)
        raise OperationalError("UPDATE", {}, _Collision(sqlstate))

    with pytest.raises(OperationalError):
        store.change(action)
    assert len(made) == attempts
    store.close()


def test_every_table_has_its_place_in_the_lock_order() -> None:
    assert sorted(LOCK_ORDER) == sorted(set(metadata.tables) - {"schema"})
