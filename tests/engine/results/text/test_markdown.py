"""Sentences: escaping both ways, and numbers as an analyst writes them."""

from hypothesis import given
from hypothesis import strategies as st

from engine.results.text import markdown


@given(st.text(max_size=50))
def test_quoted_text_comes_back_exactly(text):
    line = " ".join(text.split())
    assert markdown.plain(markdown.escape(text)) == line
    assert markdown.plain(f"**much higher** *{markdown.escape(text)}* (5)") == f"much higher {line} (5)" or not line


@given(st.text(max_size=50))
def test_html_never_holds_a_foreign_tag(text):
    made = markdown.to_html(f"**bold** {markdown.escape(text)} {text}")
    for tag in ("strong", "em"):
        made = made.replace(f"<{tag}>", "").replace(f"</{tag}>", "")
    assert "<" not in made


def test_long_text_is_cut():
    assert markdown.escape("x" * 100) == "x" * 59 + "…"
