"""What is uploaded by a page: the call returns before anything is copied, and whoever asks is told how far it is."""

import threading
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sqlalchemy import select

from engine.core.errors import InputError
from engine.core.vision import import_torchvision
from engine.intake import PublicSet
from engine.intake.raw import Content
from engine.runs import Settings, Workspace, processes
from engine.runs.background_copy import INTERRUPTED
from engine.runs.db import repository
from engine.runs.db.records import ImportState
from engine.runs.db.schema import imports
from engine.runs.files.artifacts import FULL, Artifacts
from engine.runs.workers import import_job
from engine.runs.workers.worker import Worker

TABLE = b"height,weight,city\n" + b"".join(f"{i},{i % 7},{'abc'[i % 3]}\n".encode() for i in range(40))


def settled(space: Workspace, item: str, wanted: Callable[[ImportState], bool]) -> ImportState:
    """The state of an import once it is as wanted."""
    deadline = time.monotonic() + 60
    while not wanted(state := space.importing(item)):
        assert time.monotonic() < deadline, state
        time.sleep(0.01)
    return state


def test_an_upload_returns_before_it_is_copied(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    free, write = threading.Event(), Artifacts.write

    def slow(self: Artifacts, name: str, content: bytes) -> None:
        assert free.wait(60)
        write(self, name, content)

    monkeypatch.setattr(Artifacts, "write", slow)
    item = workspace.upload(TABLE, "a.csv").id
    state = workspace.importing(item)
    assert (state.state, state.dataset) == ("copying", None)
    assert not Worker(workspace, "light").once()
    free.set()
    settled(workspace, item, lambda state: state.state == "queued")
    assert Worker(workspace, "light").once()
    state = workspace.importing(item)
    assert state.state == "done"
    assert workspace.newest_dataset() == workspace.dataset(state.dataset or "")
    again = workspace.upload([("b.csv", TABLE)]).id
    assert settled(workspace, again, lambda state: state.state != "copying").dataset == state.dataset
    assert not Worker(workspace, "light").once()


def test_progress_of_a_copy_is_told(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.runs.background_copy.REPORT", 0.0)
    shares, change = list[float](), repository.set_import

    def noted(connection: object, item: str, values: dict[str, dict[str, float]]) -> None:
        shares.append(values["source"].get("share", -1.0))
        change(connection, item, values)  # type: ignore[arg-type]

    monkeypatch.setattr(repository, "set_import", noted)
    item = workspace.upload([("a.csv", b"a" * 3_000_000), ("b.csv", b"b")]).id
    settled(workspace, item, lambda state: state.state == "queued")
    assert shares == [*sorted(shares[:-1]), -1.0]
    assert len(shares) > 4
    assert 0.1 < shares[0] < 0.5 < shares[-2] == 1.0


def test_what_is_wrong_with_an_upload_is_a_sentence(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(InputError, match="is empty"):
        workspace.upload(b"", "a.csv")

    def full(*_: object) -> None:
        raise InputError(FULL)

    monkeypatch.setattr(Artifacts, "write", full)
    item = workspace.upload(TABLE, "a.csv").id
    state = settled(workspace, item, lambda state: state.state != "copying")
    assert (state.state, state.sentence) == ("failed", FULL)

    def broken(*_: object) -> None:
        raise RuntimeError("a fault of ours")

    monkeypatch.setattr(Artifacts, "write", broken)
    item = workspace.upload(TABLE, "a.csv").id
    assert "on our side" in settled(workspace, item, lambda state: state.state != "copying").sentence


def test_a_copy_that_died_with_its_server_is_over(workspace: Workspace) -> None:
    dead = {"copier": {"host": processes.HOST, "pid": 2**22 + 1, "born": "1"}}
    values = {"name": "a.csv", "source": dead, "state": "copying"}
    with workspace.store.write() as connection:
        repository.add_import(connection, "x", values)
    state = workspace.importing("x")
    assert (state.state, state.sentence) == ("failed", INTERRUPTED)


def test_an_upload_s_name_is_stored_once(workspace: Workspace) -> None:
    item = workspace.upload(TABLE, "patients.csv").id
    settled(workspace, item, lambda state: state.state == "queued")
    with workspace.store.read() as connection:
        assert sorted(connection.execute(select(imports.c.name)).scalars()) == ["", "patients.csv"]


def test_the_newest_run_is_found_by_its_state(digits: Workspace, tmp_path: Path) -> None:
    dataset = digits.newest_dataset()
    assert dataset is not None
    first = digits.submit(Settings(dataset.id, "kmeans", 3))
    second = digits.submit(Settings(dataset.id, "kmeans", 4))
    digits.stop(second.id)
    assert digits.newest_run() == digits.run(second.id)
    assert digits.newest_run(("queued", "running")) == digits.run(first.id)
    assert digits.newest_run(("done",)) is None


def test_a_public_set_that_cannot_be_reached_is_a_sentence(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    datasets = import_torchvision().datasets
    monkeypatch.setattr(datasets.MNIST, "mirrors", ["http://nowhere.invalid/"])
    item = workspace.add("mnist").id
    assert Worker(workspace, "light").once()
    state = workspace.importing(item)
    assert (state.state, state.dataset) == ("failed", None)
    assert state.sentence.startswith("MNIST could not be downloaded")
    with pytest.raises(InputError, match="the public data sets mnist, fashion-mnist"):
        workspace.add("emnist")


def test_the_bar_of_a_public_set_says_that_it_is_downloaded(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_job, "REPORT_SECONDS", 0.0)
    seen = []

    def read(chosen: PublicSet, report: Callable[[float], None]) -> tuple[Content, str, str]:
        report(0.5)
        seen.append(workspace.importing(item))
        return (
            Content(pd.DataFrame({"label": range(9)}), "image", np.eye(9, dtype=np.uint8)[:, None, :, None]),
            "mnist",
            "0" * 64,
        )

    monkeypatch.setattr("engine.intake.reading.read_public_set", read)
    item = workspace.add("mnist").id
    assert Worker(workspace, "light").once()
    assert [(state.sentence, state.progress) for state in seen] == [("Downloading and reading", 0.5)]
    assert workspace.importing(item).state == "done"
    assert [record.name for record in workspace.datasets() if record.sample] == ["mnist"]
