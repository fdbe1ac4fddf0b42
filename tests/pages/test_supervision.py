"""Workers are kept alive from the start of the server, by one thread, whoever visits and whatever visitors clear."""

import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from engine.core.errors import InputError
from engine.runs import Workspace
from engine.runs.db.schema import workers
from pages.parts.app import frame, supervision
from pages.parts.app.supervision import Supervisor
from tests.pages import finished

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def waiting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    """A home in which a dataset waits to be read; asked for before `serve`, so that its workers end after the server."""
    workspace = Workspace.open({"CONSTELLA_HOME": str(tmp_path_factory.mktemp("waiting"))})
    workspace.add("customers")
    yield workspace
    finished.end_workers(workspace)


@pytest.fixture
def supervisor(monkeypatch: pytest.MonkeyPatch) -> Iterator[Supervisor]:
    """One of the test's own, which starts no workers and looks often."""
    monkeypatch.setattr(supervision, "EVERY", 0.01)
    monkeypatch.setattr(supervision, "ensure", lambda workspace: True)
    monkeypatch.setattr(Workspace, "ensure_workers", lambda self, **_: None)
    monkeypatch.setattr(Workspace, "collect_garbage", lambda self: None)
    own = Supervisor()
    monkeypatch.setattr(frame, "supervisor", own)
    yield own
    own.stop()


def alive() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "constella-supervisor"]


def until(true: Callable[[], object], seconds: float = 60.0) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not come"
        time.sleep(0.02)


def test_visitors_and_cleared_caches_start_no_second_thread(
    supervisor: Supervisor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    before = alive()
    app = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=60)
    app.run()
    assert not app.exception
    (first,) = set(alive()) - set(before)
    for _ in range(3):
        st.cache_resource.clear()  # as any visitor may ask Streamlit to
        app.run()
        supervisor.start()
    assert set(alive()) - set(before) == {first}


def test_it_ends_with_the_server_and_can_begin_again(supervisor: Supervisor) -> None:
    before = alive()
    supervisor.stop()
    supervisor.start()
    supervisor.stop()
    assert alive() == before
    supervisor.start()
    assert len(alive()) == len(before) + 1


def test_what_goes_wrong_is_logged_once_and_tried_again(
    supervisor: Supervisor, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    looks: list[int] = []

    def ensure_workers(self: Workspace, **_: object) -> None:
        looks.append(len(looks))
        if len(looks) < 5:
            raise InputError("There is no room.")

    monkeypatch.setattr(Workspace, "ensure_workers", ensure_workers)
    supervisor.start()
    until(lambda: len(looks) > 6)
    assert [record.message for record in caplog.records if "no room" in record.message] == [
        "Workers cannot be started: There is no room."
    ]


def test_a_server_that_nobody_visits_goes_on_with_what_waits(waiting: Workspace, serve: Callable[..., str]) -> None:
    serve(ROOT / "server.py", {"CONSTELLA_HOME": str(waiting.config.home)})

    def at_work() -> bool:
        with waiting.store.read() as connection:
            return connection.execute(workers.select()).first() is not None

    until(at_work)


@pytest.mark.parametrize(("name", "value"), [("CONSTELLA_ACCESS", "everybody"), ("CONSTELLA_KEY", "short")])
def test_a_server_with_a_wrong_setting_does_not_start(name: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, value)
    command = [sys.executable, "-c", "import server"]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert ended.returncode == 1
    assert f"Constella does not start: {name}" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_store_that_cannot_be_opened_is_said_within_the_page(
    supervisor: Supervisor, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(ROOT)
    (tmp_path / "store.db").write_bytes(b"this is no database at all" * 100)
    monkeypatch.setenv("CONSTELLA_STORE", f"sqlite:///{tmp_path}/store.db")
    app = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=60).run()
    assert not app.exception
    (said,) = app.error
    assert "cannot be opened: file is not a database" in said.value
