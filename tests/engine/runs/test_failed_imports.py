"""A file that could not be read stays for a while, so that it can be read another way without a new upload."""

import os
import time
from pathlib import Path

import pytest
from sqlalchemy import update

from engine.core.errors import InputError
from engine.intake import ReadOptions, open_options
from engine.runs import Workspace
from engine.runs.db import repository
from engine.runs.db.schema import imports
from engine.runs.garbage import collect
from engine.runs.workers.worker import Worker

RAGGED = b"1;2\n3;4;5\n" * 20 + b"6;7;8;9\n"


def failed(space: Workspace, content: bytes = RAGGED, name: str = "a.csv") -> str:
    """The id of an import that failed."""
    item = space.add(content, name).id
    assert Worker(space, "light").once()
    assert space.importing(item).state == "failed"
    return item


def read(space: Workspace, item: str, options: ReadOptions) -> str | None:
    """The id of the dataset that another try makes."""
    again = space.retry_import(item, options).id
    assert Worker(space, "light").once()
    return space.importing(again).dataset


def test_it_is_read_with_other_options_without_an_upload(workspace: Workspace) -> None:
    item = failed(workspace)
    [entry] = workspace.failed_imports()
    assert (entry.id, entry.name, entry.files) == (item, "a.csv", ("a.csv",))
    assert "Row 1" in entry.sentence
    dataset = read(workspace, item, ReadOptions(kind="text"))
    assert dataset is not None
    assert workspace.dataset(dataset).kind == "text"
    assert workspace.failed_imports() == []
    assert workspace.artifacts.names(f"uploads/{item}") == []
    original = workspace.original(dataset)
    assert original is not None
    assert workspace.artifacts.read(f"{original.folder}/0") == RAGGED


def test_a_try_that_fails_too_can_be_followed_by_another(workspace: Workspace) -> None:
    item = failed(workspace)
    again = workspace.retry_import(item, ReadOptions(header=1)).id
    assert Worker(workspace, "light").once()
    entry = workspace.failed_import(again)
    assert entry is not None
    assert entry.options == {"header": 1}
    assert [one.id for one in workspace.failed_imports()] == [item], "the upload is there once"
    assert workspace.artifacts.folders("uploads") == [item]
    assert read(workspace, again, ReadOptions(kind="text")) is not None
    assert workspace.failed_imports() == []


def test_the_latest_few_are_kept_for_a_day(workspace: Workspace) -> None:
    items = [failed(workspace, RAGGED + bytes([65 + i]), f"{i}.csv") for i in range(repository.FAILED_UPLOADS + 1)]
    assert [one.id for one in workspace.failed_imports()] == items[:0:-1]
    assert workspace.artifacts.names(f"uploads/{items[0]}") == []
    collect(workspace.store, workspace.artifacts, workspace.config)
    assert len(workspace.failed_imports()) == repository.FAILED_UPLOADS
    old = time.time() - repository.FAILED_UPLOAD_SECONDS - 1
    workspace.store.change(lambda connection: connection.execute(update(imports).values(created=old)))
    for path in Path(workspace.config.artifacts).rglob("*"):
        os.utime(path, (old, old))
    assert workspace.failed_imports() == []
    collect(workspace.store, workspace.artifacts, workspace.config)
    assert workspace.artifacts.folders("uploads") == []
    with pytest.raises(InputError, match="no longer kept"):
        workspace.retry_import(items[-1], ReadOptions(kind="text"))


def test_it_is_forgotten_with_its_upload(workspace: Workspace) -> None:
    item = failed(workspace)
    workspace.forget_import(item)
    assert workspace.failed_imports() == []
    assert workspace.artifacts.folders("uploads") == []


def test_a_dataset_that_cannot_be_read_another_way_can_be_tried_a_third(workspace: Workspace) -> None:
    item = workspace.add(b"a;b\n" + b"1;2\n" * 30, "a.csv").id
    assert Worker(workspace, "light").once()
    before = workspace.importing(item).dataset or ""
    again = workspace.read_again(before, ReadOptions(rows=(900, 950))).id
    assert Worker(workspace, "light").once()
    assert workspace.importing(again).state == "failed"
    assert workspace.failed_imports() == [], "the dataset is in the list already"
    assert read(workspace, again, ReadOptions(kind="text")) not in (None, before)


def test_options_follow_from_the_name() -> None:
    assert "delimiter" in open_options("a.csv.gz")
    assert "axes" in open_options("a.npz")
    assert "sheet" in open_options("a.XLSX")
    assert open_options("a.png") == ()
