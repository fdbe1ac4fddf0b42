"""Take the README's pictures from the running product: `python -m scripts.screenshots [folder of an existing home]`.

Without a folder everything is made anew in a temporary home, by the product itself; that takes a few minutes.
"""

import io
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import sync_playwright

from benchmarks.browser import executable, launch

ROOT = Path(__file__).resolve().parents[1]
IMAGES = ROOT / "docs" / "images"
SIZE = {"width": 1400, "height": 900}
DARK = ("results", "compare")
"""Views that are shown in both themes."""
IDLE = "[data-testid=stApp][data-test-script-state=notRunning]"


def main() -> None:
    """Serve, make what the pictures show, take them in both themes."""
    if executable() is None:
        sys.exit("No Chromium is on the PATH; the pictures are taken with it.")
    IMAGES.mkdir(parents=True, exist_ok=True)
    with home() as folder, served(folder) as url, sync_playwright() as driver:
        browser = launch(driver)
        browser.new_page().goto(url)  # the first visit brings the example in
        example = finished_example(folder)
        plain = made(folder, "digits", "kmeans", 10)
        customers = made(folder, "customers", "kmeans", 6)
        for scheme in ("light", "dark"):
            page = browser.new_page(viewport=SIZE, color_scheme=scheme)
            views = {
                "home": "",
                "data": f"data?dataset={customers['dataset']}",
                "method": f"method?dataset={example['dataset']}",
                "results": f"results?run={example['run']}&group=3",
                "customers": f"results?run={customers['run']}&group=2",
                "compare": f"compare?a={example['run']}&b={plain['run']}",
                "runs": "runs",
            }
            for name, address in views.items():
                if scheme == "light" or name in DARK:
                    shoot(page, f"{url}/{address}", name, scheme)
            page.close()
        learning(browser, folder, url)
        browser.close()


def learning(browser: Any, folder: Path, url: str) -> None:
    """The training page while something learns; the seed makes it a run of its own."""
    seed = str(int(time.time()) % 100_000)
    command = [
        sys.executable,
        "-m",
        "engine",
        "run",
        "--data",
        "digits",
        "--method",
        "idec",
        "--k",
        "10",
        "--seed",
        seed,
    ]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    learner = subprocess.Popen(command, cwd=ROOT, env=environment(folder), **quiet)
    page = browser.new_page(viewport=SIZE, color_scheme="light")
    run = awaited(lambda: newest(folder, "running"), 120)
    page.goto(f"{url}/training?run={run['id']}")
    page.get_by_text("Still moving", exact=True).wait_for(timeout=240_000)
    page.wait_for_timeout(2500)
    keep(page, "training-light")
    page.close()
    learner.terminate()  # it only watched; the worker goes on


def shoot(page: Any, address: str, name: str, scheme: str) -> None:
    """One picture, once the page and its map are drawn."""
    page.goto(address)
    page.wait_for_selector(IDLE, timeout=60_000)
    page.wait_for_timeout(700)
    page.wait_for_selector(IDLE, timeout=60_000)
    page.wait_for_timeout(4000 if name == "home" else 2500)
    keep(page, f"{name}-{scheme}")


def keep(page: Any, name: str) -> None:
    picture = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    picture.save(IMAGES / f"{name}.png", optimize=True)


@contextmanager
def home() -> Iterator[Path]:
    """The folder named on the command line, or a temporary one."""
    if len(sys.argv) > 1:
        yield Path(sys.argv[1]).resolve()
        return
    with tempfile.TemporaryDirectory(prefix="constella-pictures-", ignore_cleanup_errors=True) as folder:
        yield Path(folder)


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """The product on a free port; it and its workers end with the pictures."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", "streamlit_app.py", "--server.port", str(port)]
    server = subprocess.Popen(command, cwd=ROOT, env=environment(folder), stdout=subprocess.DEVNULL)
    url = f"http://127.0.0.1:{port}"
    try:
        awaited(lambda: healthy(url), 60)
        yield url
    finally:
        server.terminate()
        server.wait(timeout=20)
        if len(sys.argv) < 2:
            end_workers(folder)


def healthy(url: str) -> bool | None:
    """True once the server answers."""
    try:
        with urllib.request.urlopen(f"{url}/_stcore/health", timeout=2) as answer:
            return answer.status == 200 or None
    except OSError:
        return None


def end_workers(folder: Path) -> None:
    """End the workers of a temporary home, by the ids that its store names."""
    import sqlite3

    with sqlite3.connect(folder / "store.db") as store:
        for (pid,) in store.execute("select pid from workers where pid > 0"):
            try:
                os.kill(pid, signal.SIGTERM)
            except ProcessLookupError:
                continue


def environment(folder: Path) -> dict[str, str]:
    return {**os.environ, "CONSTELLA_HOME": str(folder)}


def asked(folder: Path, *words: str) -> Any:
    """What the command line answers, as JSON."""
    command = [sys.executable, "-m", "engine", *words, "--json"]
    done = subprocess.run(command, cwd=ROOT, env=environment(folder), capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def newest(folder: Path, state: str) -> dict[str, Any] | None:
    return next((run for run in asked(folder, "runs") if run["state"] == state), None)


def made(folder: Path, data: str, method: str, k: int) -> dict[str, Any]:
    """A finished run of these, and the data set it is about."""
    run = asked(folder, "run", "--data", data, "--method", method, "--k", str(k))["run"]
    return {"run": run, "dataset": next(record["dataset"] for record in asked(folder, "runs") if record["id"] == run)}


def finished_example(folder: Path) -> dict[str, Any]:
    """The example that a first start makes."""

    def look() -> dict[str, Any] | None:
        return next(
            (r for r in asked(folder, "runs") if r["name"] == "Handwritten digits" and r["state"] == "done"), None
        )

    found = awaited(look, 600)
    return {"run": found["id"], "dataset": found["dataset"]}


def awaited(look: Any, seconds: float) -> Any:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = look()
        if found is not None:
            return found
        time.sleep(1)
    sys.exit(f"Nothing came within {seconds:.0f} seconds.")


if __name__ == "__main__":
    main()
