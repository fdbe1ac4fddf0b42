"""Artifacts: whole or not at all, damage found, a full disk said in a sentence."""

import errno
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from engine.core.errors import InputError
from engine.runs.files.artifacts import Artifacts, Damaged


@pytest.fixture(params=["file", "memory"])
def artifacts(request: pytest.FixtureRequest, tmp_path: Path) -> Artifacts:
    return Artifacts(str(tmp_path / "artifacts") if request.param == "file" else f"memory://{tmp_path}")


def _both(write: Callable[[str, bytes], None]) -> None:
    write("one.bin", b"1" * 1000)
    write("deep/two.bin", b"2" * 1000)


def test_files_come_back_as_they_were(artifacts: Artifacts, tmp_path: Path) -> None:
    artifacts.write("a/b.bin", b"first")
    artifacts.write("a/b.bin", b"second")
    (tmp_path / "big").write_bytes(b"x" * 5000)
    artifacts.add_file("a/c.bin", tmp_path / "big")
    assert artifacts.read("a/b.bin") == b"second"
    assert artifacts.read("a/c.bin") == b"x" * 5000
    assert artifacts.names("a") == ["b.bin", "c.bin"]
    artifacts.delete("a")
    assert artifacts.names("a") == []
    assert not artifacts.exists("a/b.bin")
    artifacts.delete("a")
    with pytest.raises(FileNotFoundError):
        artifacts.read("a/b.bin")


def test_names_cannot_leave_the_folder(artifacts: Artifacts) -> None:
    for name in ("../x", "a/../../x", "/etc/passwd", ""):
        with pytest.raises(InputError):
            artifacts.write(name, b"")


def test_a_sealed_folder_is_checked_file_by_file(artifacts: Artifacts) -> None:
    artifacts.write_folder("f", _both)
    assert artifacts.read_folder("f")("deep/two.bin") == b"2" * 1000
    assert artifacts.with_folder("f", lambda path: (path / "deep/two.bin").read_bytes()) == b"2" * 1000
    artifacts.write("f/one.bin", b"1" * 999)
    with pytest.raises(Damaged, match=r"one\.bin was changed or damaged"):
        artifacts.read_folder("f")("one.bin")
    with pytest.raises(Damaged, match=r"one\.bin"):
        artifacts.with_folder("f", lambda path: path)
    artifacts.delete("f/one.bin")
    with pytest.raises(Damaged, match="is missing"):
        artifacts.read_folder("f")("one.bin")


def test_of_a_large_file_parts_are_checked(
    artifacts: Artifacts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {"LARGE": 10_000, "PARTS": 4, "PART": 100}.items():
        monkeypatch.setattr(f"engine.runs.files.artifacts.{name}", value)
    (tmp_path / "f").mkdir()
    content = bytes(range(256)) * 100
    (tmp_path / "f" / "large").write_bytes(content)
    (tmp_path / "f" / "small").write_bytes(b"1" * 1000)
    artifacts.put_folder("f", tmp_path / "f")
    assert artifacts.with_folder("f", lambda path: (path / "large").read_bytes()) == content
    assert artifacts.read_folder("f")("large") == content
    for damaged in (content[:-1], content + b"1", b"1" + content[1:], content[:-1] + b"1"):
        artifacts._write("f/large", damaged)
        with pytest.raises(Damaged, match="large was changed or damaged"):
            artifacts.with_folder("f", lambda path: path)
    artifacts.delete("f/large")
    with pytest.raises(Damaged, match="large is missing"):
        artifacts.with_folder("f", lambda path: path)


def test_a_folder_that_could_not_be_stored_leaves_nothing(
    artifacts: Artifacts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "f").mkdir()
    for name in ("a", "b"):
        (tmp_path / "f" / name).write_bytes(b"1" * 1000)
    put = artifacts._put

    def stopped(name: str, source: Path) -> str:
        if source.name == "b":
            raise KeyboardInterrupt
        return put(name, source)

    monkeypatch.setattr(artifacts, "_put", stopped)
    with pytest.raises(KeyboardInterrupt):
        artifacts.put_folder("f", tmp_path / "f")
    assert not artifacts.exists("f")


def test_an_unfinished_folder_does_not_count(artifacts: Artifacts) -> None:
    def stops(write: Callable[[str, bytes], None]) -> None:
        write("one.bin", b"1")
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        artifacts.write_folder("f", stops)
    assert not artifacts.exists("f/one.bin")
    with pytest.raises(Damaged, match="never finished"):
        artifacts.read_folder("f")


def test_a_full_disk_is_a_sentence_and_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    artifacts = Artifacts(str(tmp_path / "artifacts"))
    artifacts.write("kept.bin", b"old")
    whole = type(artifacts._files).open

    def full(files: Any, path: str, mode: str, **options: Any) -> Any:
        file = whole(files, path, mode, **options)

        def write(content: bytes) -> int:
            file.f.write(content[: len(content) // 2])
            raise OSError(errno.ENOSPC, "No space left on device")

        file.write = write
        return file

    monkeypatch.setattr(type(artifacts._files), "open", full)
    for name in ("kept.bin", "new.bin"):
        with pytest.raises(InputError, match="disk is full"):
            artifacts.write(name, b"new" * 1000)
    monkeypatch.undo()
    assert artifacts.read("kept.bin") == b"old"
    assert [path.name for path in (tmp_path / "artifacts").iterdir()] == ["kept.bin"]


def test_a_file_that_is_not_what_was_written_is_not_read(artifacts: Artifacts, tmp_path: Path) -> None:
    (tmp_path / "big").write_bytes(b"x" * 3_000_000)
    artifacts.write("one", b"content")
    artifacts.add_file("two", tmp_path / "big")
    artifacts.fetch_file("one", tmp_path / "one")
    artifacts.fetch_file("two", tmp_path / "two")
    assert (tmp_path / "one").read_bytes() == b"content"
    assert (tmp_path / "two").read_bytes() == b"x" * 3_000_000
    for name in ("one", "two"):
        stored = artifacts._read(name)
        artifacts._write(name, b"X" + stored[1:])
        with pytest.raises(Damaged, match="was changed or damaged"):
            artifacts.read(name)
        with pytest.raises(Damaged, match="was changed or damaged"):
            artifacts.fetch_file(name, tmp_path / "target")
        assert not (tmp_path / "target").exists()


def test_files_of_versions_without_seals_are_read(artifacts: Artifacts, tmp_path: Path) -> None:
    for content in (b"", b"short", b"y" * 5000):
        artifacts._write("old", content)
        assert artifacts.read("old") == content
        artifacts.fetch_file("old", tmp_path / "old")
        assert (tmp_path / "old").read_bytes() == content
