"""Sentences about data: a small Markdown (**bold**, *italic*, backslash escapes) that no user text can break out of."""

import html
import re
from collections.abc import Callable, Sequence

# All that Markdown, and Streamlit's extensions of it ($math$, :color[...]), give a meaning to.
_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|~$:&!])")
_TOKEN = re.compile(
    r"\\(?P<escaped>[\\`*_{}\[\]<>#|~$:&!])|\*\*(?P<bold>(?:\\.|[^*\\])+)\*\*|\*(?P<italic>(?:\\.|[^*\\])+)\*"
)


def quoted(text: object, most: int = 60) -> str:
    """User text as Markdown that shows exactly its characters, on one line, cut after `most`."""
    line = " ".join(str(text).split())
    return _SPECIAL.sub(r"\\\1", line if len(line) <= most else line[: most - 1].rstrip() + "…")


def plain(markdown: str) -> str:
    """The sentence without its marks."""
    return _replaced(markdown, lambda text: text, {"bold": "{}", "italic": "{}"})


def to_html(markdown: str) -> str:
    """The sentence as HTML; everything but bold and italic is escaped."""
    return _replaced(markdown, html.escape, {"bold": "<strong>{}</strong>", "italic": "<em>{}</em>"})


def _replaced(markdown: str, escape: Callable[[str], str], marks: dict[str, str]) -> str:
    made, last = [], 0
    for token in _TOKEN.finditer(markdown):
        made.append(escape(markdown[last : token.start()]))
        last = token.end()
        if token["escaped"]:
            made.append(escape(token["escaped"]))
            continue
        kind = "bold" if token["bold"] else "italic"
        made.append(marks[kind].format(_replaced(token[kind], escape, marks)))
    return "".join([*made, escape(markdown[last:])])


def listed(items: Sequence[str], last: str = "and") -> str:
    """ "a", "a and b", "a, b and c"."""
    if len(items) < 2:
        return "".join(items)
    return f"{', '.join(items[:-1])} {last} {items[-1]}"


def amount(value: float, beside: float | None = None) -> str:
    """A number as an analyst writes it: "16,700", "4.2", "0.031"; `beside` is one it must remain distinct from."""
    for digits in (3, 4, 5, 6):
        made = _rounded(value, digits)
        if beside is None or value == beside or made != _rounded(beside, digits):
            return made
    return f"{value:,.6g}"


def percent(share: float) -> str:
    """A share in percent: "74 %"; what is not quite nothing or all says so."""
    if 0 < share < 0.01:
        return "under 1 %"
    if 0.99 < share < 1:
        return "over 99 %"
    return f"{share * 100:.0f} %"


def _rounded(value: float, digits: int) -> str:
    shown = float(f"{value:.{digits}g}")
    if shown == 0:
        return "0"
    if abs(shown) >= 1e9 or abs(shown) < 1e-4:
        return f"{shown:.{digits - 1}e}"
    return f"{shown:,.10f}".rstrip("0").rstrip(".")
