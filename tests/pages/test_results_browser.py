"""A result in a real browser: a lasso fills the wall of members, a dot says what it is, and new pictures find their groups."""

import io
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.datasets import load_digits

from engine.runs import Workspace
from engine.runs.workers.worker import Worker
from tests.pages.stage import frames, picture

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

ROOT = Path(__file__).resolve().parents[2]
IDLE = "[data-testid=stApp][data-test-script-state=notRunning]"


@pytest.fixture(scope="module")
def digits_run(trained: dict[str, Any]) -> tuple[Workspace, str]:
    """A home with a finished run: k-means on the digits."""
    return trained["workspace"], trained["runs"]["digits"]


@pytest.fixture
def page(tabs: Any, serve: Any, digits_run: tuple[Workspace, str]) -> Any:
    """The page of that run; without workers, so that nothing changes under the test."""
    workspace, run = digits_run
    url = serve(ROOT / "streamlit_app.py", {"CONSTELLA_HOME": str(workspace.config.home), "CONSTELLA_EXECUTOR": "none"})
    page = tabs()
    page.goto(f"{url}/results?run={run}")
    page.locator(".stage .points").first.wait_for()
    picture(page)
    page.wait_for_selector(IDLE)
    return page


def test_a_lasso_fills_the_wall_of_members(page: Any) -> None:
    box = page.locator(".stage").first.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.locator(".stage").first.focus()
    page.keyboard.press("l")
    around = [(x + 90 * np.cos(a), y + 70 * np.sin(a)) for a in np.linspace(0, 2 * np.pi, 20)]
    page.mouse.move(*around[0])
    page.mouse.down()
    for corner in around[1:]:
        page.mouse.move(*corner, steps=2)
    page.mouse.up()
    card = page.locator(".st-key-aside-card")
    card.get_by_role("heading", name="Your selection").wait_for()
    page.wait_for_selector(IDLE)
    told = card.get_by_text(re.compile(r"^[\d,]+ members \(")).inner_text()
    inside = int(told.split()[0].replace(",", ""))
    assert 10 < inside < 1797
    assert card.locator(".wall img").count() == min(inside, 24), "each member that is drawn is a picture"
    spread = [int(text.split("·")[0].replace(",", "")) for text in card.locator(".bars .text").all_inner_texts()]
    assert sum(spread) == inside, "the bars count the members inside"


def test_pointing_at_a_dot_shows_its_picture(page: Any) -> None:
    box = page.locator(".stage").first.bounding_box()
    shown = page.locator(".tip .thumb").first
    for step in range(60):  # from the middle outwards until there is a dot
        angle, far = step * 2.4, 2.5 * step
        page.mouse.move(
            box["x"] + box["width"] / 2 + far * np.cos(angle), box["y"] + box["height"] / 2 + far * np.sin(angle)
        )
        frames(page)
        if shown.is_visible():
            break
    assert shown.is_visible()


def test_new_pictures_find_their_groups(page: Any, digits_run: tuple[Workspace, str]) -> None:
    workspace, run = digits_run
    page.get_by_role("tab", name="New data").click()
    drop = page.locator("input[type=file]")
    drop.wait_for(state="attached")
    file = io.BytesIO()
    np.save(file, load_digits().images[:30].astype(np.uint8))
    drop.set_input_files({"name": "more.npy", "mimeType": "application/octet-stream", "buffer": file.getvalue()})
    page.get_by_test_id("stProgress").wait_for()
    assert Worker(workspace, "light").once()
    page.get_by_text("Groups of the new rows").wait_for()
    page.get_by_text("30 rows").first.wait_for()
    (request,) = workspace.predictions.of_run(run)
    assert workspace.predictions.read(request.id).labels.tolist() == workspace.result(run).labels[:30].tolist()
    page.wait_for_selector(IDLE)
    with page.expect_download() as coming:
        page.get_by_role("button", name="CSV", exact=True).click()
    assert len(Path(coming.value.path()).read_text().splitlines()) == 31
