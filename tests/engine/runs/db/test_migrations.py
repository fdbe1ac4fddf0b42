"""A store of the first schema opens, keeps everything, and then looks as if it had been made today."""

import time
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, create_engine, inspect, select, text

from engine.core.errors import InputError
from engine.runs import Workspace
from engine.runs.db import migrations, queue
from engine.runs.db.migrations import SCHEMA
from engine.runs.db.schema import Store, jobs, metadata, requests, schema, workers
from tests.engine.runs.db import schema_1
from tests.engine.runs.db.stores import empty, url

__all__ = ["url"]

RUN: dict[str, Any] = {
    "dataset": "d",
    "preparation": {},
    "method": "kmeans",
    "n_clusters": 3,
    "knobs": {"restarts": 2},
    "seed": 0,
    "created": 5.0,
}


def _old_store(address: str) -> None:
    """A store of schema 1 with something of everything in it."""
    engine = create_engine(address)
    with engine.begin() as connection:
        schema_1.metadata.create_all(connection)
        for table, rows in _rows().items():
            for row in rows:
                connection.execute(schema_1.metadata.tables[table].insert().values(**row))
    engine.dispose()


def _rows() -> dict[str, list[dict[str, Any]]]:
    asked = {"run": "a", "source": {}, "created": 7.0}
    at = {"lane": "light", "state": "queued", "created": 8.0}
    return {
        "schema": [{"version": 1}],
        "datasets": [
            {"id": "d", "name": "Penguins", "kind": "table", "n": 9, "columns": 4, "created": 1.0, "sample": False}
            | {"preparation": {"scale": "standard"}}
        ],
        "runs": [
            RUN | {"id": "a", "key": "a", "name": "One", "state": "done", "summary": {"k": 3}, "result": "r1"},
            RUN | {"id": "b", "key": "b", "name": "Two", "state": "running", "started": 6.0, "stage": "Learning"},
        ],
        "snapshots": [{"run": "a", "seq": 1, "record": {"seq": 1, "terms": {"x": 0.5}}}],
        "shares": [{"token": "t", "run": "a", "created": 7.0, "expires": None, "raw_data": True}],
        "views": [{"token": "t", "run": "a", "state": {"color": "size"}}],
        "locks": [{"token": "t", "run": "a", "salt": "00", "digest": "11", "wrong": 3, "closed": 0.0}],
        "names": [{"run": "a", "label": 1, "name": "The small ones"}],
        "errands": [
            asked | {"id": "a.scan", "kind": "examine", "name": "scan", "state": "queued"},
            asked | {"id": "a.tsne2", "kind": "layout", "name": "tsne2", "state": "running", "doing": "Moving"},
            asked | {"id": "a.f1", "kind": "apply", "name": "more.csv", "state": "done", "summary": {"n": 4}},
            asked | {"id": "a.onnx", "kind": "export", "name": "onnx", "state": "failed", "sentence": "Too large."},
        ],
        "jobs": [
            at | {"kind": "train", "target": "b", "lane": "train", "state": "running", "worker": "w"},
            at | {"kind": "project", "target": "a", "lane": "map"},
            at | {"kind": "examine", "target": "a.scan", "lane": "examine", "deaths": 1},
            at | {"kind": "layout", "target": "a.tsne2", "lane": "map", "state": "running", "worker": "w"},
        ],
        "workers": [
            {"id": "w", "lane": "train", "slot": 0, "host": "here", "pid": 7, "started": 1.0, "beat": time.time()}
        ],
    }


def test_a_store_of_schema_1_keeps_everything(url: str, tmp_path: Path) -> None:
    _old_store(url)
    space = Workspace.open({"CONSTELLA_HOME": str(tmp_path), "CONSTELLA_STORE": url})
    assert [(run.name, run.state, run.knobs) for run in space.runs()] == [
        ("One", "done", {"restarts": 2}),
        ("Two", "running", {"restarts": 2}),
    ]
    assert [(run.stage, run.stage_title) for run in space.runs()] == [("", ""), ("", "Learning")]
    assert [item.name for item in space.datasets()] == ["Penguins"]
    assert space.history("a") == [{"seq": 1, "terms": {"x": 0.5}}]
    assert space.names.of_run("a") == {1: "The small ones"}
    link = space.links.find("t")
    assert (link.raw_data, link.locked, link.view) == (True, True, {"color": "size"})
    assert [item.state for item in space.evaluations.of_run("a")] == ["queued"]
    assert [item.stage for item in space.layouts.of_run("a")] == ["Moving"]
    assert [item.summary for item in space.predictions.of_run("a")] == [{"n": 4}]
    assert [item.sentence for item in space.exports.of_run("a")] == ["Too large."]
    space.close()


def test_its_jobs_go_on_with_workers_of_this_version(url: str) -> None:
    _old_store(url)
    store = Store(url)
    with store.write() as connection:
        assert connection.execute(select(workers)).all() == [], "one of the earlier version would read other tables"
        assert queue.unregistered_workers(connection) == ["w"]
        queue.release_worker(connection, "w", "vanished")
        rows = connection.execute(select(jobs.c.kind, jobs.c.lane, jobs.c.state, jobs.c.crashes).order_by(jobs.c.id))
        assert [tuple(row) for row in rows] == [
            ("train", "train", "queued", 0),
            ("umap", "map", "queued", 0),
            ("evaluate", "evaluate", "queued", 1),
            ("tsne", "map", "queued", 0),
        ]
        assert set(connection.execute(select(requests.c.state).where(requests.c.kind == "tsne")).scalars()) == {
            "queued"
        }
    store.close()


def test_it_has_the_tables_of_a_new_one(url: str, tmp_path: Path) -> None:
    _old_store(url)
    Store(url).close()
    migrated = _structure(url)
    empty(url)
    Store(url).close()
    assert migrated == _structure(url)
    assert set(migrated) == set(metadata.tables)


def _structure(address: str) -> dict[str, Any]:
    """Columns, keys and indexes of every table; constraints without the names that databases make up."""
    engine = create_engine(address)
    found = inspect(engine)
    tables = {
        name: (
            sorted((item["name"], str(item["type"]), item["nullable"]) for item in found.get_columns(name)),
            found.get_pk_constraint(name)["constrained_columns"],
            sorted((item["name"], item["column_names"], item["unique"]) for item in found.get_indexes(name)),
            sorted(item["column_names"] for item in found.get_unique_constraints(name)),
        )
        for name in found.get_table_names()
    }
    engine.dispose()
    return tables


def test_a_store_from_before_there_were_requests_opens(url: str) -> None:
    _old_store(url)
    engine = create_engine(url)
    with engine.begin() as connection:
        for table in ("errands", "names", "locks", "views"):
            connection.execute(text(f"DROP TABLE {table}"))
    engine.dispose()
    store = Store(url)
    with store.read() as connection:
        assert connection.execute(select(requests)).all() == []
    store.close()


def test_a_migration_that_fails_leaves_the_store_as_it_was(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    _old_store(url)
    before = _structure(url)

    def broken(connection: Any) -> None:
        connection.execute(text("SELECT * FROM nothing"))

    monkeypatch.setattr(migrations, "MIGRATIONS", (*migrations.MIGRATIONS, broken))
    with pytest.raises(InputError, match="cannot be opened"):
        Store(url)
    assert _structure(url) == before
    assert _version(create_engine(url)) == 1
    monkeypatch.undo()
    Store(url).close()
    assert _version(create_engine(url)) == SCHEMA


def _version(engine: Engine) -> int:
    with engine.connect() as connection:
        found = connection.execute(select(schema.c.version)).scalar_one()
    engine.dispose()
    return int(found)
