"""What nobody needs goes, what somebody may be at stays, and a deleted name is in no file any more."""

import os
import tempfile
import time
from pathlib import Path

import pytest

from engine.runs import DatasetRecord, Settings, Workspace, garbage
from engine.runs.db import queue, repository
from engine.runs.files import originals
from engine.runs.files.artifacts import Artifacts
from engine.runs.files.pretrained import trim
from engine.runs.requests import base
from engine.runs.workers.worker import Worker

TABLE = b"height,weight,city\n" + b"".join(f"{i},{i % 7},{'abc'[i % 3]}\n".encode() for i in range(40))


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder for temporary files that no other process uses."""
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    return tmp_path / "temporary"


def aged(folder: Path, seconds: float = 2 * garbage.FORGOTTEN) -> None:
    """Make a folder with all in it look old."""
    for path in (folder, *folder.rglob("*")):
        os.utime(path, (time.time() - seconds,) * 2)


def files(space: Workspace) -> set[str]:
    """Folders of the second level that are stored."""
    root = Path(space.config.artifacts)
    return {path.relative_to(root).as_posix() for path in root.glob("*/*")}


def collected(space: Workspace) -> set[str]:
    garbage.collect(space.store, space.artifacts, space.config)
    return files(space)


def test_what_nothing_refers_to_goes_once_nobody_touches_it(workspace: Workspace, table: DatasetRecord) -> None:
    run = workspace.submit(Settings(table.id, "kmeans", 3)).id
    kept = {f"runs/{run}", f"datasets/{table.id}"}
    left = {"runs/gone", "datasets/gone", "originals/gone", "uploads/gone", "imports/gone", "reuse/old"}
    for folder in kept | left:
        workspace.artifacts.write(f"{folder}/file", b"1")
    (Path(workspace.config.artifacts) / "runs" / run / "checkpoint.1234.part").write_bytes(b"half")
    assert collected(workspace) == kept | left, "somebody may be at it"
    aged(Path(workspace.config.artifacts))
    workspace.artifacts.write("runs/gone/film/00001", b"a worker still writes")
    assert collected(workspace) == kept | {"runs/gone"}
    assert workspace.artifacts.unfinished() == []


def test_another_store_deletes_nothing_of_what_it_does_not_know(digits: Workspace) -> None:
    digits.submit(Settings(digits.datasets()[0].id, "kmeans", 3))
    for run in ("one", "two"):
        digits.artifacts.write(f"runs/{run}/film/00000", b"1")
    aged(Path(digits.config.artifacts))
    stored = files(digits)
    other = Workspace.open(
        {**digits.config.environment(), "CONSTELLA_STORE": f"sqlite:///{digits.config.home}/other.db"}
    )
    assert collected(other) == stored
    other.close()


def test_copies_of_a_killed_import_go(workspace: Workspace, temporary: Path) -> None:
    (temporary / "constella-dead").mkdir()
    (temporary / "constella-dead" / "upload.csv").write_bytes(TABLE)
    (temporary / "others").mkdir()
    aged(temporary)
    (temporary / "constella-alive").mkdir()
    collected(workspace)
    assert sorted(path.name for path in temporary.iterdir()) == ["constella-alive", "others"]


def test_the_upload_of_a_dataset_stays_as_its_original(workspace: Workspace) -> None:
    item = workspace.add(TABLE, "a.csv").id
    light = Worker(workspace, "light")
    aged(Path(workspace.config.artifacts))
    assert f"uploads/{item}" in collected(workspace), "it waits to be read"
    assert light.once()
    dataset = workspace.importing(item).dataset or ""
    aged(Path(workspace.config.artifacts))
    assert collected(workspace) == {f"uploads/{item}", f"datasets/{dataset}", f"originals/{dataset}"}
    workspace.delete_dataset(dataset)
    assert files(workspace) == set()


def test_the_upload_of_a_worker_that_died_twice_goes(workspace: Workspace) -> None:
    item = workspace.add(TABLE, "a.csv").id
    for _ in range(queue.MAX_CRASHES):
        with workspace.store.write() as connection:
            assert queue.claim(connection, "w", "light") is not None
        with workspace.store.write() as connection:
            queue.release_worker(connection, "w", "was killed")
    assert workspace.importing(item).state == "failed"
    aged(Path(workspace.config.artifacts))
    assert collected(workspace) == {f"uploads/{item}"}, "it can be read another way"
    long_ago = time.time() - repository.FAILED_UPLOAD_SECONDS - 1
    workspace.store.change(lambda connection: repository.set_import(connection, item, {"created": long_ago}))
    assert collected(workspace) == set()


def test_a_deleted_name_is_in_no_file_of_the_store(workspace: Workspace) -> None:
    record = DatasetRecord("d" * 20, "Patients of Dr. Miller", "table", 440, 8, time.time(), False)
    with workspace.store.write() as connection:
        repository.add_dataset(connection, record)

    def written() -> bool:
        return any(b"Dr. Miller" in path.read_bytes() for path in workspace.config.home.glob("store.db*"))

    assert written()
    workspace.delete_dataset(record.id)
    workspace.collect_garbage()
    assert not written()


def test_old_pretrained_weights_make_room_for_new_ones(tmp_path: Path) -> None:
    artifacts = Artifacts(str(tmp_path))
    for i, name in enumerate(("a/pretrained/1", "b/pretrained/2", "b/pretrained/3")):
        artifacts.write(f"datasets/{name}", b"x" * 960)
        os.utime(tmp_path / "datasets" / name, (1000.0 + i,) * 2)
    trim(artifacts, 3000)
    assert len(artifacts.files("datasets")) == 3
    trim(artifacts, 2500)
    assert [file.name for file in artifacts.files("datasets")] == ["datasets/b/pretrained/2", "datasets/b/pretrained/3"]
    trim(artifacts, 0)
    assert [file.name for file in artifacts.files("datasets")] == ["datasets/b/pretrained/3"]


def test_an_original_of_an_earlier_version_can_be_read_and_deleted(workspace: Workspace, tmp_path: Path) -> None:
    stored = Path(workspace.config.artifacts) / "originals" / "abc"
    (stored / "files").mkdir(parents=True)
    (stored / "files" / "0").write_bytes(TABLE)
    (stored / "original.json").write_text('{"dataset": "abc", "name": "a.csv", "files": ["a.csv"]}')
    original = workspace.original("abc")
    assert original is not None
    assert original.fetch(workspace.artifacts, tmp_path / "here").read_bytes() == TABLE
    originals.delete(workspace.artifacts, "abc")
    assert not stored.exists()


def test_where_an_upload_for_a_run_has_led_is_forgotten_after_a_week(workspace: Workspace) -> None:
    with workspace.store.write() as connection:
        for name, created in (("run.copy-old", 0.0), ("run.copy-new", time.time())):
            values = {"name": "", "source": {"request": "run.content"}, "state": "copied", "created": created}
            base.enter(connection, "predict", name, **values)
    garbage.collect(workspace.store, workspace.artifacts, workspace.config)
    assert workspace.predictions.copied_to("run.copy-old") is None
    assert workspace.predictions.copied_to("run.copy-new") == "run.content"
