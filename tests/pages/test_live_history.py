"""A page that watches a training reads what is new, and nothing twice."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import streamlit as st

from engine.runs import Workspace
from engine.runs.db import repository
from engine.runs.db.records import Record, Recording
from pages.parts.training import live_history
from pages.parts.training.live_history import LiveHistory


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Workspace]:
    workspace = Workspace.open({"CONSTELLA_HOME": str(tmp_path)})
    yield workspace
    workspace.close()


@pytest.fixture
def reads(place: Workspace, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many records each look at the store brought."""
    counts: list[int] = []
    whole = place.history

    def history(run_id: str, since: int = 0) -> list[Record]:
        found = whole(run_id, since)
        counts.append(len(found))
        return found

    monkeypatch.setattr(place, "history", history)
    return counts


def add(place: Workspace, run: str, first: int, last: int, stage: str = "pretrain", frame: int | None = None) -> None:
    records = [
        {"seq": seq, "stage": stage, "epoch": seq, "seconds": float(seq), "terms": {"loss": 1 / seq}, "frame": frame}
        for seq in range(first, last + 1)
    ]
    place.store.change(lambda connection: repository.add_history(connection, run, records))


def test_a_look_reads_only_what_was_added(place: Workspace, reads: list[int]) -> None:
    history = LiveHistory("run")
    history.read(place)
    add(place, "run", 1, 50)
    history.read(place)
    add(place, "run", 51, 53)
    history.read(place)
    history.read(place)
    assert reads == [0, 50, 4, 1], "the newest record comes along, to see whether it still stands"
    assert [moment.epoch for moment in history.moments] == list(range(1, 54))


def test_records_that_a_resumed_training_replaced_are_read_anew(place: Workspace) -> None:
    history = LiveHistory("run")
    add(place, "run", 1, 9)
    history.read(place)
    place.store.change(lambda connection: repository.cut_history(connection, "run", 4))
    history.read(place)
    assert len(history.moments) == 4
    add(place, "run", 5, 9)
    history.read(place)
    place.store.change(lambda connection: repository.cut_history(connection, "run", 4))
    add(place, "run", 5, 12, stage="cluster")
    history.read(place)
    assert [moment.stage for moment in history.moments] == ["pretrain"] * 4 + ["cluster"] * 8
    place.store.change(lambda connection: repository.cut_history(connection, "run", 0))
    history.read(place)
    assert history.moments == []


def test_a_frame_is_read_once(place: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    monkeypatch.setattr(place, "frame", lambda run: asked.append(run) or Recording(None, ()))
    history = LiveHistory("run")
    add(place, "run", 1, 3)
    history.read(place)
    assert len(history.newest_frame(place)) == 0
    assert asked == [], "no record names a frame yet"
    for first, frame in ((4, 0), (6, 1)):
        add(place, "run", first, first + 1, frame=frame)
        for _ in range(3):
            history.read(place)
            history.newest_frame(place)
    assert asked == ["run", "run"]


def test_a_session_keeps_one_run(place: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    state: dict[str, object] = {}
    monkeypatch.setattr(st, "session_state", state)
    for run in ("a", "b"):
        add(place, run, 1, 5)
        assert len(live_history.read(place, run)) == 5
    kept = [value for value in state.values() if isinstance(value, LiveHistory)]
    assert [history.run for history in kept] == ["b"]
