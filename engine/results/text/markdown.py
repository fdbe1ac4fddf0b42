"""Sentences about data: a small Markdown (**bold**, *italic*, backslash escapes) that no user text can break out of."""

import html
import re
from collections.abc import Callable

from engine.core.formatting import shorten

# All that Markdown, and Streamlit's extensions of it ($math$, :color[...]), give a meaning to.
_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|~$:&!])")
_TOKEN = re.compile(
    r"\\(?P<escaped>[\\`*_{}\[\]<>#|~$:&!])|\*\*(?P<bold>(?:\\.|[^*\\])+)\*\*|\*(?P<italic>(?:\\.|[^*\\])+)\*"
)


def escape(text: object, most: int = 60) -> str:
    """User text as Markdown that shows exactly its characters, on one line, cut after `most`."""
    return _SPECIAL.sub(r"\\\1", shorten(text, most))


def plain(markdown: str) -> str:
    """The sentence without its marks."""
    return _replaced(markdown, lambda text: text, {"bold": "{}", "italic": "{}"})


def to_html(markdown: str) -> str:
    """The sentence as HTML; everything but bold and italic is escaped."""
    return _replaced(markdown, html.escape, {"bold": "<strong>{}</strong>", "italic": "<em>{}</em>"})


def _replaced(markdown: str, convert: Callable[[str], str], marks: dict[str, str]) -> str:
    pieces, last = [], 0
    for token in _TOKEN.finditer(markdown):
        pieces.append(convert(markdown[last : token.start()]))
        last = token.end()
        if token["escaped"]:
            pieces.append(convert(token["escaped"]))
            continue
        kind = "bold" if token["bold"] else "italic"
        pieces.append(marks[kind].format(_replaced(token[kind], convert, marks)))
    return "".join([*pieces, convert(markdown[last:])])
