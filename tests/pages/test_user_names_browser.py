"""What users call their columns shows as they wrote it: nothing becomes an icon, an emoji, a color, a link or an arrow."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.browser
APP = Path(__file__).parent / "apps" / "names_app.py"
NAMES = [
    ":material/delete:",
    ":smile:",
    ":red[hello]",
    ":blue-background[x]",
    ":streamlit:",
    "www.example.org",
    "http://example.org",
    "HTTPS://example.org/a?b=c",
    "someone@example.org",
    "a -> b <- c -- d >= e",
    "$x$ and `y` ~~z~~",
    "<b>bold</b>",
    "1. first",
    "# title",
]
LINES = "[...document.querySelectorAll('[data-testid=stMarkdownContainer] p')].map((p) => p.innerText)"
FOREIGN = (
    "document.querySelectorAll('[data-testid=stMarkdownContainer] :is(a, img, span, code, b, del, h1, li)').length"
)


def test_names_show_as_they_were_written(tabs: Any, serve: Callable[..., str]) -> None:
    page = tabs(900, 900)
    page.goto(serve(APP, env={"NAMES": json.dumps(NAMES)}))
    page.wait_for_function(f"{LINES}.length == {2 * len(NAMES)}")
    lines = [line.replace("\u2060", "") for line in page.evaluate(LINES)]
    assert lines[::2] == NAMES
    assert lines[1::2] == [f"The column {name} is here." for name in NAMES]
    assert page.evaluate(FOREIGN) == 0
