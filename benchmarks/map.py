"""How the results page feels with many members, in headless Chromium, which draws in software: seconds to open it with 100,000
and with 1,000,000 rows of a table, server time of its reruns, time until a dot says who it is, pictures a second while panning,
and seconds and bytes of a lasso.

    python -m benchmarks.map [HOME]

The results are made once, by k-means, and kept where a folder HOME is named.
"""

import json
import os
import sys
import tempfile
import time
from math import cos, pi, sin
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.browser import launch
from benchmarks.machine import describe
from benchmarks.page import reruns, server
from benchmarks.tables import write
from engine.runs import RunRecord, Settings, Workspace
from engine.runs.workers.worker import Worker

SIZES = (100_000, 1_000_000)
PANNED = 5.0
"""Seconds of panning."""
REPEATS = 3
COLUMNS = ("Age", "Income", "Visits", "Basket", "Distance", "Returns")
IDLE = "[data-testid=stApp][data-test-script-state=notRunning]"
# Counts the pictures in which something was drawn, not how often it was asked for.
COUNTING = """
window.drawn = new Set(); window.turn = 0;
const ask = window.requestAnimationFrame.bind(window);
window.requestAnimationFrame = (act) => ask((now) => { window.turn = now; act(now) });
const draw = WebGL2RenderingContext.prototype.drawArrays;
WebGL2RenderingContext.prototype.drawArrays = function (...told) { window.drawn.add(window.turn); return draw.apply(this, told) };
"""
DRAWN = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"


def customers(n: int) -> pd.DataFrame:
    """A table of n rows in ten groups: an id, six numbers and a category."""
    random = np.random.default_rng(0)
    groups = random.integers(0, 10, n)
    numbers = random.normal(0, 6, (10, len(COLUMNS)))[groups] + random.normal(0, 1.5, (n, len(COLUMNS)))
    table = pd.DataFrame(numbers.round(3), columns=list(COLUMNS))
    table.insert(0, "Customer", [f"C{i:07d}" for i in range(n)])
    table["Region"] = np.array(["North", "South", "East", "West"])[(groups + random.integers(0, 2, n)) % 4]
    return table


def finished(place: Workspace, n: int) -> RunRecord:
    """The result of k-means on a table of n rows, made where it is not there yet as a worker makes it."""
    for run in place.runs(("done",), method="kmeans"):
        if run.summary.get("n") == n:
            return run
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"customers{n}.parquet"
        customers(n).to_parquet(path)
        item = place.add(path).id
    _work(place, "light")
    run = place.submit(Settings(str(place.importing(item).dataset), "kmeans", 10))
    _work(place, "train")
    return place.run(run.id)


def _work(place: Workspace, lane: str) -> None:
    worker = Worker(place, lane)
    while worker.once():
        continue
    worker._deregister()  # or else a server would count on it


def tab(browser: Any) -> Any:
    """A tab in which nothing fades in: that alone takes seconds where it is drawn in software."""
    page = browser.new_page(viewport={"width": 1400, "height": 900}, reduced_motion="reduce")
    page.set_default_timeout(120_000)
    page.add_init_script(COUNTING)
    return page


def opened(page: Any, address: str) -> float:
    """Seconds until all members of a result were drawn; the page is idle then."""
    start = time.perf_counter()
    page.goto(address)
    page.locator(".stage .points").first.wait_for()
    page.wait_for_function("window.drawn.size > 0")
    page.evaluate(DRAWN)
    seconds = time.perf_counter() - start
    page.wait_for_selector(IDLE)
    return seconds


def hover(page: Any) -> float:
    """Seconds from the pointer's rest on a dot until the words on that member are there."""
    box = page.locator(".stage").first.bounding_box()
    tip = page.locator(".tip").first
    for step in range(2000):
        page.mouse.move(
            box["x"] + box["width"] * (0.3 + 0.0003 * step), box["y"] + box["height"] * (0.4 + 0.0001 * step)
        )
        if tip.is_visible():
            break
    start = time.perf_counter()
    tip.locator(".more div").first.wait_for()
    return time.perf_counter() - start


def panning(page: Any) -> float:
    """Pictures a second while the map is dragged to and fro."""
    box = page.locator(".stage").first.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.evaluate("window.drawn.clear()")
    start, step = time.perf_counter(), 0
    while time.perf_counter() - start < PANNED:
        step += 1
        page.mouse.move(x + 150 * sin(step / 6), y + 100 * cos(step / 7))
    page.evaluate(DRAWN)
    seconds = time.perf_counter() - start
    page.mouse.up()
    return float(page.evaluate("window.drawn.size") / seconds)


def lasso(page: Any) -> dict[str, float]:
    """Seconds from letting go until the selection is on the page, bytes that were sent, members inside."""
    sent: list[int] = []
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    session.on("Network.webSocketFrameSent", lambda event: sent.append(len(event["response"]["payloadData"])))
    stage = page.locator(".stage").first
    stage.focus()
    page.keyboard.press("0")
    page.wait_for_timeout(1000)
    page.wait_for_selector(IDLE)
    box = stage.bounding_box()
    middle = box["x"] + 0.6 * box["width"], box["y"] + 0.45 * box["height"]
    corners = [(middle[0] + 130 * cos(a * pi / 12), middle[1] + 130 * sin(a * pi / 12)) for a in range(25)]
    page.keyboard.press("l")
    page.mouse.move(*corners[0])
    page.mouse.down()
    for corner in corners[1:]:
        page.mouse.move(*corner, steps=2)
    start = time.perf_counter()
    page.mouse.up()
    page.get_by_role("heading", name="Your selection").wait_for()
    seconds = time.perf_counter() - start
    told = page.locator(".st-key-aside-card").get_by_text("Press Escape on the map").inner_text()
    # What is sent is written as Base64 in Chromium's records.
    return {"seconds": seconds, "bytes": max(sent) * 3 // 4, "members": int(told.split()[0].replace(",", ""))}


def visits(browser: Any, address: str) -> dict[str, Any]:
    """What a visitor waits for, several times over."""
    page = tab(browser)
    # What a server reads and a browser fetches only once.
    measured: dict[str, Any] = {"first_open_s": opened(page, address)}
    measured |= {"open_s": [], "hover_s": [], "pan_per_s": [], "lasso": []}
    for _ in range(REPEATS):
        measured["open_s"].append(opened(page, address))
        measured["hover_s"].append(hover(page))
        measured["pan_per_s"].append(panning(page))
        measured["lasso"].append(lasso(page))
    page.close()
    return measured


def measure(home: Path) -> dict[str, Any]:
    """Every size in the browser, then the reruns in a process of their own making."""
    from playwright.sync_api import sync_playwright

    place = Workspace.open({"CONSTELLA_HOME": str(home)})
    runs = {n: finished(place, n) for n in SIZES}
    found: dict[str, Any] = {}
    with server(home, workers=False) as url, sync_playwright() as driver:
        browser = launch(driver)
        for n, run in runs.items():
            found[str(n)] = visits(browser, f"{url}/results?run={run.id}")
            print(n, json.dumps(found[str(n)]), flush=True)
        browser.close()
    for n, run in runs.items():
        found[str(n)]["rerun_ms"] = reruns(home, run)
        print(n, json.dumps(found[str(n)]["rerun_ms"]), flush=True)
    return found


def main() -> None:
    with tempfile.TemporaryDirectory() as spare:
        home = Path(sys.argv[1]) if sys.argv[1:] else Path(spare)
        load = os.getloadavg()[0]
        write("map", {"machine": describe(), "load": load, "method": "kmeans on a table", "members": measure(home)})


if __name__ == "__main__":
    main()
