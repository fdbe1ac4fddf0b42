"""A finished run and another file: its rows in the run's groups, what does not fit, and a sentence where the file does not."""

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from engine.core.errors import InputError
from engine.runs import RunRecord, Settings, Workspace, processes
from engine.runs.background_copy import INTERRUPTED
from engine.runs.db.records import Request
from engine.runs.files.artifacts import FULL, Artifacts
from engine.runs.requests import base
from engine.runs.workers.worker import Worker

CUSTOMERS = Path(__file__).parents[4] / "data" / "customers.csv"


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> tuple[Workspace, RunRecord]:
    """A workspace with k-means on a file of customers, and one worker of each lane."""
    workspace = Workspace.open({"CONSTELLA_HOME": str(tmp_path_factory.mktemp("applied") / "home")})
    item = workspace.add(CUSTOMERS).id
    _light(workspace)
    dataset = workspace.importing(item).dataset
    assert dataset is not None
    run = workspace.submit(Settings(dataset, "kmeans", 4))
    train = Worker(workspace, "train")
    while train.once():
        continue
    return workspace, workspace.run(run.id)


def _light(workspace: Workspace) -> None:
    worker = Worker(workspace, "light")
    while worker.once():
        continue
    worker._deregister()


def _csv(rows: pd.DataFrame) -> bytes:
    return rows.to_csv(index=False).encode()


def test_the_training_rows_come_back_in_their_own_groups(finished: tuple[Workspace, RunRecord]) -> None:
    workspace, run = finished
    table = pd.read_csv(CUSTOMERS)
    request = workspace.predictions.ask(run.id, _csv(table.iloc[:300]), "some.csv")
    assert request.state == "queued"
    _light(workspace)
    request = workspace.predictions.get(request.id)
    assert (request.state, request.progress, request.summary["n"]) == ("done", 1.0, 300)
    placed, result = workspace.predictions.read(request.id), workspace.result(run.id)
    assert placed.labels.tolist() == result.labels[:300].tolist()
    assert np.allclose(placed.sure, result.sure[:300], atol=1e-5)
    assert placed.outlier.mean() < 0.03
    assert len(workspace.predictions.raw(request.id)) == 300
    again = workspace.predictions.ask(run.id, _csv(table.iloc[:300]), "some.csv")
    assert (again.id, again.state) == (request.id, "done")


def test_what_reading_and_preparation_noticed_is_kept(finished: tuple[Workspace, RunRecord]) -> None:
    workspace, run = finished
    table = pd.read_csv(CUSTOMERS).iloc[:20].astype(object)
    words = next(name for name in table if table[name].map(type).eq(str).all() and table[name].nunique() < 10)
    table.loc[:2, words] = "Never seen"
    request = workspace.predictions.ask(run.id, _csv(table), "news.csv")
    _light(workspace)
    notes = workspace.predictions.raw(request.id).notes
    assert sum(f"“Never seen” in *{words}* (3 rows)" in note for note in notes) == 1


def _settled(workspace: Workspace, request: Request, state: str) -> Request:
    """A request once it is in this state."""
    deadline = time.monotonic() + 60
    while (now := workspace.predictions.get(request.id)).state != state:
        assert time.monotonic() < deadline, now
        time.sleep(0.01)
    return now


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """Nothing is written to the artifacts before this is set."""
    free, write = threading.Event(), Artifacts.write

    def slow(self: Artifacts, name: str, content: bytes) -> None:
        assert free.wait(60)
        write(self, name, content)

    monkeypatch.setattr(Artifacts, "write", slow)
    yield free
    free.set()
    _join()


def _join() -> None:
    """Wait for every copy to end."""
    for thread in threading.enumerate():
        if thread.name.startswith("upload-"):
            thread.join(60)


def test_an_upload_returns_before_it_is_copied(finished: tuple[Workspace, RunRecord], held: threading.Event) -> None:
    workspace, run = finished
    content = _csv(pd.read_csv(CUSTOMERS).iloc[:30])
    upload = workspace.predictions.upload(run.id, content, "thirty.csv")
    assert (upload.state, upload.name, upload.stage, upload.active) == (
        "copying",
        "thirty.csv",
        "Copying the file",
        True,
    )
    assert workspace.predictions.of_run(run.id)[0] == upload
    assert not Worker(workspace, "light").once()
    held.set()
    request = _settled(workspace, upload, "queued")
    assert workspace.predictions.copied_to(upload.id) == request.id
    _light(workspace)
    assert workspace.predictions.get(upload.id).summary["n"] == 30
    known = [item.id for item in workspace.predictions.of_run(run.id)]
    again = workspace.predictions.upload(run.id, [("again.csv", content)], "again.csv")
    assert _settled(workspace, again, "done").id == request.id
    assert [item.id for item in workspace.predictions.of_run(run.id)] == known
    assert workspace.predictions.ask(run.id, content, "once more.csv").id == request.id
    workspace.predictions.forget(upload.id)
    assert request.id not in {item.id for item in workspace.predictions.of_run(run.id)}


def test_the_progress_of_a_copy_is_told(
    finished: tuple[Workspace, RunRecord], held: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace, run = finished
    monkeypatch.setattr("engine.runs.background_copy.REPORT", 0.0)
    upload = workspace.predictions.upload(run.id, b"a" * 3_000_000, "long.csv")
    deadline = time.monotonic() + 60
    while workspace.predictions.get(upload.id).progress < 0.5:  # hashed, and not copied yet
        assert time.monotonic() < deadline
        time.sleep(0.01)
    assert workspace.predictions.get(upload.id).state == "copying"
    workspace.predictions.forget(upload.id)


@pytest.mark.parametrize("end", ["stop", "forget"])
def test_a_copy_that_nobody_wants_any_more_leaves_nothing(
    finished: tuple[Workspace, RunRecord], held: threading.Event, end: str
) -> None:
    workspace, run = finished
    before = workspace.artifacts.files(f"runs/{run.id}")
    upload = workspace.predictions.upload(run.id, f"a\n{end}\n".encode(), "unwanted.csv")
    getattr(workspace.predictions, end)(upload.id)
    held.set()
    _join()
    assert not Worker(workspace, "light").once()
    assert workspace.artifacts.files(f"runs/{run.id}") == before
    left = [item.state for item in workspace.predictions.of_run(run.id) if item.id == upload.id]
    assert left == (["stopped"] if end == "stop" else [])


def test_what_is_wrong_with_an_upload_is_a_sentence(
    finished: tuple[Workspace, RunRecord], monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace, run = finished
    assert "is empty" in _settled(workspace, workspace.predictions.upload(run.id, b"", "a.csv"), "failed").sentence
    monkeypatch.setattr(workspace.predictions, "_max_upload", 10)
    large = workspace.predictions.upload(run.id, b"a" * 11, "large.csv")
    assert "large.csv has 11 bytes" in _settled(workspace, large, "failed").sentence

    def full(*_: object) -> None:
        raise InputError(FULL)

    monkeypatch.setattr(Artifacts, "write", full)
    assert _settled(workspace, workspace.predictions.upload(run.id, b"a\n1\n", "a.csv"), "failed").sentence == FULL

    def broken(*_: object) -> None:
        raise RuntimeError("a fault of ours")

    monkeypatch.setattr(Artifacts, "write", broken)
    assert (
        "on our side"
        in _settled(workspace, workspace.predictions.upload(run.id, b"a\n2\n", "a.csv"), "failed").sentence
    )


def test_a_copy_that_died_with_its_server_is_over(finished: tuple[Workspace, RunRecord]) -> None:
    workspace, run = finished
    dead = {"copier": {"host": processes.HOST, "pid": 2**22 + 1, "born": "1"}}
    name = base.name(run.id, "copy-x")
    with workspace.store.write() as connection:
        base.enter(connection, "predict", name, name="a.csv", source=dead, state="copying")
    assert [item.state for item in workspace.predictions.of_run(run.id) if item.id == name] == ["failed"]
    assert workspace.predictions.get(name).sentence == INTERRUPTED
    workspace.predictions.forget(name)


def test_rows_unlike_any_customer_are_named(finished: tuple[Workspace, RunRecord]) -> None:
    workspace, run = finished
    table = pd.read_csv(CUSTOMERS).iloc[:50].copy()
    numbers = table.select_dtypes("number").columns
    table[numbers] = table[numbers].astype(float)
    table.loc[:4, numbers] = np.nanmax(table[numbers].to_numpy()) * 1000
    request = workspace.predictions.ask(run.id, _csv(table), "odd.csv")
    _light(workspace)
    placed = workspace.predictions.read(request.id)
    assert placed.outlier[:5].all()
    assert placed.outlier[5:].mean() < 0.1
    assert set(placed.order()[:5].tolist()) == set(range(5))


def test_rows_without_a_value_are_left_out(finished: tuple[Workspace, RunRecord]) -> None:
    workspace, run = finished
    table = pd.read_csv(CUSTOMERS).iloc[:20].copy()
    kept = [table.columns[0]]
    table.loc[3, [name for name in table.columns if name not in kept]] = None
    request = workspace.predictions.ask(run.id, _csv(table), "blank.csv")
    _light(workspace)
    placed = workspace.predictions.read(request.id)
    assert placed.left_out.tolist() == [i == 3 for i in range(20)]
    assert placed.labels[3] == -1


@pytest.mark.parametrize(
    ("content", "name", "said"),
    [
        (b"a,b\n1,2\n3,4\n", "other.csv", "missing"),
        (b"", "empty.csv", "empty"),
        (b"\x89PNG\r\n\x1a\nnothing", "broken.png", "broken.png"),
    ],
)
def test_a_file_that_does_not_fit_is_told_in_a_sentence(
    finished: tuple[Workspace, RunRecord], content: bytes, name: str, said: str
) -> None:
    workspace, run = finished
    if not content:
        with pytest.raises(InputError, match=said):
            workspace.predictions.ask(run.id, content, name)
        return
    request = workspace.predictions.ask(run.id, content, name)
    _light(workspace)
    request = workspace.predictions.get(request.id)
    assert request.state == "failed"
    assert said in request.sentence
    with pytest.raises(InputError, match="not ready"):
        workspace.predictions.read(request.id)
    workspace.predictions.forget(request.id)
    assert request.id not in {known.id for known in workspace.predictions.of_run(run.id)}


def test_what_is_deleted_leaves_nothing(finished: tuple[Workspace, RunRecord], tmp_path: Path) -> None:
    workspace, run = finished
    other = workspace.submit(Settings(run.dataset, "kmeans", 3))
    train = Worker(workspace, "train")
    while train.once():
        continue
    first = workspace.predictions.ask(other.id, _csv(pd.read_csv(CUSTOMERS).iloc[:10]), "ten.csv")
    workspace.predictions.ask(other.id, _csv(pd.read_csv(CUSTOMERS).iloc[:11]), "eleven.csv")
    assert [request.name for request in workspace.predictions.of_run(other.id)] == ["eleven.csv", "ten.csv"]
    workspace.predictions.forget(first.id)
    _light(workspace)
    assert [request.state for request in workspace.predictions.of_run(other.id)] == ["done"]
    workspace.delete(other.id)
    assert workspace.predictions.of_run(other.id) == []
    assert workspace.artifacts.names(f"runs/{other.id}") == []
    with pytest.raises(InputError, match="deleted"):
        workspace.predictions.get(first.id)


def test_what_an_earlier_version_stored_of_a_request_is_read_and_deleted(finished: tuple[Workspace, RunRecord]) -> None:
    workspace, run = finished
    request = workspace.predictions.ask(run.id, _csv(pd.read_csv(CUSTOMERS).iloc[:12]), "twelve.csv")
    folder = Path(workspace.config.artifacts) / "runs" / run.id
    _, _, what = request.id.partition(".")
    (folder / "errands").mkdir()
    (folder / "requests" / what).rename(folder / "errands" / what)  # it waits, with its upload
    _light(workspace)
    assert workspace.predictions.get(request.id).state == "done"
    assert len(workspace.predictions.read(request.id)) == 12
    assert len(workspace.predictions.raw(request.id)) == 12
    assert not (folder / "requests" / what).exists()
    workspace.predictions.forget(request.id)
    assert not (folder / "errands" / what).exists()


def test_only_a_finished_run_takes_new_data(finished: tuple[Workspace, RunRecord]) -> None:
    workspace, run = finished
    waiting = workspace.submit(Settings(run.dataset, "kmeans", 9))
    with pytest.raises(InputError, match="no result yet"):
        workspace.predictions.ask(waiting.id, CUSTOMERS)
    workspace.delete(waiting.id)


def test_a_table_read_as_series_is_grouped_and_takes_another_table(tmp_path: Path) -> None:
    time = np.linspace(0, 6, 40)
    shapes = np.stack([np.sin(time), time / 3, np.cos(2 * time)])[np.arange(90) % 3]
    table = pd.DataFrame(shapes + np.random.default_rng(0).normal(0, 0.1, shapes.shape)).add_prefix("t")
    workspace = Workspace.open({"CONSTELLA_HOME": str(tmp_path / "home")})
    item = workspace.add([("waves.csv", _csv(table))]).id
    _light(workspace)
    first = workspace.importing(item).dataset
    assert first is not None
    again = workspace.read_as_series(first, {"columns": list(table.columns)}).id
    _light(workspace)
    dataset = workspace.importing(again).dataset
    assert dataset is not None
    assert (workspace.dataset(first).kind, workspace.dataset(dataset).kind) == ("table", "series")
    assert workspace.raw(dataset).array.shape == (90, 1, 40)
    assert workspace.read_as_series(first, {"columns": list(table.columns)}).id == again, "the same comes in once"

    run = workspace.submit(Settings(dataset, "kmeans", 3))
    train = Worker(workspace, "train")
    while train.once():
        continue
    request = workspace.predictions.ask(run.id, _csv(table.iloc[:30]), "more.csv")
    _light(workspace)
    assert workspace.predictions.read(request.id).labels.tolist() == workspace.result(run.id).labels[:30].tolist()
    lacking = workspace.predictions.ask(run.id, _csv(table.iloc[:30, :20]), "half.csv")
    _light(workspace)
    assert workspace.predictions.get(lacking.id).state == "failed"
    assert "no column" in workspace.predictions.get(lacking.id).sentence
