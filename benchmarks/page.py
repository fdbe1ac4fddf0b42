"""How the page feels: seconds from a fresh start to the finished digits example, and to open it in Chromium; server time of a
rerun of the results page with 10,000 and 70,000 points, idle and while a training runs; a repeated run from the command line.

    python -m benchmarks.page [visit] [repeat] [results_page]
"""

import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import numpy as np

from benchmarks.browser import launch
from benchmarks.machine import describe
from benchmarks.sets import FOLDER
from engine.runs import RunRecord, Settings, Workspace
from engine.runs.db.schema import workers
from pages.parts.results import member_route

ROOT = Path(__file__).parents[1]
RESULTS = Path(__file__).parent / "results"
PORT = 8599
RERUNS = 60
POINTS = (10_000, 70_000)


@contextmanager
def server(home: Path, *, workers: bool = True) -> Iterator[str]:
    """The app on a home, with or without workers behind it; it answers from the start on, and ends with its workers."""
    command = [sys.executable, "-m", "streamlit", "run", "server.py", "--server.port", str(PORT)]
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        env=os.environ | {"CONSTELLA_HOME": str(home)} | ({} if workers else {"CONSTELLA_EXECUTOR": "none"}),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield _answering(f"http://127.0.0.1:{PORT}")
    finally:
        process.terminate()
        process.wait(20)
        end_workers(home)


def _answering(url: str) -> str:
    """The address, once the server answers there."""
    while True:
        try:
            urlopen(f"{url}/_stcore/health").close()
            return url
        except URLError:
            time.sleep(0.1)


def end_workers(home: Path) -> None:
    place = Workspace.open({"CONSTELLA_HOME": str(home)})
    with place.store.read() as connection:
        pids = [row.pid for row in connection.execute(workers.select())]
    for pid in pids:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue


def first_visit(home: Path) -> dict[str, float]:
    """A fresh home: the first page, the finished example, and opening it."""
    from playwright.sync_api import sync_playwright

    with server(home) as url, sync_playwright() as driver:
        browser = launch(driver)
        page = browser.new_page(viewport={"width": 1400, "height": 900})
        page.goto(url)
        start = time.perf_counter()
        page.get_by_role("button", name="Open the finished example").wait_for(timeout=180_000)
        finished = time.perf_counter() - start
        time.sleep(3)
        start = time.perf_counter()
        page.get_by_role("button", name="Open the finished example").click()
        page.wait_for_url(re.compile("/results"))
        page.locator(".stage .points").first.wait_for()
        page.get_by_test_id("stMetric").nth(4).wait_for()
        opened = time.perf_counter() - start
        browser.close()
    return {"first_page_to_finished_example": finished, "open_finished_example": opened}


def wait(place: Workspace, run: RunRecord) -> RunRecord:
    while (run := place.run(run.id)).state in ("queued", "running"):
        place.ensure_workers()
        time.sleep(0.3)
    return run


def add(place: Workspace, n: int) -> str:
    """The first n MNIST digits as a dataset."""
    with tempfile.TemporaryDirectory() as folder, np.load(FOLDER / "mnist.npz") as file:
        path = Path(folder) / f"mnist{n}.npz"
        np.savez(path, x=file["x"][:n], y=file["y"][:n])
        item = place.add(path)
    while (state := place.importing(item.id)).state in ("queued", "running"):
        place.ensure_workers()
        time.sleep(0.3)
    return str(state.dataset)


def reruns(home: Path, run: RunRecord) -> dict[str, float]:
    """Milliseconds that the results page's script takes on the server, by Streamlit's own runner; `cpu` is what the processor
    spent on it, which others at work on the machine do not change."""
    from streamlit.testing.v1 import AppTest

    # The runner has no connection by which the owner could be known.
    os.environ |= {"CONSTELLA_HOME": str(home), "CONSTELLA_EXECUTOR": "none", "CONSTELLA_ACCESS": "open"}
    os.chdir(ROOT)
    member_route.route()  # as on a server, which is asked for the words on a member
    app = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=60)
    app.run()
    app.query_params["run"] = run.id
    app.switch_page("pages/results.py").run()
    assert app.metric, "the result is on the page"
    times, spent = [], []
    for _ in range(RERUNS):
        start, began = time.perf_counter(), time.process_time()
        app.run()
        times.append(1000 * (time.perf_counter() - start))
        spent.append(1000 * (time.process_time() - began))
        assert not app.exception
    wall = {"p50": float(np.percentile(times, 50)), "p95": float(np.percentile(times, 95)), "max": max(times)}
    return wall | {"cpu_p50": float(np.percentile(spent, 50)), "cpu_p95": float(np.percentile(spent, 95))}


def results_page(home: Path) -> dict[str, object]:
    place = Workspace.open({"CONSTELLA_HOME": str(home)})
    return {str(n): results_of(place, home, n) for n in POINTS}


def results_of(place: Workspace, home: Path, n: int) -> dict[str, object]:
    """Reruns with n points, idle and while another run trains."""
    dataset = add(place, n)
    run = wait(place, place.submit(Settings(dataset, "kmeans", 10)))
    while "umap2" not in place.result(run.id).maps:  # made in the background
        place.ensure_workers()
        time.sleep(1)
    idle = reruns(home, run)
    busy = place.submit(Settings(dataset, "idec", 10, knobs={"pretrain_epochs": 1000}))
    while place.run(busy.id).epochs == 0:
        place.ensure_workers()
        time.sleep(0.3)
    training = reruns(home, run)
    still = place.run(busy.id).state
    place.stop(busy.id)
    return {"idle_ms": idle, "while_training_ms": training, "training_was": still}


def repeat(home: Path) -> dict[str, float]:
    """The same run twice by the command line; start-up is what `--help` takes."""
    command = [sys.executable, "-m", "engine", "run", "--data", "digits", "--method", "kmeans", "--k", "10", "--json"]
    environment = os.environ | {"CONSTELLA_HOME": str(home)}

    def seconds(arguments: list[str]) -> float:
        start = time.perf_counter()
        subprocess.run(arguments, cwd=ROOT, env=environment, check=True, capture_output=True)
        return time.perf_counter() - start

    first = seconds(command)
    again = min(seconds(command) for _ in range(5))
    start_up = min(seconds([sys.executable, "-m", "engine", "--help"]) for _ in range(5))
    return {"first": first, "again": again, "start_up": start_up, "again_after_start_up": again - start_up}


def main() -> None:
    path = RESULTS / "page.json"
    result: dict[str, object] = json.loads(path.read_text()) if path.exists() else {}
    result["machine"] = describe()
    for name, measure in (("visit", first_visit), ("repeat", repeat), ("results_page", results_page)):
        if sys.argv[1:] and name not in sys.argv[1:]:
            continue
        with tempfile.TemporaryDirectory() as home:
            result[name] = measure(Path(home))
            end_workers(Path(home))
            print(name, json.dumps(result[name]), flush=True)
    path.write_text(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()
