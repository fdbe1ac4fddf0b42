"""Trust in a real browser: one click, and the answer of a worker appears by itself."""

from pathlib import Path
from typing import Any

import pytest

from engine.runs import Workspace
from engine.runs.workers.worker import Worker
from tests.pages import finished

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

ROOT = Path(__file__).resolve().parents[2]
IDLE = "[data-testid=stApp][data-test-script-state=notRunning]"


@pytest.fixture(scope="module")
def shapes_run(tmp_path_factory: pytest.TempPathFactory) -> tuple[Workspace, str]:
    """A home with a finished run."""
    return finished.home(tmp_path_factory.mktemp("constella-trust"), "shapes", 3)


def test_one_click_checks_stability(shapes_run: tuple[Workspace, str], tabs: Any, serve: Any) -> None:
    workspace, run = shapes_run
    url = serve(ROOT / "streamlit_app.py", {"CONSTELLA_HOME": str(workspace.config.home), "CONSTELLA_EXECUTOR": "none"})
    page = tabs()
    page.goto(url)
    page.wait_for_selector(IDLE)
    page.goto(f"{url}/results?run={run}&tab=Trust")
    page.get_by_role("button", name="Check stability").click()
    page.get_by_role("button", name="Stop", exact=True).wait_for()
    assert Worker(workspace, "evaluate").once()  # in this process, which has loaded everything
    page.get_by_text("The method agrees with itself at").wait_for()
    page.get_by_text("Who ends up together").wait_for()
    assert page.get_by_role("button", name="Stop", exact=True).count() == 0
    assert page.get_by_text("As a table").count() >= 3
