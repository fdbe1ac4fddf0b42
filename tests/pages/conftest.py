"""What tests of the pages share: servers on free loopback ports that end with the module, before the workers of its homes."""

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from pages.parts.app import principal, workspace
from tests.conftest import Once
from tests.pages import finished

ROOT = Path(__file__).resolve().parents[2]
Serve = Callable[..., str]
Tabs = Callable[..., Any]


def pytest_configure(config: pytest.Config) -> None:
    """Make the marker known wherever the tests are started from."""
    config.addinivalue_line("markers", "browser: needs Chromium on the PATH; skipped without it")


@pytest.fixture(autouse=True)
def own_main(monkeypatch: pytest.MonkeyPatch) -> None:
    """Streamlit's test runner puts the page into `__main__`; processes that later tests spawn would run it."""
    monkeypatch.setitem(sys.modules, "__main__", sys.modules["__main__"])


@pytest.fixture(autouse=True)
def at_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Streamlit's test runner has no connection: its pages are opened by somebody at this machine, without a proxy."""
    monkeypatch.setattr(principal, "handshake", lambda: ("127.0.0.1", [("Host", "localhost:8501")]))


@pytest.fixture(autouse=True)
def own_workspace(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Each test opens the workspace anew, as a server that was just started."""
    monkeypatch.setattr(workspace, "_workspace", None)
    yield
    if workspace._workspace is not None:
        workspace._workspace.close()


@pytest.fixture(scope="module")
def trained(once: Once, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """A home of the module's own with two datasets and five runs; see `finished.moved`."""
    found = finished.moved(once("furnished-home", finished.furnish), tmp_path_factory.mktemp("pages") / "home")
    yield found
    found["workspace"].close()


@pytest.fixture(scope="module")
def serve(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serve]:
    """`serve(script, env=None) -> url`: the app behind its own server; the same script and env share one in a module."""
    running: dict[tuple[str, tuple[tuple[str, str], ...]], tuple[subprocess.Popen[bytes], str]] = {}

    def start(script: str | Path, env: Mapping[str, str] | None = None) -> str:
        key = (str(script), tuple(sorted((env or {}).items())))
        if key not in running:
            log = tmp_path_factory.mktemp("streamlit") / "server.log"
            running[key] = _start(Path(script), env or {}, log)
        return running[key][1]

    yield start
    for process, _ in running.values():
        _end(process)


@pytest.fixture(scope="module")
def tabs(browser: Any) -> Iterator[Tabs]:
    """`tabs(width=1400, height=900) -> page`: the same tab, without its cookies, for all of a module who ask for such a window.

    A tab that goes to another address of a server has Streamlit's scripts parsed already, a new one takes seconds. Nothing
    moves unless `reduced_motion="no-preference"` is asked for: fading in software takes seconds, too.
    """
    known: dict[str, Any] = {}

    def tab(width: int = 1400, height: int = 900, script: str = "", **more: Any) -> Any:
        name = repr((width, height, script, sorted(more.items())))
        if name not in known:
            size = {"width": width, "height": height}
            known[name] = browser.new_context(**{"viewport": size, "reduced_motion": "reduce"} | more).new_page()
            known[name].set_default_timeout(60_000)
            known[name].add_init_script(script)
        known[name].context.clear_cookies()
        return known[name]

    yield tab
    for page in known.values():
        page.context.close()


@pytest.fixture
def complaints() -> Iterator[Callable[..., list[str]]]:
    """`complaints(page, harmless=()) -> list`: watch a tab; the test fails if its console had errors beyond the harmless."""
    watched: list[tuple[Any, str, Callable[[Any], None]]] = []
    lines: list[str] = []

    def watch(page: Any, harmless: Sequence[str] = (), kinds: Sequence[str] = ("error",)) -> list[str]:
        def note(text: str) -> None:
            if not any(known in text for known in harmless):
                lines.append(text)

        def on_console(line: Any) -> None:
            if line.type in kinds:
                note(line.text)

        def on_error(error: Any) -> None:
            note(str(error))

        for event, listener in (("console", on_console), ("pageerror", on_error)):
            page.on(event, listener)
            watched.append((page, event, listener))
        return lines

    yield watch
    for page, event, listener in watched:
        page.remove_listener(event, listener)
    assert lines == []


def _start(script: Path, env: Mapping[str, str], log: Path) -> tuple[subprocess.Popen[bytes], str]:
    port = _free_port()
    options = {
        "server.port": str(port),
        "server.address": "127.0.0.1",
        "server.headless": "true",
        "server.fileWatcherType": "none",
        "browser.gatherUsageStats": "false",
    }
    command = [sys.executable, "-m", "streamlit", "run", str(script)]
    command += [part for name, value in options.items() for part in (f"--{name}", value)]
    path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH", "")]))
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, cwd=ROOT, env={**os.environ, "PYTHONPATH": path, **env}, stdout=output, stderr=subprocess.STDOUT
        )
    url = f"http://127.0.0.1:{port}"
    _wait(process, url, log)
    return process, url


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait(process: subprocess.Popen[bytes], url: str, log: Path, seconds: float = 60.0) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end and process.poll() is None:
        try:
            with urllib.request.urlopen(f"{url}/_stcore/health", timeout=2) as answer:
                if answer.status == 200:
                    return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    _end(process)
    pytest.fail(f"The server of {url} did not start:\n{log.read_text(errors='replace')[-2000:]}")


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(timeout=10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
