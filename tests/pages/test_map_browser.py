"""The map in a real browser: what is drawn, what a gesture selects, what survives new data."""

import json
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.pages.stage import frames, glance, picture

pytestmark = pytest.mark.browser

APP = Path(__file__).parent / "apps" / "map_app.py"
CENTERS = np.array([[-10, -10], [10, -10], [-10, 10], [10, 10]], dtype=np.float32)
# Chromium reports that it reads back what it has drawn in software; a screenshot does that.
HARMLESS = ("GPU stall due to ReadPixels",)

Open = Callable[..., Any]


@pytest.fixture
def open_map(tabs: Callable[..., Any], serve: Callable[..., str], complaints: Callable[..., list[str]]) -> Open:
    """`open_map("case=digits", width=1200, scheme="light") -> page` with the map drawn; fails on any console error."""

    def start(query: str, width: int = 1200, scheme: str = "light", **more: Any) -> Any:
        page = tabs(width, color_scheme=scheme, **more)
        complaints(page, HARMLESS, ("error", "warning"))
        page.goto(f"{serve(APP)}/?{query}")
        page.wait_for_selector(".stage .points")
        page.wait_for_selector("[data-testid=stText]")
        frames(page)
        return page

    return start


def answer(
    page: Any, wanted: Callable[[dict[str, Any]], bool] = lambda told: True, seconds: float = 10
) -> dict[str, Any]:
    """What the app received from the map, once it is as wanted."""
    end = time.monotonic() + seconds
    while True:
        told: dict[str, Any] = json.loads(page.locator("[data-testid=stText]").inner_text())
        if wanted(told):
            return told
        assert time.monotonic() < end, f"the app was only told {told}"
        page.wait_for_timeout(100)


def near(pixels: NDArray[np.uint8], color: str, within: int = 40) -> NDArray[np.bool_]:
    rgb = np.array([int(color[at : at + 2], 16) for at in (1, 3, 5)])
    return np.asarray(np.abs(pixels.astype(int) - rgb).max(axis=2) < within)


def middle_of(mask: NDArray[np.bool_]) -> NDArray[np.float64]:
    return np.argwhere(mask).mean(axis=0)[::-1]


def drag(page: Any, corners: list[tuple[float, float]]) -> None:
    box = page.locator(".stage").bounding_box()
    (x, y), *others = corners
    page.mouse.move(box["x"] + x, box["y"] + y)
    page.mouse.down()
    for x, y in others:
        page.mouse.move(box["x"] + x, box["y"] + y, steps=2)
    page.mouse.up()


def around(point: NDArray[np.float64], radius: float) -> list[tuple[float, float]]:
    angles = np.linspace(0, 2 * np.pi, 24)
    return [(float(point[0] + radius * np.cos(a)), float(point[1] + radius * np.sin(a))) for a in angles]


def blobs(n: int = 600) -> NDArray[np.float32]:
    groups = np.arange(n) % 4
    return (CENTERS[groups] + np.random.default_rng(0).normal(0, 1, (n, 2))).astype(np.float32)


BLUE, ORANGE, GREEN, PINK = "#0072B2", "#E69F00", "#009E73", "#CC79A7"


def test_every_group_is_drawn_in_its_color_and_place(open_map: Open) -> None:
    pixels = picture(open_map("case=blobs"))
    config = [middle_of(near(pixels, color)) for color in (BLUE, ORANGE, GREEN, PINK)]
    north, east, south, west = config
    assert max(north[0], south[0]) < min(east[0], west[0]), "x grows to the right"
    assert max(south[1], west[1]) < min(north[1], east[1]), "y grows upwards"
    assert all(near(pixels, color).sum() > 500 for color in (BLUE, ORANGE, GREEN, PINK))


def test_a_crowd_shows_as_density(open_map: Open) -> None:
    pixels = picture(open_map("case=blobs&n=60000"))
    full, any_blue = (
        near(pixels, BLUE, 25),
        near(pixels, BLUE, 200) & (pixels[..., 2] > pixels[..., 0].astype(int) + 30),
    )
    assert full.sum() > 300, "where it is crowded, dots are solid"
    assert any_blue.sum() > 2 * full.sum(), "and fade out where it is not"


def test_lasso_returns_exactly_the_members_inside(open_map: Open) -> None:
    page = open_map("case=blobs")
    center = middle_of(near(picture(page), BLUE))
    page.get_by_role("button", name=re.compile("Lasso")).click()
    drag(page, around(center, 110))
    told = answer(page, lambda told: told["size"] is not None)
    assert told["selected"] == list(range(0, 600, 4))
    assert "150 of 600 members selected" in page.locator(".summary").inner_text()


def test_lasso_through_a_group_agrees_with_python(open_map: Open) -> None:
    page = open_map("case=blobs")
    pixels = picture(page)
    low, high = middle_of(near(pixels, BLUE)), middle_of(near(pixels, PINK))
    positions = blobs()
    scale = (high - low) / (positions[3::4].mean(axis=0) - positions[0::4].mean(axis=0))
    screen = low + (positions - positions[0::4].mean(axis=0)) * scale
    page.keyboard.down("Shift")
    drag(page, around(low, 22))
    page.keyboard.up("Shift")
    got = np.array(answer(page, lambda told: told["size"] is not None)["selected"])
    distance = np.linalg.norm(screen - low, axis=1)
    # Where the picture was measured to a pixel or two, members that close to the line may lie on either side.
    assert set(np.flatnonzero(distance < 18)) <= set(got) <= set(np.flatnonzero(distance < 26))
    assert 0 < len(got) < 150


def test_box_selects_and_escape_clears(open_map: Open) -> None:
    page = open_map("case=blobs")
    pixels = picture(page)
    page.locator(".stage").focus()
    page.keyboard.press("b")
    (left, low), (right, _) = middle_of(near(pixels, BLUE)), middle_of(near(pixels, ORANGE))
    drag(page, [(left - 120, low - 120), (right + 120, low + 120)])
    told = answer(page, lambda told: told["size"] is not None)
    assert set(told["selected"]) == {i for i in range(600) if i % 4 in (0, 1)}
    page.keyboard.press("Escape")
    assert answer(page, lambda told: told["size"] is None)["clicked"] is None


def test_click_picks_the_nearest_member(open_map: Open) -> None:
    page = open_map("case=digits")
    box = page.locator(".stage").bounding_box()
    rows, columns = np.nonzero(near(picture(page), BLUE))
    page.mouse.click(box["x"] + int(columns[-1]), box["y"] + int(rows[-1]) - 3)
    told = answer(page, lambda told: told["clicked"] is not None)
    from sklearn.datasets import load_digits

    assert load_digits().target[told["clicked"]] == 0
    page.mouse.click(box["x"] + 4, box["y"] + box["height"] - 4)
    answer(page, lambda told: told["clicked"] is None)


def test_legend_click_dims_the_others_and_tells_python(open_map: Open) -> None:
    page = open_map("case=blobs")
    page.locator(".entry", has_text="East").click()
    assert answer(page, lambda told: told["focus"] == [1])["size"] is None
    pixels = picture(page)
    assert near(pixels, ORANGE).sum() > 500
    assert near(pixels, BLUE).sum() == 0
    page.locator(".entry", has_text="West").click(modifiers=["Control"])
    answer(page, lambda told: told["focus"] == [1, 3])
    page.keyboard.press("Escape")
    answer(page, lambda told: told["focus"] == [])


def test_legend_counts_the_selection_and_finds_a_group(open_map: Open) -> None:
    page = open_map("case=many")
    assert page.locator(".entry").count() == 40
    page.locator(".search").fill("topic 17")
    assert page.locator(".entry:visible").all_inner_texts() == ["Topic 17\n150"]
    page.locator(".search").fill("")
    page.locator(".stage").focus()
    page.keyboard.press("b")
    drag(page, [(60, 60), (900, 470)])
    told = answer(page, lambda told: told["size"] is not None)
    counts = [int(text.split(" / ")[0]) for text in page.locator(".count").all_inner_texts()]
    assert sum(counts) == told["size"]


def test_zoom_focus_and_selection_survive_new_data(open_map: Open) -> None:
    page = open_map("case=live")
    center = middle_of(near(glance(page), PINK))
    box = page.locator(".stage").bounding_box()
    page.keyboard.down("Shift")
    drag(page, around(center, 120))
    page.keyboard.up("Shift")
    first = answer(page, lambda told: told["size"] is not None)
    page.mouse.move(box["x"] + center[0], box["y"] + center[1])
    for _ in range(4):
        page.mouse.wheel(0, -300)
    # A busy machine may draw the turns of the wheel late: what counts is what is drawn after the next two refreshes.
    now = answer(page)["run"]
    answer(page, lambda told: told["run"] >= now + 2)
    # Every second brings other points of the same group: its width is the same, its farthest point is not.
    spread = np.std(np.argwhere(near(glance(page), PINK)), axis=0)
    later = answer(page, lambda told: told["run"] >= now + 5)
    again = glance(page)
    assert later["size"] == first["size"] == 150
    assert np.std(np.argwhere(near(again, PINK)), axis=0) == pytest.approx(spread, rel=0.35)
    assert near(again, BLUE).sum() == 0, "zoomed in on one group, the others are out of sight"


def test_wheel_zooms_at_the_pointer_and_double_click_resets(open_map: Open) -> None:
    page = open_map("case=blobs")
    before = picture(page)
    center = middle_of(near(before, GREEN))
    box = page.locator(".stage").bounding_box()
    page.mouse.move(box["x"] + center[0], box["y"] + center[1])
    page.mouse.wheel(0, -300)
    zoomed = picture(page, unlike=before)
    assert middle_of(near(zoomed, GREEN)) == pytest.approx(center, abs=12)
    assert near(zoomed, GREEN).sum() > 1.3 * near(before, GREEN).sum()
    page.mouse.dblclick(box["x"] + box["width"] / 2, box["y"] + box["height"] - 6)
    assert np.abs(picture(page, unlike=zoomed).astype(int) - before).mean() < 0.5


def test_keyboard_pans_and_zooms(open_map: Open) -> None:
    page = open_map("case=blobs")
    pixels = picture(page)
    start, apart = middle_of(near(pixels, ORANGE)), middle_of(near(pixels, BLUE))
    page.locator(".stage").focus()
    page.keyboard.press("ArrowRight")
    panned = picture(page, unlike=pixels)
    assert middle_of(near(panned, ORANGE)) == pytest.approx(start - [40, 0], abs=3)
    page.keyboard.press("0")
    whole = picture(page, unlike=panned)
    page.keyboard.press("-")
    pixels = picture(page, unlike=whole)
    assert middle_of(near(pixels, ORANGE))[0] < start[0] - 20, "zoomed out, the groups move together"
    assert middle_of(near(pixels, BLUE))[0] > apart[0] + 20


def test_playback_moves_the_members(open_map: Open) -> None:
    page = open_map("case=film", reduced_motion="no-preference")
    slider = page.get_by_role("slider")
    assert slider.get_attribute("aria-valuetext") == "Epoch 11 of 11"
    slider.fill("0")
    early = picture(page)
    assert "Epoch 0 of 11" in page.locator(".playback").inner_text()
    assert "sample of 300" in page.locator(".summary").inner_text()
    page.get_by_role("button", name="Play").click()
    page.wait_for_function(
        "() => document.querySelector('[data-testid=stBidiComponentIsolated]').shadowRoot"
        ".querySelector('.slider').value === '11'",
        timeout=30_000,
    )
    assert np.abs(picture(page).astype(int) - early).mean() > 2
    page.get_by_role("button", name="Show all 600").click()
    assert "600 members in 4 groups" in page.locator(".summary").inner_text()


def test_selection_in_a_frame_names_the_members_of_the_sample(open_map: Open) -> None:
    page = open_map("case=film")
    page.get_by_role("slider").fill("11")
    page.keyboard.down("Shift")
    drag(page, around(middle_of(near(picture(page), GREEN)), 110))
    page.keyboard.up("Shift")
    told = answer(page, lambda told: told["size"] is not None)
    assert told["selected"] == [2 * i for i in range(300) if i % 4 == 2]


def test_python_may_ask_for_a_focus_and_a_selection(open_map: Open) -> None:
    page = open_map("case=asked")
    told = answer(page, lambda told: told["size"] is not None)
    assert (told["focus"], told["selected"]) == ([1, 2], [1, 5, 6])
    page.locator(".stage").focus()
    page.keyboard.press("Escape")
    told = answer(page, lambda told: told["size"] is None)
    assert told["focus"] == [], "what was asked before does not come back"


def test_reduced_motion_is_honored(open_map: Open) -> None:
    page = open_map("case=film")
    page.get_by_role("slider").fill("3.2")
    first = picture(page)
    page.get_by_role("slider").fill("3.4")
    assert np.array_equal(first, picture(page)), "no place between two frames"


def test_hover_shows_text_as_text(open_map: Open) -> None:
    page = open_map("case=blobs")
    center = middle_of(near(picture(page), ORANGE))
    box = page.locator(".stage").bounding_box()
    page.mouse.move(box["x"] + center[0], box["y"] + center[1])
    tip = page.locator(".tip")
    tip.wait_for(state="visible")
    assert re.fullmatch(r"East\n<b>Row \d+</b> & co", tip.inner_text().strip())


def test_hover_shows_the_thumbnail(open_map: Open) -> None:
    page = open_map("case=digits")
    center = middle_of(near(picture(page), BLUE))
    box = page.locator(".stage").bounding_box()
    page.mouse.move(box["x"] + center[0], box["y"] + center[1])
    page.locator(".tip .thumb").wait_for(state="visible")
    inks = page.locator(".tip .thumb").evaluate("c => [...c.getContext('2d').getImageData(0, 0, 8, 8).data]")
    assert min(inks[0::4]) < 80
    assert max(inks[0::4]) > 200


def test_three_dimensions_turn_by_dragging(open_map: Open) -> None:
    page = open_map("case=three")
    before = picture(page)
    drag(page, [(300, 240), (460, 260)])
    assert np.abs(picture(page).astype(int) - before).mean() > 1
    assert answer(page)["clicked"] is None, "a drag is not a click"
    assert page.get_by_role("button", name=re.compile("Lasso")).count() == 0


def test_values_replace_the_colors_and_say_their_range(open_map: Open) -> None:
    page = open_map("case=values")
    assert "Distance from the middle" in page.locator(".scale").inner_text()
    assert near(picture(page), ORANGE).sum() == 0


def test_canvas_takes_over_without_webgl(open_map: Open) -> None:
    blind = """const real = HTMLCanvasElement.prototype.getContext;
    HTMLCanvasElement.prototype.getContext = function (kind, ...more) {
      return kind === 'webgl2' ? null : real.call(this, kind, ...more);
    };"""
    page = open_map("case=blobs&n=200000", script=blind)
    assert "50,000 of 200,000" in page.locator(".notice").inner_text()
    pixels = picture(page)
    assert all(near(pixels, color).sum() > 400 for color in (BLUE, ORANGE, GREEN, PINK))


def test_both_themes_take_their_colors_from_streamlit(open_map: Open) -> None:
    dark = picture(open_map("case=blobs&dark=1", scheme="dark"))
    light = picture(open_map("case=blobs"))
    assert dark.mean() < 60
    assert light.mean() > 200


def test_equal_data_is_not_sent_again(open_map: Open) -> None:
    page = open_map("case=blobs&n=200000")
    received: list[int] = []
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    session.on("Network.webSocketFrameReceived", lambda event: received.append(len(event["response"]["payloadData"])))
    before = answer(page)["run"]
    page.get_by_role("button", name="Run again").click()
    answer(page, lambda told: told["run"] > before)
    assert sum(received) < 100_000, "positions and labels alone are 1.2 MB"


def test_equal_data_is_not_sent_again_by_a_fragment(open_map: Open) -> None:
    page = open_map("case=still&n=200000")
    first = answer(page, lambda told: told["run"] >= 2)["run"]
    received: list[int] = []
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    session.on("Network.webSocketFrameReceived", lambda event: received.append(len(event["response"]["payloadData"])))
    answer(page, lambda told: told["run"] >= first + 3)
    assert sum(received) < 300_000


def test_the_picture_comes_back_after_a_lost_context(open_map: Open) -> None:
    page = open_map("case=blobs")
    before = picture(page)
    page.locator(".points").evaluate(
        """async (canvas) => {
        const extension = canvas.getContext("webgl2").getExtension("WEBGL_lose_context");
        const heard = (name) => new Promise((done) => canvas.addEventListener(name, () => setTimeout(done), {once: true}));
        const lost = heard("webglcontextlost"), restored = heard("webglcontextrestored");
        extension.loseContext();
        await lost;
        extension.restoreContext();
        await restored;
      }"""
    )
    assert np.array_equal(picture(page), before)


def test_two_fingers_zoom(open_map: Open) -> None:
    page = open_map("case=blobs", has_touch=True)
    before = picture(page)
    center, box = middle_of(near(before, GREEN)), page.locator(".stage").bounding_box()
    x, y = box["x"] + float(center[0]), box["y"] + float(center[1])
    session = page.context.new_cdp_session(page)

    def touch(kind: str, apart: float) -> None:
        points = [] if kind == "touchEnd" else [{"x": x - apart, "y": y, "id": 0}, {"x": x + apart, "y": y, "id": 1}]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    touch("touchStart", 30)
    for apart in (40, 50, 60):
        touch("touchMove", apart)
    touch("touchEnd", 0)
    after = near(picture(page, unlike=before), GREEN)
    assert middle_of(after) == pytest.approx(center, abs=12)
    spread = np.std(np.argwhere(after), axis=0) / np.std(np.argwhere(near(before, GREEN)), axis=0)
    assert spread == pytest.approx(2, rel=0.15)
    assert answer(page)["clicked"] is None


def test_another_space_is_shown_whole_and_keeps_the_selection(open_map: Open) -> None:
    page = open_map("case=spaces")
    page.keyboard.down("Shift")
    drag(page, around(middle_of(near(picture(page), BLUE)), 110))
    page.keyboard.up("Shift")
    answer(page, lambda told: told["size"] == 150)
    page.locator(".stage").focus()
    for _ in range(4):
        page.keyboard.press("+")
    before, zoomed = answer(page)["run"], picture(page)
    page.get_by_role("button", name="Run again").click()
    told = answer(page, lambda told: told["run"] > before)
    pixels = picture(page, unlike=zoomed)
    assert near(pixels, BLUE).sum() > 500
    assert middle_of(near(pixels, BLUE))[0] > pixels.shape[1] / 2, "the second space is mirrored"
    assert told["size"] == 150


@pytest.mark.slow
def test_a_million_members(open_map: Open, capsys: pytest.CaptureFixture[str]) -> None:
    started = time.monotonic()
    page = open_map("case=blobs&n=1000000")
    opened = time.monotonic() - started
    center = middle_of(near(picture(page), BLUE))
    sent: list[int] = []
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    session.on("Network.webSocketFrameSent", lambda event: sent.append(len(event["response"]["payloadData"])))
    started = time.monotonic()
    page.keyboard.down("Shift")
    drag(page, around(center, 150))
    page.keyboard.up("Shift")
    told = answer(page, lambda told: told["size"] is not None, seconds=60)
    seconds = time.monotonic() - started
    size = max(sent) * 3 // 4
    with capsys.disabled():
        print(f"\n1M members: open {opened:.1f} s, lasso {seconds:.1f} s, state {size:,} B")  # noqa: T201
    assert size < 300_000
    assert told["size"] > 200_000
    assert {i % 4 for i in told["selected"]} == {0}


def _saved(page: Any, kind: str) -> Path:
    with page.expect_download() as download:
        page.get_by_role("button", name=f"({kind})").click()
    assert download.value.suggested_filename == f"map-of-the-members.{kind.lower()}"
    return Path(download.value.path())


def test_what_is_seen_can_be_saved_as_a_picture(open_map: Open) -> None:
    from PIL import Image

    page = open_map("case=blobs&dark=1", scheme="dark")
    seen = picture(page)
    saved = np.asarray(Image.open(_saved(page, "PNG")).convert("RGB"))
    assert saved.shape[0] > seen.shape[0], "the names of the groups stand below"
    assert saved.shape[1] == seen.shape[1]
    # Beside the tool bars, which are not saved.
    same = np.abs(saved[60 : len(seen)].astype(int) - seen[60:].astype(int)).max(axis=2) < 30
    assert same.mean() > 0.99


def test_what_is_seen_can_be_saved_as_a_drawing_unless_it_is_too_much(open_map: Open) -> None:
    import xml.etree.ElementTree as tree

    drawn = tree.parse(_saved(open_map("case=blobs"), "SVG")).getroot()
    space = "{http://www.w3.org/2000/svg}"
    circles, names = drawn.findall(f"{space}circle"), [text.text for text in drawn.findall(f"{space}text")]
    assert names == ["North", "East", "South", "West", "Unassigned"]
    assert len(circles) == 600 + len(names)
    assert sum(circle.get("fill") == "none" for circle in circles) == 8, "seven without a group, and their legend"
    page = open_map("case=still&n=200000")
    page.get_by_role("button", name="(SVG)").click()
    page.wait_for_selector("text=More than 5,000 members are in view")
