"""A guest of a link in a real browser tries every page, button and address: nothing but the one result is to be had."""

import hashlib
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from engine.runs import Workspace
from engine.runs.db.schema import metadata
from engine.runs.owner_key import OwnerKey
from pages.parts.app import routes
from tests.pages import finished

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]

ROOT = Path(__file__).resolve().parents[2]
IDLE = "[data-testid=stApp][data-test-script-state=notRunning]"
MAIN = "[data-testid=stMain]"
MAX_PRESSED = 150
OWNERS = "This page is for the owner of this server"
# The browser asks for Streamlit's own files below the page's address first, and pages of the owner answer with 403.
HARMLESS = ("404 (Not Found)", "403 (Forbidden)", "GPU stall due to ReadPixels")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> tuple[Workspace, str, str]:
    """A home with a finished run that is shared, and another that is not."""
    place, run = finished.home(tmp_path_factory.mktemp("access-home"), "customers", 4)
    other = finished.train(place, place.run(run).dataset, "kmeans", 3)
    place.rename(other, "Nobody else's")
    return place, run, other


@pytest.fixture
def visit(
    tabs: Any, serve: Any, complaints: Callable[..., list[str]], home: tuple[Workspace, str, str]
) -> Callable[[str], Any]:
    """`visit("shared?token=...") -> page` as somebody without a key; fails on complaints in the console.

    The server sees another Host than its own, as behind a proxy or on a network.
    """
    env = {"CONSTELLA_HOME": str(home[0].config.home), "CONSTELLA_EXECUTOR": "none", "CONSTELLA_HOSTS": "guest.test"}
    port = urlsplit(serve(ROOT / "server.py", env)).port

    def start(address: str) -> Any:
        page = tabs(height=1000)
        complaints(page, HARMLESS)
        page.goto(f"http://guest.test:{port}/{address}")
        return page

    return start


def idle(page: Any) -> None:
    page.wait_for_timeout(200)
    page.wait_for_selector(IDLE)


def opened(page: Any) -> None:
    """The shared result is there."""
    page.get_by_text("You can look at everything here").wait_for()
    page.locator(".stage .points").first.wait_for()
    idle(page)


def go_inside(page: Any, address: str) -> None:
    """Change the page without loading it anew, as a click in the navigation does."""
    page.evaluate(
        "address => { history.pushState({}, '', address); dispatchEvent(new PopStateEvent('popstate')); }", address
    )
    idle(page)


def test_no_address_leads_a_guest_out_of_the_link(visit: Any, home: tuple[Workspace, str, str]) -> None:
    place, run, other = home
    page = visit(f"shared?token={place.links.share(run, raw_data=True)}")
    opened(page)
    shared = page.url
    assert page.get_by_test_id("stSidebarNav").count() == 0
    for name in ("", *sorted(routes.PATHS - {routes.SHARED})):
        for query in ("", f"?run={other}", f"?run={run}"):
            go_inside(page, f"/{name}{query}")
            page.get_by_role("heading", name=OWNERS).wait_for()
            assert "Nobody else's" not in page.content()
    page.goto(shared)
    opened(page)
    page.locator("[data-testid=stHeaderLogo], [data-testid=stLogo]").first.click()
    page.get_by_role("heading", name=OWNERS).wait_for()
    for name in ("", *sorted(routes.PATHS - {routes.SHARED})):
        answer = page.goto(f"{shared.split('/shared')[0]}/{name}?run={run}")
        assert answer.status == 403
        page.get_by_role("heading", name=OWNERS).wait_for()
    page.goto(f"{shared}&run={other}")
    opened(page)
    assert "Nobody else's" not in page.content()


def stored(place: Workspace) -> dict[str, Any]:
    """Every row of the store, and the hash of every artifact."""
    with place.store.read() as connection:
        rows = {name: connection.execute(table.select()).all() for name, table in metadata.tables.items()}
    files = sorted(path for path in Path(place.config.artifacts).rglob("*") if path.is_file())
    return rows | {str(path): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def press_all(page: Any, pressed: set[str]) -> None:
    """Press every button but tabs, pickers and those already pressed, also those that appear meanwhile.

    Buttons that differ in numbers alone, as the cells of a table do, count as one.
    """
    script = """(pressed) => {
        const text = button => button.innerText.split("\\n").filter(line => !/^[a-z0-9_]*$/.test(line)).join(" ");
        const name = button => (text(button) || button.ariaLabel || button.title || button.innerText)
            .replace(/\\d[\\d.,]*/g, "#").split(" · ")[0];
        const below = root => [...root.querySelectorAll("*")].flatMap(
            one => [...(one.matches("button, [role=button]") ? [one] : []),
                    ...(one.shadowRoot ? below(one.shadowRoot) : [])]);
        const next = [...document.querySelectorAll("[data-testid=stMain], [data-testid=stPopoverBody], [role=dialog]")]
            .flatMap(below)
            .find(button => !button.disabled && button.checkVisibility() && button.role !== "tab" && name(button)
                            && !button.closest("[data-testid=stSelectbox]") && !pressed.includes(name(button)));
        if (next) next.click();
        return next ? name(next) : "";
    }"""
    for _ in range(MAX_PRESSED):
        name = page.evaluate(script, [*pressed])
        if not name:
            break
        pressed.add(name)
        idle(page)
    else:
        pytest.fail(f"Buttons without end: {sorted(pressed)}")
    page.keyboard.press("Escape")


def pick_all(page: Any, picked: set[str]) -> None:
    """Choose the last option of every picker but those already used."""
    pickers = page.locator(f"{MAIN} [data-testid=stSelectbox]:visible")
    for label in pickers.evaluate_all("all => all.map(one => one.querySelector('input').ariaLabel)"):
        if label not in picked:
            picked.add(label)
            box = page.locator(f"{MAIN} [data-testid=stSelectbox] input[aria-label='{label}']:visible").first
            while not page.get_by_role("option").count():  # a page that is drawn anew closes it
                idle(page)
                box.click()
            page.get_by_role("option").last.click()
            idle(page)


def test_no_control_of_a_shared_page_changes_anything(visit: Any, home: tuple[Workspace, str, str]) -> None:
    place, run, _ = home
    page = visit(f"shared?token={place.links.share(run, raw_data=True)}")
    opened(page)
    before = stored(place)
    pressed, picked = set[str](), set[str]()
    for tab in page.get_by_role("tab").all_inner_texts():
        page.get_by_role("tab", name=tab, exact=True).click()
        idle(page)
        pick_all(page, picked)
        press_all(page, pressed)
        assert "went wrong" not in page.locator(MAIN).inner_text()
    assert "Download" in pressed
    assert picked
    assert stored(place) == before


def test_what_a_guest_takes_away_is_labels_and_report(visit: Any, home: tuple[Workspace, str, str]) -> None:
    place, run, _ = home
    page = visit(f"shared?token={place.links.share(run)}")
    opened(page)
    page.get_by_role("button", name=re.compile("Download$")).click()
    files = page.get_by_test_id("stPopoverBody")
    files.get_by_role("button", name="CSV").wait_for()
    for name in ("safetensors", "ONNX", "Notebook", "Script"):
        assert files.get_by_role("button", name=name).count() == 0
    with page.expect_download() as waiting:
        files.get_by_role("button", name="CSV").click()
    assert Path(waiting.value.path()).read_text().startswith("row,group,group name")


def test_the_key_opens_everything_and_is_not_left_in_the_address(visit: Any, home: tuple[Workspace, str, str]) -> None:
    place, _, other = home
    key = OwnerKey.of({"CONSTELLA_HOME": str(place.config.home)}).secret
    page = visit(f"results?run={other}")
    page.get_by_label("Owner's key").fill("guess")
    page.get_by_role("button", name="Open").click()
    page.get_by_text("This is not the key of this server").wait_for()
    page.get_by_label("Owner's key").fill(key)
    page.get_by_role("button", name="Open").click()
    page.get_by_role("heading", name="Nobody else's").wait_for()
    assert f"run={other}" in page.url
    page = visit(f"results?run={other}&key={key}")
    page.get_by_role("heading", name="Nobody else's").wait_for()
    assert key not in page.url
    assert key not in page.evaluate("document.cookie")
    page.get_by_role("button", name=re.compile("Share$")).wait_for()


def test_a_visitor_who_went_astray_finds_the_form(visit: Any, home: tuple[Workspace, str, str]) -> None:
    place, run, _ = home
    page = visit(f"shared?token={place.links.share(run)}")
    opened(page)
    go_inside(page, "/runs")
    page.get_by_role("link", name="Enter the owner's key").click()
    page.get_by_label("Owner's key").fill(OwnerKey.of({"CONSTELLA_HOME": str(place.config.home)}).secret)
    page.get_by_role("button", name="Open").click()
    page.get_by_role("heading", name="Runs").wait_for()
    page.get_by_text("Nobody else's").first.wait_for()


def test_a_link_that_is_withdrawn_closes_the_open_page(visit: Any, home: tuple[Workspace, str, str]) -> None:
    place, run, _ = home
    token = place.links.share(run, raw_data=True)
    page = visit(f"shared?token={token}")
    opened(page)
    place.links.revoke(token)
    page.get_by_role("tab", name="Members").click()
    page.get_by_role("heading", name="This link does not open a result").wait_for()
