"""Pointing at a dot of a result in a real browser brings the words on that member, and only on that one."""

from typing import Any

import pytest

from pages.parts.results import member_route
from tests.pages import finished
from tests.pages.test_results_browser import IDLE, ROOT

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


def test_a_dot_is_asked_about_when_the_pointer_rests_on_it(tabs: Any, serve: Any, tmp_path: Any) -> None:
    workspace, run = finished.home(tmp_path, "customers", 4)
    url = serve(ROOT / "server.py", {"CONSTELLA_HOME": str(workspace.config.home), "CONSTELLA_EXECUTOR": "none"})
    page = tabs()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if member_route.PATH in request.url else None)
    page.goto(f"{url}/results?run={run}")
    page.locator(".stage .points").first.wait_for()
    page.wait_for_selector(IDLE)
    box = page.locator(".stage").first.bounding_box()
    assert asked == [], "nobody has pointed at anything"
    tip = page.locator(".tip").first
    for step in range(400):  # on its way over the map until it rests on a dot
        page.mouse.move(
            box["x"] + box["width"] * (0.2 + 0.0015 * step), box["y"] + box["height"] * (0.35 + 0.0005 * step)
        )
        if step % 20 == 0 and tip.is_visible():
            page.wait_for_timeout(300)
        if tip.locator(".more div").count():
            break
    first = workspace.raw(workspace.run(run).dataset).columns[1].name
    words = tip.inner_text()
    assert f"{first}: " in words
    assert len(asked) <= 20, "a pointer on its way asks for nothing"
