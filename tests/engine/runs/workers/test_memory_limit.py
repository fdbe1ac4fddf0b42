"""A file that takes more memory than it may is refused in a sentence, and its worker goes on."""

import sys

import numpy as np
import pytest

from engine import intake
from engine.core.errors import InputError
from engine.intake import Raw
from engine.runs import Workspace
from engine.runs.db import queue
from engine.runs.workers import worker
from engine.runs.workers.memory_limit import memory_limit
from engine.runs.workers.worker import Worker

TABLE = b"height,weight\n" + b"".join(f"{i},{i % 7}\n".encode() for i in range(40))
GIB = 2**30

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux limits the private memory of a process")


def test_more_than_the_limit_is_refused_and_less_is_not() -> None:
    with memory_limit(GIB, "more than {most}"):
        assert np.ones(GIB // 64).sum() == GIB // 64
    with pytest.raises(InputError, match="more than 1 GiB"), memory_limit(GIB, "more than {most}"):
        np.ones(GIB)
    assert np.empty(GIB).nbytes == 8 * GIB, "afterwards nothing is limited"


def test_a_file_that_takes_too_much_fails_alone(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    light, read = Worker(workspace, "light"), intake.inspect

    def greedy(*given: object, **named: object) -> Raw:
        np.ones(8 * GIB)
        raise AssertionError("64 GiB were at hand")

    first = workspace.add(TABLE, "a.csv").id
    with monkeypatch.context() as patch:
        patch.setattr(intake, "inspect", greedy)
        assert light.once()
    state = workspace.importing(first)
    assert state.state == "failed"
    assert "CONSTELLA_IMPORT_MEMORY" in state.sentence
    assert workspace.datasets() == []
    again = workspace.add(TABLE, "a.csv").id
    assert intake.inspect is read
    assert light.once()
    assert workspace.importing(again).state == "done"


def test_an_import_that_waits_is_stopped_at_once(workspace: Workspace) -> None:
    item = workspace.add(TABLE, "a.csv").id
    workspace.stop_import(item)
    assert workspace.importing(item).sentence == queue.STOPPED
    assert not Worker(workspace, "light").once()
    again = workspace.add(TABLE, "a.csv").id
    assert Worker(workspace, "light").once()
    assert workspace.importing(again).state == "done"


def test_an_import_that_runs_is_stopped_and_keeps_nothing(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    light, read = Worker(workspace, "light"), intake.inspect
    item = workspace.add(TABLE, "a.csv").id

    def slow(*given: object, **named: object) -> Raw:
        workspace.stop_import(item)
        assert workspace.importing(item).state == "stopping"
        assert light._context is not None
        light._check_stop(0.0)
        return read(*given, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(intake, "inspect", slow)
    assert light.once()
    assert workspace.importing(item).sentence == queue.STOPPED
    assert workspace.datasets() == []
    assert workspace.artifacts.names("uploads") == []


def test_an_import_that_hears_nothing_ends_with_its_process(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    light, ended = Worker(workspace, "light"), list[int]()
    item = workspace.add(TABLE, "a.csv").id
    monkeypatch.setattr(worker.os, "_exit", ended.append)

    def deaf(*given: object, **named: object) -> Raw:
        workspace.stop_import(item)
        light._check_stop(1e-9)  # asked long ago
        raise InputError("what the process would not have lived to say")

    monkeypatch.setattr(intake, "inspect", deaf)
    assert light.once()
    assert ended == [0]
    assert workspace.importing(item).sentence == queue.STOPPED
