"""How the map feels in headless Chromium, which draws in software: seconds to open 100,000 and 1,000,000 members, pictures a
second while panning, seconds and bytes of a lasso around a quarter of them.

    python -m benchmarks.map
"""

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from math import cos, pi, sin
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

from benchmarks.machine import describe
from benchmarks.tables import write

ROOT = Path(__file__).parents[1]
APP = ROOT / "tests" / "pages" / "apps" / "map_app.py"
PORT = 8598
SIZES = (100_000, 1_000_000)
PANNED = 5.0
"""Seconds of panning."""
REPEATS = 3
FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--enable-unsafe-swiftshader")
# Counts the pictures in which something was drawn, not how often it was asked for.
COUNTING = """
window.drawn = new Set(); window.turn = 0;
const ask = window.requestAnimationFrame.bind(window);
window.requestAnimationFrame = (act) => ask((now) => { window.turn = now; act(now) });
const draw = WebGL2RenderingContext.prototype.drawArrays;
WebGL2RenderingContext.prototype.drawArrays = function (...told) { window.drawn.add(window.turn); return draw.apply(this, told) };
"""


@contextmanager
def server() -> Iterator[str]:
    """The map alone on a page."""
    command = [sys.executable, "-m", "streamlit", "run", str(APP), "--server.port", str(PORT)]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    url = f"http://127.0.0.1:{PORT}"
    try:
        while True:
            try:
                urlopen(f"{url}/_stcore/health").close()
                break
            except URLError:
                time.sleep(0.2)
        yield url
    finally:
        process.terminate()
        process.wait(20)


def opened(browser: Any, url: str, n: int) -> tuple[Any, float]:
    """A page with n members on it, and the seconds until all were drawn."""
    page = browser.new_page(viewport={"width": 1200, "height": 900})
    page.set_default_timeout(120_000)
    page.add_init_script(COUNTING)
    start = time.perf_counter()
    page.goto(f"{url}/?case=blobs&n={n}")
    page.wait_for_selector("[data-testid=stText]")
    page.wait_for_function("window.drawn.size > 0")
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    return page, time.perf_counter() - start


def panning(page: Any) -> float:
    """Pictures a second while the map is dragged to and fro."""
    box = page.locator(".stage").bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.evaluate("window.drawn.clear()")
    start, step = time.perf_counter(), 0
    while time.perf_counter() - start < PANNED:
        step += 1
        page.mouse.move(x + 150 * sin(step / 6), y + 100 * cos(step / 7))
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    seconds = time.perf_counter() - start
    page.mouse.up()
    return float(page.evaluate("window.drawn.size") / seconds)


def lasso(page: Any) -> dict[str, float]:
    """Seconds from letting go until the server's answer is on the page, bytes that were sent, members inside."""
    sent: list[int] = []
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    session.on("Network.webSocketFrameSent", lambda event: sent.append(len(event["response"]["payloadData"])))
    page.locator(".stage").focus()
    page.keyboard.press("0")
    page.wait_for_timeout(1000)
    box = page.locator(".stage").bounding_box()
    middle = box["x"] + 0.65 * box["width"], box["y"] + 0.35 * box["height"]
    corners = [(middle[0] + 200 * cos(a * pi / 12), middle[1] + 200 * sin(a * pi / 12)) for a in range(25)]
    page.keyboard.press("l")
    page.mouse.move(*corners[0])
    page.mouse.down()
    for corner in corners[1:]:
        page.mouse.move(*corner, steps=2)
    start = time.perf_counter()
    page.mouse.up()
    page.wait_for_function("!document.querySelector('[data-testid=stText]').innerText.includes('\"size\": null')")
    seconds = time.perf_counter() - start
    told = json.loads(page.locator("[data-testid=stText]").inner_text())
    # What is sent is written as Base64 in Chromium's records.
    return {"seconds": seconds, "bytes": max(sent) * 3 // 4, "members": told["size"]}


def main() -> None:
    from playwright.sync_api import sync_playwright

    found: dict[str, Any] = {"machine": describe(), "members": {}}
    with server() as url, sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=shutil.which("chromium"), args=list(FLAGS))
        opened(browser, url, 1000)[0].close()  # scripts of the page and libraries of the server are loaded once
        for n in SIZES:
            times, rates, lassos = [], [], []
            for _ in range(REPEATS):
                page, seconds = opened(browser, url, n)
                times.append(seconds)
                rates.append(panning(page))
                lassos.append(lasso(page))
                page.close()
            found["members"][str(n)] = {"open_s": times, "pan_per_s": rates, "lasso": lassos}
            print(n, json.dumps(found["members"][str(n)]), flush=True)
        browser.close()
    write("map", found)


if __name__ == "__main__":
    main()
