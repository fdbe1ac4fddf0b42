"""Files on their way in: once by content, within the limit, never outside of their folder."""

from pathlib import Path

import pytest

from engine.core.errors import InputError
from engine.runs import Workspace
from engine.runs.db import queue
from engine.runs.files.uploads import Upload, unpack
from engine.runs.workers.worker import Worker

TABLE = b"height,weight,city\n" + b"".join(f"{i},{i % 7},{'abc'[i % 3]}\n".encode() for i in range(40))


def test_the_same_content_comes_in_once(workspace: Workspace, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(TABLE)
    first = workspace.add(tmp_path / "a.csv")
    assert workspace.importing(first.id).state == "queued"
    assert workspace.add(TABLE, "copy of a.csv").id == first.id
    light = Worker(workspace, "light")
    assert light.once()
    assert not light.once()
    state = workspace.importing(first.id)
    assert state.state == "done"
    assert workspace.add(TABLE, "a.csv").id == first.id
    (record,) = workspace.datasets()
    assert (record.id, record.kind, record.n, record.columns, record.sample) == (state.dataset, "table", 40, 3, False)
    assert workspace.raw(record.id) is workspace.raw(record.id)
    original = workspace.original(record.id)
    assert original is not None
    assert original.fetch(workspace.artifacts, tmp_path / "again").read_bytes() == TABLE


def test_another_name_s_end_is_another_file() -> None:
    hashes = {Upload(TABLE, name, 2**20).hash() for name in ("a.csv", "b.csv", "a.tsv")}
    assert len(hashes) == 2
    assert Upload([("x/a.png", b"1"), ("b.png", b"2")], None, 99).hash() != Upload([("a.png", b"12")], None, 99).hash()


def test_what_cannot_be_read_leaves_no_dataset_but_a_sentence(workspace: Workspace) -> None:
    item = workspace.add(b"height,weight\n", "head.csv").id
    assert Worker(workspace, "light").once()
    state = workspace.importing(item)
    assert (state.state, state.dataset) == ("failed", None)
    assert "head.csv" in state.sentence
    assert workspace.datasets() == []
    assert [entry.id for entry in workspace.failed_imports()] == [item]
    assert workspace.importing(workspace.add(b"height,weight\n", "head.csv").id).state == "queued"


def test_limits_are_said_before_anything_is_copied(tmp_path: Path) -> None:
    space = Workspace.open({"CONSTELLA_HOME": str(tmp_path / "home"), "CONSTELLA_MAX_UPLOAD": "1000"})
    for source, said in (
        (b"x" * 1001, "more than the"),
        ([("a.csv", b"x" * 600), ("b.csv", b"x" * 600)], "more than the"),
        (b"", "is empty"),
        ([], "no files"),
        (tmp_path / "none.csv", "no file"),
        ("none.csv", "no data set of that name"),
    ):
        with pytest.raises(InputError, match=said):
            space.add(source)  # type: ignore[arg-type]
    assert not (tmp_path / "home" / "artifacts").exists()
    space.close()
    with pytest.raises(InputError, match="whole number of bytes"):
        Workspace.open({"CONSTELLA_HOME": str(tmp_path / "home"), "CONSTELLA_MAX_UPLOAD": "2GB"})


def test_names_stay_inside(workspace: Workspace, tmp_path: Path) -> None:
    files = [("../../evil.txt", b"1"), ("/etc/evil.txt", b"2"), ("a\\..\\b.txt", b"3"), ("Größe.txt", b"4")]
    stored = Upload(files, None, 99).store(workspace.artifacts, "item")
    place = tmp_path / "inside"
    root = unpack(workspace.artifacts, "item", stored, place)
    assert root == place
    found = {path.relative_to(place).as_posix(): path.read_bytes() for path in place.rglob("*") if path.is_file()}
    assert found == {"evil.txt": b"1", "etc/evil.txt": b"2", "a/b.txt": b"3", "Größe.txt": b"4"}


def test_names_that_no_file_system_takes_are_shortened(workspace: Workspace, tmp_path: Path) -> None:
    names = [
        "漢" * 300 + "1.txt",
        "漢" * 300 + "2.txt",
        "a",
        "a/b.txt",
        "n\0ul.txt",
        "/".join(["deep"] * 2000) + "/c.txt",
        "\ud800.txt",
    ]
    stored = Upload([(name, str(i).encode()) for i, name in enumerate(names)], None, 99).store(
        workspace.artifacts, "item"
    )
    place = unpack(workspace.artifacts, "item", stored, tmp_path / "inside")
    found = {path.read_bytes(): path.relative_to(place).as_posix() for path in place.rglob("*") if path.is_file()}
    assert len(found) == len(names)
    assert (found[b"2"], found[b"3"], found[b"4"]) == ("a (2)", "a/b.txt", "n_ul.txt")
    assert found[b"0"].endswith(".txt")
    assert found[b"5"].endswith("deep/c.txt")


def test_files_of_one_name_in_one_upload_are_all_kept(workspace: Workspace) -> None:
    item = workspace.add([("a.txt", b"the first"), ("a.txt", b"the second"), ("b.txt", b"the third")]).id
    assert Worker(workspace, "light").once()
    raw = workspace.raw(workspace.importing(item).dataset or "")
    assert dict(zip(raw.rows["file"], raw.rows["text"], strict=True)) == {
        "a.txt": "the first",
        "a (2).txt": "the second",
        "b.txt": "the third",
    }
    assert "1 file had the name of another and got a number, so that all are kept: *a (2).txt*." in raw.notes


def test_a_folder_s_own_name_is_no_label(workspace: Workspace, tmp_path: Path) -> None:
    for name in ("top/cat/1.txt", "top/dog/2.txt"):
        (tmp_path / name).parent.mkdir(parents=True)
        (tmp_path / name).write_bytes(b"1")
    stored = Upload(tmp_path / "top", None, 99).store(workspace.artifacts, "item")
    root = unpack(workspace.artifacts, "item", stored, tmp_path / "again")
    assert sorted(path.relative_to(root).as_posix() for path in root.rglob("*.txt")) == ["cat/1.txt", "dog/2.txt"]


def test_an_idle_worker_leaves(workspace: Workspace) -> None:
    light = Worker(workspace, "light")
    item = workspace.add(TABLE, "a.csv").id
    light.serve(idle=0.2)
    assert workspace.importing(item).state == "done"
    with workspace.store.read() as connection:
        assert queue.list_workers(connection) == []


def test_a_worker_that_has_loaded_older_code_leaves_its_work_to_another(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    light = Worker(workspace, "light")
    item = workspace.add(TABLE, "a.csv").id
    stamps = iter(("before", "after"))
    monkeypatch.setattr("engine.core.code_version.stamp", lambda: next(stamps))
    light.serve()
    assert workspace.importing(item).state == "queued"
    with workspace.store.read() as connection:
        assert queue.list_workers(connection) == []
