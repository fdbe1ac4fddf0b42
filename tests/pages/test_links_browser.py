"""Links in a real browser: a shared view opens as it was seen, a password is asked for, a cell of the confusion selects."""

import io
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import urlopen

import numpy as np
import pytest

from engine.runs import Settings, Workspace
from tests.pages.stage import picture

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

ROOT = Path(__file__).resolve().parents[2]
IDLE = "[data-testid=stApp][data-test-script-state=notRunning]"


@pytest.fixture(scope="module")
def digits_run(trained: dict[str, Any]) -> tuple[Workspace, str]:
    """A home with a finished run: k-means on the digits."""
    return trained["workspace"], trained["runs"]["digits"]


@pytest.fixture
def visit(tabs: Callable[..., Any], serve: Any, digits_run: tuple[Workspace, str]) -> Callable[..., Any]:
    """`visit("results?run=...", width=1400) -> page`; those of another width are another person."""
    workspace, _ = digits_run

    def start(address: str, width: int = 1400) -> Any:
        # Without workers: the map must not change under the test.
        url = serve(ROOT / "server.py", {"CONSTELLA_HOME": str(workspace.config.home), "CONSTELLA_EXECUTOR": "none"})
        page = tabs(width)
        page.goto(address if address.startswith("http") else f"{url}/{address}")
        page.wait_for_selector(IDLE)
        return page

    return start


def middle(page: Any, width: int = 320, height: int = 260) -> np.ndarray:
    """The middle of the map, [height, width, 3]; a guest's map may be wider, but what is in its middle is the same."""
    pixels = picture(page).astype(int)
    top, left = (pixels.shape[0] - height) // 2, (pixels.shape[1] - width) // 2
    return pixels[top : top + height, left : left + width]


def drawn(page: Any) -> None:
    page.locator(".stage .points").first.wait_for()
    picture(page)
    page.wait_for_selector(IDLE)


def zoomed_and_selected(page: Any) -> None:
    """Zoom in on the middle and draw a box around a part of it."""
    box = page.locator(".stage").first.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    for _ in range(3):
        page.mouse.wheel(0, -300)
    page.wait_for_url(re.compile("camera="))
    page.locator(".stage").first.focus()
    page.keyboard.press("b")
    page.mouse.move(x - 120, y - 80)
    page.mouse.down()
    page.mouse.move(x + 60, y + 90, steps=4)
    page.mouse.up()
    page.wait_for_url(re.compile("selected="))
    page.wait_for_selector(IDLE)


def test_a_shared_view_opens_as_it_was_seen(visit: Any, digits_run: tuple[Workspace, str]) -> None:
    _, run = digits_run
    page = visit(f"results?run={run}&color=sure")
    drawn(page)
    whole = middle(page)
    zoomed_and_selected(page)
    seen, counts = middle(page), page.locator(".summary").first.inner_text()
    assert np.abs(seen - whole).mean() > 2
    assert re.match(r"\d+ of 1,797 members selected", counts)

    page.get_by_role("button", name=re.compile("Share$")).click()
    page.get_by_role("button", name="Create link").click()
    code = page.get_by_test_id("stCode").first
    code.wait_for()
    page.get_by_text("opens a view").first.wait_for()
    # A guest has no navigation beside the page: a window as much narrower has the same map.
    navigation = page.get_by_test_id("stSidebar").bounding_box()["width"]
    guest = visit(code.inner_text().strip(), 1400 - round(navigation))
    guest.get_by_text(counts).first.wait_for()
    drawn(guest)
    assert np.abs(middle(guest) - seen).mean() < 8
    assert "camera=" in guest.url
    assert "color=sure" in guest.url


def test_an_address_brings_back_camera_and_selection(visit: Any, digits_run: tuple[Workspace, str]) -> None:
    page = visit(f"results?run={digits_run[1]}")
    drawn(page)
    zoomed_and_selected(page)
    seen, counts = middle(page), page.locator(".summary").first.inner_text()
    again = visit(page.url)
    again.get_by_text(counts).first.wait_for()
    drawn(again)
    assert np.abs(middle(again) - seen).mean() < 2
    again.locator(".stage").first.focus()
    again.keyboard.press("Escape")
    again.wait_for_url(lambda url: "selected=" not in url)
    again.keyboard.press("0")
    again.wait_for_url(lambda url: "camera=" not in url)


def test_a_password_is_asked_for(visit: Any, digits_run: tuple[Workspace, str]) -> None:
    workspace, run = digits_run
    guest = visit(f"shared?token={workspace.links.share(run, password='correct horse', view={'group': '3'})}")
    guest.get_by_role("heading", name="This result asks for a password").wait_for()
    assert guest.locator(".stage").count() == 0
    for password in ("wrong", "correct horse"):
        guest.get_by_label("Password", exact=True).fill(password)
        guest.get_by_role("button", name="Open", exact=True).click()
        if password == "wrong":
            guest.get_by_text("This is not the password").wait_for()
    guest.get_by_role("heading", name=re.compile("^Group 3")).first.wait_for()
    drawn(guest)


def test_a_cell_of_the_confusion_shows_its_members(visit: Any, digits_run: tuple[Workspace, str]) -> None:
    workspace, run = digits_run
    page = visit(f"results?run={run}&tab=Confusion")
    drawn(page)
    table = workspace.result(run).confusion
    assert table is not None
    count, group = int(table.counts[4].max()), table.groups[int(table.counts[4].argmax())] + 1
    cell = page.get_by_role("button", name=re.compile(f"^{count} members with label 4 in Group {group},"))
    cell.focus()
    page.keyboard.press("Enter")
    page.get_by_text(f"{count} members,").first.wait_for()
    page.get_by_role("button", name="Show on the map").click()
    page.get_by_text(f"{count} of 1,797 members selected").wait_for()


def test_messengers_see_a_title_and_a_picture(serve: Any, digits_run: tuple[Workspace, str]) -> None:
    workspace, run = digits_run
    url = serve(ROOT / "server.py", {"CONSTELLA_HOME": str(workspace.config.home), "CONSTELLA_EXECUTOR": "none"})
    name = 'Digits <b>& "co"'
    workspace.rename(run, name)
    try:
        open_, locked = workspace.links.share(run), workspace.links.share(run, password="secret")
        page = fetched(f"{url}/shared?token={open_}").decode()
        assert '<meta property="og:title" content="Digits &lt;b&gt;&amp; &quot;co&quot;">' in page
        assert 'content="1,797 members in 10 groups · k-means"' in page
        address = re.search(r'og:image" content="([^"]+)"', page)
        assert address is not None
        assert picture_size(fetched(address[1])) == (1200, 630)
        closed = fetched(f"{url}/shared?token={locked}").decode()
        assert "asks for a password" in closed
        assert "Digits" not in closed
        for token in (locked, "guess"):
            with pytest.raises(HTTPError):
                fetched(f"{url}/preview.png?token={token}")
        waiting = workspace.submit(Settings(workspace.run(run).dataset, "kmeans", 7)).id
        for token in ("guess", workspace.links.share(waiting)):
            assert "og:title" not in fetched(f"{url}/shared?token={token}").decode()
        workspace.delete(waiting)
    finally:
        workspace.rename(run, "k-means on digits")


def fetched(address: str) -> bytes:
    with urlopen(address, timeout=30) as answer:
        content: bytes = answer.read()
        return content


def picture_size(content: bytes) -> tuple[int, int]:
    from PIL import Image

    return Image.open(io.BytesIO(content)).size
