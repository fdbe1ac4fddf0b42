"""Every chart can be saved, as a picture and as a drawing, in the colors in which it is seen."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from engine.view import TOKENS

pytestmark = pytest.mark.browser
APP = Path(__file__).parent / "apps" / "chart_app.py"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_chart_is_saved_as_png_and_svg(tabs: Any, serve: Callable[..., str], scheme: str) -> None:
    page = tabs(900, 700, color_scheme=scheme)
    page.goto(serve(APP))
    chart = page.locator(".js-plotly-plot")
    chart.wait_for(timeout=60_000)
    chart.hover()
    page.locator(".as-svg").wait_for(state="attached")
    paths = {}
    for kind in ("SVG", "PNG", "SVG"):
        with page.expect_download() as download:
            page.locator(".modebar-btn", has_text=kind).click(force=True)
        assert download.value.suggested_filename == f"constella-sizes.{kind.lower()}"
        paths[kind] = Path(download.value.path())
    picture = Image.open(paths["PNG"]).convert("RGB")
    assert "#" + bytes(picture.getpixel((3, 3))).hex() == TOKENS[scheme]["background"].lower()
    drawn = paths["SVG"].read_text("utf-8")
    assert drawn.startswith("<svg")
    assert drawn.count('class="point"') == 2
