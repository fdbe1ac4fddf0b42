"""Names in a real browser: a new one shows at once, everywhere on the page, and the clicked member says why it is here."""

import re
from pathlib import Path
from typing import Any

import pytest

from engine.runs import Workspace
from tests.pages.stage import frames

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

ROOT = Path(__file__).resolve().parents[2]
IDLE = "[data-testid=stApp][data-test-script-state=notRunning]"


@pytest.fixture(scope="module")
def customers_run(trained: dict[str, Any]) -> tuple[Workspace, str]:
    """A home with a finished run of k-means on customers."""
    return trained["workspace"], trained["runs"]["customers"]


def opened(tabs: Any, serve: Any, customers_run: tuple[Workspace, str], view: str, width: int = 1400) -> Any:
    """The result in the tab of that width, without workers."""
    workspace, run = customers_run
    url = serve(ROOT / "streamlit_app.py", {"CONSTELLA_HOME": str(workspace.config.home), "CONSTELLA_EXECUTOR": "none"})
    page = tabs(width)
    page.goto(f"{url}/results?run={run}&{view}")
    return page


def test_a_name_shows_at_once_and_in_another_tab(customers_run: tuple[Workspace, str], tabs: Any, serve: Any) -> None:
    workspace, run = customers_run
    page = opened(tabs, serve, customers_run, "group=2")
    page.get_by_role("heading", name=re.compile("^Group 2")).wait_for()
    page.wait_for_selector(IDLE)
    box = page.get_by_role("textbox", name="Group 2")
    page.locator(".st-key-name-group button").first.click()
    box.wait_for()
    page.keyboard.press("Escape")
    box.wait_for(state="detached")
    page.wait_for_selector(IDLE)
    page.locator(".st-key-name-group button").first.click()
    box.fill("Loyal <b>&</b> *big*")
    page.get_by_role("button", name="Keep this name").click()
    page.get_by_role("heading", name="Group 2 · Loyal <b>&</b> *big*").wait_for()
    page.locator(".legend").get_by_text("Group 2 · Loyal <b>&</b> *big*").first.wait_for()
    assert workspace.result(run).groups[1].display_name == "Group 2 · Loyal <b>&</b> *big*"
    other = opened(tabs, serve, customers_run, "tab=Rules", 1200)
    other.get_by_text("Group 2 · Loyal").first.wait_for()


def test_tabs_open_one_after_the_other_and_stand_in_the_address(
    customers_run: tuple[Workspace, str], tabs: Any, serve: Any
) -> None:
    page = opened(tabs, serve, customers_run, "tab=Members")
    for name in ("Members", "Rules", "Trust", "Details", "Rules"):
        tab = page.get_by_role("tab", name=name)
        tab.wait_for()
        page.wait_for_selector(IDLE)
        tab.click()
        page.wait_for_url(re.compile(f"tab={name}"))
        page.wait_for_selector(IDLE)
        frames(page)
        assert tab.get_attribute("aria-selected") == "true", name
    page.get_by_role("tab", name="Groups").click()
    page.wait_for_url(lambda address: "tab=" not in address)
