"""What all tests share: real data where it is there, and a home of their own for stores."""

import math
import os
import shutil
import sys

# Small tensors gain nothing from threads, and waiting threads slow everything else on a busy machine.
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
# UMAP takes more than a minute to compile. It is done once for this environment, not by every worker that a test starts.
if os.access(sys.prefix, os.W_OK):
    os.environ.setdefault("NUMBA_CACHE_DIR", os.path.join(sys.prefix, "numba-cache"))

import fcntl
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from sklearn.datasets import load_digits

from benchmarks.browser import executable, launch
from engine.core import autoencoder_method
from engine.runs.files import recordings
from engine.training import monitor, trainer

torch.set_num_threads(1)

# What is seen of a training depends on how fast the machine is; tests see the same on all: every look, every frame, and
# nothing inside an epoch.
monitor.ALLOWANCE, recordings.PAUSE, trainer.TICK = math.inf, 0.0, math.inf
# Trainings of few passes over few rows take every turn that long ones do: they look at their groups after each pass.
autoencoder_method.STRETCH = 1


GIGABYTES = 2
"""Memory that a process of tests may take, with its browser, server and workers."""

Once = Callable[[str, Callable[[Path], None]], Path]


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """`-n auto`: as many processes as cores and memory allow, two at least and eight at most."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**30
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(2, min(cores, memory // GIGABYTES, 8))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Files stay whole, and of several processes one does all that is in a browser: two at once wait for each other."""
    from xdist.scheduler import LoadScopeScheduling

    class ByFile(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            file = nodeid.partition("::")[0]
            return "browser" if file.endswith("_browser.py") else file

    return ByFile(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the browser, and the other pages: what takes longest must not be the last to end."""
    items.sort(key=lambda item: (item.get_closest_marker("browser") is None, "pages" not in item.path.parts))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """How many tests each folder has, and how many seconds they took, added up over all processes."""
    tests: Counter[str] = Counter()
    seconds: Counter[str] = Counter()
    for report in (report for reports in terminalreporter.stats.values() for report in reports):
        if isinstance(report, pytest.TestReport):
            folder = report.nodeid.partition("::")[0].rpartition("/")[0]
            tests[folder] += report.when == "call" or report.skipped
            seconds[folder] += report.duration
    if len(tests) > 1:
        terminalreporter.section("tests and seconds by folder")
        for folder in sorted(tests):
            terminalreporter.write_line(f"{tests[folder]:6,} {seconds[folder]:7.1f} s  {folder}")
        terminalreporter.write_line(f"{tests.total():6,} {seconds.total():7.1f} s  in all")


@pytest.fixture(scope="session")
def once(tmp_path_factory: pytest.TempPathFactory) -> Once:
    """`once(name, make) -> folder`: filled by the first of all processes that asks for it. Nobody may change it: copy it."""
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base

    def found(name: str, make: Callable[[Path], None]) -> Path:
        folder, done = shared / name, shared / f"{name}.done"
        with (shared / f"{name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not done.exists():
                shutil.rmtree(folder, ignore_errors=True)  # half made by one that failed
                make(folder)
                done.touch()
        return folder

    return found


@pytest.fixture(scope="session")
def shared() -> Callable[[str], Path]:
    """The path of a benchmark file; the test is skipped where the folder of CONSTELLA_DATA does not have it."""
    folder = Path(os.environ.get("CONSTELLA_DATA", Path(__file__).parents[2] / "shared" / "data"))

    def find(name: str) -> Path:
        path = folder / name
        if not path.exists():
            pytest.skip(f"{name} is not in {folder}: set CONSTELLA_DATA to the folder of benchmark data")
        return path

    return find


@pytest.fixture(scope="session")
def digits() -> tuple[np.ndarray, np.ndarray]:
    """scikit-learn's 1,797 digits: [n, 64] in 0 to 1, and their labels."""
    x, y = load_digits(return_X_y=True)
    return (x / 16).astype(np.float32), y.astype(np.int64)


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """No test reads or writes the store of the person who runs it."""
    home = tmp_path / "home"
    monkeypatch.setenv("CONSTELLA_HOME", str(home))
    return home


@pytest.fixture(scope="session")
def browser() -> Iterator[object]:
    """A headless Chromium (playwright's `Browser`), for which guest.test is this machine; skips where either is missing."""
    if executable() is None:
        pytest.skip("no chromium on the PATH")
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with playwright.sync_playwright() as driver:
        instance = launch(driver, "--host-resolver-rules=MAP guest.test 127.0.0.1")
        yield instance
        instance.close()
