"""Sentences: escaping both ways, and numbers as an analyst writes them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.results.text import markdown


@given(st.text(max_size=50))
def test_quoted_text_comes_back_exactly(text):
    line = " ".join(text.split())
    assert markdown.plain(markdown.quoted(text)) == line
    assert markdown.plain(f"**much higher** *{markdown.quoted(text)}* (5)") == f"much higher {line} (5)" or not line


@given(st.text(max_size=50))
def test_html_never_holds_a_foreign_tag(text):
    made = markdown.to_html(f"**bold** {markdown.quoted(text)} {text}")
    for tag in ("strong", "em"):
        made = made.replace(f"<{tag}>", "").replace(f"</{tag}>", "")
    assert "<" not in made


def test_long_text_is_cut():
    assert markdown.quoted("x" * 100) == "x" * 59 + "…"


@pytest.mark.parametrize(
    ("value", "said"),
    [(16712.3, "16,700"), (0.0312, "0.0312"), (4.2, "4.2"), (42, "42"), (0, "0"), (-3.456, "-3.46"), (1e15, "1e+15")],
)
def test_amount(value, said):
    assert markdown.amount(value) == said


@pytest.mark.parametrize(
    ("pair", "said"),
    [
        ((15.01, 18.4), ("15.0", "18.4")),
        ((181.234, 181.4), ("181.2", "181.4")),
        ((0, 3.04), ("0", "3.04")),
        ((12345, 2710), ("12,300", "2,700")),
        ((3, 5), ("3", "5")),
        ((0.4, 15.3), ("0.4", "15.3")),
    ],
)
def test_two_amounts_are_rounded_alike_and_stay_distinct(pair, said):
    assert markdown.amounts(*pair) == said


@pytest.mark.parametrize(
    ("share", "said"), [(0.74, "74 %"), (0.001, "under 1 %"), (0.999, "over 99 %"), (0, "0 %"), (1, "100 %")]
)
def test_percent(share, said):
    assert markdown.percent(share) == said


@pytest.mark.parametrize(
    ("items", "said"), [([], ""), (["a"], "a"), (["a", "b"], "a and b"), (["a", "b", "c"], "a, b and c")]
)
def test_listed(items, said):
    assert markdown.listed(items) == said
