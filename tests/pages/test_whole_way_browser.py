"""The whole way in a real browser: upload, choose, train, result, labels, secret link, and the link withdrawn."""

import io
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import numpy as np
import pandas as pd
import pytest

from engine.runs import Workspace
from tests.pages import finished
from tests.pages.stage import frames

pytestmark = [pytest.mark.browser, pytest.mark.timeout(900)]

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 180_000
IDLE = "[data-testid=stApp][data-test-script-state=notRunning]"
# The browser asks for Streamlit's own files below the page's address first, and reads WebGL back for a screenshot.
HARMLESS = ("404 (Not Found)", "GPU stall due to ReadPixels")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A home of its own for the server; its workers end with the tests."""
    folder = tmp_path_factory.mktemp("constella-home")
    yield folder
    finished.end_workers(Workspace.open({"CONSTELLA_HOME": str(folder)}))


@pytest.fixture
def visit(browser: Any) -> Iterator[Callable[[str], Any]]:
    """`visit(url) -> page` as a person of their own (a browser context each); fails on errors in the console."""
    complaints: list[str] = []
    contexts: list[Any] = []

    def start(url: str) -> Any:
        context = browser.new_context(
            viewport={"width": 1400, "height": 900}, accept_downloads=True, reduced_motion="reduce"
        )
        context.set_default_timeout(PATIENCE)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda line: complaints.append(line.text) if line.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", lambda request: complaints.append(request.url) if _foreign(request.url) else None)
        page.goto(url)
        page.wait_for_selector(IDLE)
        return page

    yield start
    for context in contexts:
        context.close()
    assert [line for line in complaints if not any(known in line for known in HARMLESS)] == []


def _foreign(url: str) -> bool:
    """Nothing may be fetched from anywhere but this machine."""
    return not re.match(r"(http|ws)://(127\.0\.0\.1|localhost)|data:|blob:|about:", url)


CASES = [
    pytest.param("csv/Wholesale_customers_data.csv", "440 rows", 440, "kmeans", "5", marks=pytest.mark.slow),
    ("images/mnist_1000_png_folders.zip", "200 pictures", 200, "idec", "10"),
]


def uploaded(path: Path, n: int, folder: Path) -> Path:
    """The file, or of an archive as many of its pictures, spread over all folders: enough for the way, which is the same."""
    if path.suffix != ".zip":
        return path
    smaller = folder / path.name
    with ZipFile(path) as source, ZipFile(smaller, "w") as target:
        names = [name for name in source.namelist() if name.endswith(".png")]
        for name in names[:: len(names) // n]:
            target.writestr(name, source.read(name))
    return smaller


@pytest.mark.parametrize(("file", "facts", "n", "method", "k"), CASES)
def test_whole_way(
    file: str, facts: str, n: int, method: str, k: str, home: Path, visit: Any, serve: Any, shared: Any, tmp_path: Path
) -> None:
    url = serve(ROOT / "streamlit_app.py", {"CONSTELLA_HOME": str(home)})
    page = visit(f"{url}/data")
    page.locator("input[type=file]").set_input_files(uploaded(shared(file), n, tmp_path))
    page.wait_for_url(re.compile("dataset="), timeout=4 * PATIENCE)
    page.get_by_text(facts).first.wait_for()
    page.get_by_text("What will be done").wait_for()
    page.get_by_role("button", name="Choose a method").click()

    page.wait_for_url(re.compile("/method"))
    page.get_by_role("heading", name="Choose a method").wait_for()
    page.goto(f"{page.url}&method={method}")
    page.get_by_role("radio", name="Quick").click()
    number = page.get_by_role("spinbutton", name="Number of groups")
    number.fill(k)
    number.press("Enter")
    frames(page)
    page.wait_for_selector(IDLE)
    if method != "kmeans":
        page.get_by_text("More settings").click()
        layers = page.get_by_role("textbox", name="Layers", exact=True)
        layers.fill("64-32")
        layers.press("Enter")
        frames(page)
        page.wait_for_selector(IDLE)
    page.get_by_role("button", name="Start", exact=True).click()

    page.wait_for_url(re.compile("/training|/results"))
    moments = watched(page)
    if method != "kmeans":  # which is done before there is anything to watch
        assert len(moments["curves"]) >= 3, "the curves grow while the page is open"
    page.wait_for_url(re.compile("/results"), timeout=4 * PATIENCE)

    results(page, k)
    labels = downloaded(page)
    assert len(labels) == n
    assert 2 <= labels["group"].nunique() <= int(k)
    assert labels["sure"].between(0, 1).all()
    assert labels["row"].is_unique
    assert pd.read_csv(io.BytesIO(Path(shared(file)).read_bytes())).shape[0] == n if file.endswith("csv") else True

    link = shared_link(page)
    guest = visit(link)
    guest.get_by_text("You can look at everything here").wait_for()
    guest.get_by_role("tab", name="Groups").wait_for()
    assert guest.get_by_role("tab", name="Members").count() == 0, "a guest without the data sees no member"
    assert guest.get_by_role("button", name=re.compile("Share$")).count() == 0
    assert guest.locator("[data-testid=stSidebarNav]").count() == 0

    page.get_by_role("button", name="Withdraw").first.click()
    page.get_by_role("button", name="Withdraw").first.wait_for(state="detached")
    guest.reload()
    guest.get_by_role("heading", name="This link does not open a result").wait_for()
    assert guest.get_by_role("tab", name="Groups").count() == 0


def watched(page: Any) -> dict[str, set[str]]:
    """What was seen on the training page until it led on by itself."""
    seen: dict[str, set[str]] = {"curves": set(), "sentence": set()}
    for _ in range(2000):
        if "/training" not in page.url:
            break
        seen["curves"] |= set(page.evaluate(CURVES))
        page.wait_for_timeout(500)
    return seen


# Streamlit puts keyed parts into shadow roots: walk through all of them.
CURVES = """() => {
  const found = []
  const walk = (root) => root.querySelectorAll("*").forEach((e) => {
    if (e.matches(".curve path.line")) found.push(e.getAttribute("d"))
    if (e.shadowRoot) walk(e.shadowRoot)
  })
  walk(document)
  return found.filter(Boolean)
}"""


def results(page: Any, k: str) -> None:
    """The result shows its numbers; a group picked in the list is shown beside the map and in the address."""
    page.get_by_test_id("stMetric").first.wait_for()
    assert page.get_by_test_id("stMetric").count() == 5
    heights = {round(box.bounding_box()["height"]) for box in page.get_by_test_id("stMetric").all()}
    assert max(heights) - min(heights) <= 1, f"the five cards have one height, got {heights}"
    page.locator(".bars.pick li").first.click()
    page.wait_for_url(re.compile(r"group=\d+"))
    chosen = re.search(r"group=(\d+)", page.url)
    assert chosen is not None
    assert 1 <= int(chosen.group(1)) <= int(k)
    page.get_by_role("heading", name=re.compile(f"Group {chosen.group(1)}\\b")).first.wait_for()
    page.locator(".stage .points").first.wait_for()


def downloaded(page: Any) -> pd.DataFrame:
    """The labels as the browser receives them."""
    page.get_by_role("button", name="Download").first.click()
    with page.expect_download() as coming:
        page.get_by_role("button", name="CSV", exact=True).click()
    content = Path(coming.value.path()).read_bytes()
    page.keyboard.press("Escape")
    return pd.read_csv(io.BytesIO(content))


def shared_link(page: Any) -> str:
    """Create a link in the dialog and read it there."""
    page.get_by_role("button", name=re.compile("Share$")).click()
    page.get_by_role("button", name="Create link").click()
    code = page.get_by_test_id("stCode").first
    code.wait_for()
    link = code.inner_text().strip()
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+/shared\?token=[\w-]{40,}", link)
    return link


def test_labels_are_those_of_the_store(home: Path) -> None:
    """What the browser downloaded came from finished runs whose labels cover every member."""
    workspace = Workspace.open({"CONSTELLA_HOME": str(home)})
    done = [run for run in workspace.runs() if run.state == "done" and run.name != "Handwritten digits"]
    if not done:
        pytest.skip("the way through the browser did not run")
    for run in done:
        result = workspace.result(run.id)
        assert len(result.labels) == workspace.dataset(run.dataset).n
        assert np.array_equal(result.kept, np.arange(len(result)))
