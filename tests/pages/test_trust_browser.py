"""Trust in a real browser: one click, a worker's progress, and the answer appears by itself."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from engine.runs import Workspace
from tests.pages import finished

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

ROOT = Path(__file__).resolve().parents[2]
IDLE = "[data-testid=stApp][data-test-script-state=notRunning]"


@pytest.fixture(scope="module")
def shapes_run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Workspace, str]]:
    """A home with a finished run; the workers of its server end with the tests."""
    place, run = finished.home(tmp_path_factory.mktemp("constella-trust"), "shapes", 3)
    yield place, run
    finished.end_workers(place)


def test_one_click_checks_stability(shapes_run: tuple[Workspace, str], browser: Any, serve: Any) -> None:
    place, run = shapes_run
    url = serve(ROOT / "streamlit_app.py", {"CONSTELLA_HOME": str(place.config.home)})
    page = browser.new_context(viewport={"width": 1400, "height": 900}).new_page()
    page.set_default_timeout(120_000)  # workers start, and other tests keep the machine busy
    page.goto(url)
    page.wait_for_selector(IDLE)
    page.goto(f"{url}/results?run={run}&tab=Trust")
    page.get_by_role("button", name="Check stability").click()
    stop, answer = (
        page.get_by_role("button", name="Stop", exact=True),
        page.get_by_text("The method agrees with itself at"),
    )
    stop.or_(answer).first.wait_for()  # a busy server may draw the page after the worker is done
    answer.wait_for()
    page.get_by_text("Who ends up together").wait_for()
    assert page.get_by_role("button", name="Stop", exact=True).count() == 0
    assert page.get_by_text("As a table").count() >= 3
    page.context.close()
