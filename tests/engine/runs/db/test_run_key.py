"""When two runs are the same: the same settings, answered by the same code, from the same training."""

import pytest

from engine.runs import DatasetRecord, Settings, Workspace
from engine.runs.db import repository


def ended(space: Workspace, run: str) -> None:
    with space.store.write() as connection:
        repository.set_run(connection, run, {"state": "done"})


def test_a_run_that_is_trained_again_after_it_was_deleted_is_another(
    workspace: Workspace, table: DatasetRecord
) -> None:
    settings = Settings(table.id, "kmeans", 3)
    first = workspace.submit(settings)
    ended(workspace, first.id)
    assert workspace.submit(settings).id == first.id
    workspace.delete(first.id)
    second = workspace.submit(settings)
    assert (second.key, second.id == first.id) == (first.key, False)


def test_a_run_that_goes_on_stays_what_it_is(workspace: Workspace, table: DatasetRecord) -> None:
    run = workspace.submit(Settings(table.id, "kmeans", 3)).id
    workspace.stop(run)
    assert workspace.retry(run).id == run
    workspace.stop(run)
    assert workspace.submit(Settings(table.id, "kmeans", 3)).id == run


def test_other_code_trains_anew_and_leaves_the_old_run(
    workspace: Workspace, table: DatasetRecord, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = Settings(table.id, "kmeans", 3)
    old = workspace.submit(settings).id
    ended(workspace, old)
    assert workspace.is_current(workspace.run(old))
    monkeypatch.setattr("engine.runs.db.run_key.method_version", lambda method: f"a later {method}")
    new = workspace.submit(settings)
    assert (new.id == old, new.state) == (False, "queued")
    assert workspace.is_current(new)
    assert workspace.run(old).state == "done"
    assert not workspace.is_current(workspace.run(old))
