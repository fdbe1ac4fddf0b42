"""An import that is killed at any moment is done again, and loses nothing."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine import intake
from engine.core.errors import InputError
from engine.intake import ReadOptions, mapped
from engine.runs import Settings, Workspace
from engine.runs.db import queue, validation
from engine.runs.db.validation import completed
from engine.runs.files.artifacts import Artifacts
from engine.runs.workers import import_job
from engine.runs.workers.worker import Worker

TABLE = b"height,weight,city\n" + b"".join(f"{i},{i % 7},{'abc'[i % 3]}\n".encode() for i in range(40))


class Killed(BaseException):
    """What no code may catch and go on."""


class Countdown:
    """Kills the process that it counts the changes of: before the change number `at` to what is stored."""

    def __init__(self, at: int) -> None:
        self.at, self.dead = at, False

    def wrapped(self, change: Callable[..., Any]) -> Callable[..., Any]:
        def counted(*given: Any, **named: Any) -> Any:
            if self.dead:
                raise Killed  # a dead process tidies nothing up
            self.at -= 1
            if self.at < 0:
                self.dead = True
                raise Killed
            return change(*given, **named)

        return counted


def killed_at(space: Workspace, at: int, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Have a worker import, and kill it before its change number `at`; False where it came to its end before that."""
    light = Worker(space, "light")
    countdown = Countdown(at)
    with monkeypatch.context() as patch:
        for name in ("_write", "_put", "add_file", "delete"):
            patch.setattr(Artifacts, name, countdown.wrapped(getattr(Artifacts, name)))
        patch.setattr(queue, "finish", countdown.wrapped(queue.finish))
        try:
            light.once()
        except Killed:
            pass
        finally:
            with space.store.write() as connection:
                queue.release_worker(connection, light.id, "was killed")
    return countdown.dead


def stored(space: Workspace) -> set[str]:
    root = Path(space.config.artifacts)
    return {path.relative_to(root).as_posix() for path in root.glob("*/*")}


@pytest.mark.parametrize("long", [2**20, 10], ids=["in memory", "mapped"])
def test_an_import_killed_at_any_moment_is_done_again(
    long: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mapped, "LONG", long)
    at = 0
    while True:
        space = Workspace.open({"CONSTELLA_HOME": str(tmp_path / str(at))})
        item = space.add(TABLE, "a.csv").id
        dead = killed_at(space, at, monkeypatch)
        state = space.importing(item)
        if state.state != "done":
            assert Worker(space, "light").once()
            state = space.importing(item)
        dataset = state.dataset or ""
        original = space.original(dataset)
        assert original is not None, f"killed before change {at}, the original was lost"
        assert original.fetch(space.artifacts, tmp_path / f"original-{at}").read_bytes() == TABLE
        assert len(space.raw(dataset)) == 40
        assert stored(space) == {f"uploads/{item}", f"datasets/{dataset}", f"originals/{dataset}"}
        space.close()
        if not dead:
            break
        at += 1
    assert at >= 5


def test_a_deleted_dataset_leaves_no_file_though_it_was_mapped(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mapped, "LONG", 10)
    item = workspace.add(TABLE, "a.csv").id
    assert Worker(workspace, "light").once()
    dataset = workspace.importing(item).dataset or ""
    rows = workspace.raw(dataset).rows
    assert mapped.file_of(rows["height"].to_numpy()) is not None
    workspace.delete_dataset(dataset)
    assert not stored(workspace)
    assert rows["height"].tolist() == list(range(40))  # who still looks at it is not disturbed
    assert not workspace.cache._values


def test_the_same_rows_from_another_file_leave_one_original(workspace: Workspace) -> None:
    light = Worker(workspace, "light")
    first = workspace.add(TABLE, "a.csv").id
    assert light.once()
    second = workspace.add(TABLE, "a.txt").id
    assert light.once()
    dataset = workspace.importing(second).dataset or ""
    assert (first == second, workspace.importing(first).dataset) == (False, dataset)
    assert stored(workspace) == {f"uploads/{first}", f"datasets/{dataset}", f"originals/{dataset}"}
    workspace.delete_dataset(dataset)
    assert stored(workspace) == set()


def test_a_file_read_again_replaces_a_dataset_that_no_run_needs(workspace: Workspace) -> None:
    light = Worker(workspace, "light")
    first = workspace.add(TABLE.replace(b",", b";"), "a.csv").id
    assert light.once()
    before = workspace.importing(first).dataset or ""
    again = workspace.read_again(before, ReadOptions(delimiter=";", header=1)).id
    assert light.once()
    after = workspace.importing(again).dataset or ""
    assert [record.id for record in workspace.datasets()] == [after] != [before]
    assert workspace.raw(after).options == ReadOptions(delimiter=";", header=1)
    assert stored(workspace) == {f"uploads/{again}", f"datasets/{after}", f"originals/{after}"}
    back = workspace.read_again(after, ReadOptions()).id
    assert light.once()
    assert workspace.importing(back).dataset == before


def test_a_dataset_with_runs_stays_when_its_file_is_read_again(workspace: Workspace) -> None:
    light = Worker(workspace, "light")
    item = workspace.add(TABLE, "a.csv").id
    assert light.once()
    before = workspace.importing(item).dataset or ""
    workspace.submit(Settings(before, "kmeans", 2))
    again = workspace.read_again(before, ReadOptions(header=1)).id
    assert light.once()
    after = workspace.importing(again).dataset or ""
    assert {record.id for record in workspace.datasets()} == {before, after}
    for dataset in (before, after):
        original = workspace.original(dataset)
        assert original is not None
        assert workspace.artifacts.exists(f"{original.folder}/0")


def test_a_file_that_cannot_be_read_another_way_leaves_the_dataset_as_it_was(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    light = Worker(workspace, "light")
    item = workspace.add(TABLE, "a.csv").id
    assert light.once()
    before = workspace.importing(item).dataset or ""
    again = workspace.read_again(before, ReadOptions(header=1)).id

    def refuse(*given: object, **named: object) -> None:
        raise InputError("Row 1 holds no names.")

    monkeypatch.setattr(intake, "inspect", refuse)
    light.once()
    assert workspace.importing(again).sentence == "Row 1 holds no names."
    assert stored(workspace) == {f"uploads/{item}", f"datasets/{before}", f"originals/{before}"}


def test_a_file_comes_in_once_for_each_way_of_reading(workspace: Workspace) -> None:
    light = Worker(workspace, "light")
    plain, chosen = (workspace.add(TABLE, "a.csv", options).id for options in (None, ReadOptions(header=1)))
    assert workspace.add(TABLE, "a.csv", ReadOptions()).id == plain != chosen
    assert light.once()
    assert light.once()
    assert len({workspace.importing(item).dataset for item in (plain, chosen)}) == 2


def test_how_much_of_a_large_file_was_read_is_told(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    told = list[float]()
    item = workspace.add(TABLE, "a.csv").id

    def slowly(*given: Any, report: Callable[[float], None], **named: Any) -> intake.Raw:
        for share in (0.25, 0.5):
            report(share)
            told.append(workspace.importing(item).progress)
        return read(*given, report=report, **named)

    read = intake.inspect
    monkeypatch.setattr(intake, "inspect", slowly)
    monkeypatch.setattr(import_job, "REPORT_SECONDS", 0.0)
    assert Worker(workspace, "light").once()
    assert told == [0.25, 0.5]
    assert workspace.importing(item).state == "done"
    assert workspace.original(workspace.importing(item).dataset or "") is not None


def test_what_suits_the_data_is_compared_unless_the_method_takes_no_features(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    draw = np.random.default_rng(0)
    np.save(tmp_path / "waves.npy", draw.normal(size=(30, 1, 60)))
    item = workspace.add((tmp_path / "waves.npy").read_bytes(), "waves.npy").id
    assert Worker(workspace, "light").once()
    dataset = next(one for one in workspace.datasets() if one.id == workspace.importing(item).dataset)
    assert dataset.preparation["features"] == "patterns"
    assert completed(Settings(dataset.id, "kmeans", 3), dataset)[1].preparation["features"] == "patterns"
    chosen = Settings(dataset.id, "kmeans", 3, preparation={"features": "values"})
    assert completed(chosen, dataset)[1].preparation["features"] == "values"
    kmeans = replace(validation.card_of("kmeans"), data=frozenset({"series"}))
    monkeypatch.setattr(validation, "card_of", lambda method: kmeans)
    assert completed(Settings(dataset.id, "kmeans", 3), dataset)[1].preparation["features"] == "values"
    with pytest.raises(InputError, match="compared by features"):
        completed(replace(chosen, preparation={"features": "patterns"}), dataset)
