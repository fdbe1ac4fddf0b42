"""Sentences about data: a small Markdown (**bold**, *italic*, backslash escapes) that no user text can break out of."""

import html
import math
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


def amount(value: float) -> str:
    """A number as an analyst writes it, in three digits: "16,700", "4.2", "0.031"."""
    made, _ = amounts(value, value)
    return made.rstrip("0").rstrip(".") if "." in made else made


def amounts(a: float, b: float) -> tuple[str, str]:
    """Two numbers side by side, rounded alike and as far as they remain distinct: "15.0" and "18.4"."""
    largest = max(abs(a), abs(b))
    if largest == 0 or not 1e-4 <= largest < 1e12:
        return f"{a:.3g}", f"{b:.3g}"
    first = 2 - math.floor(math.log10(largest))
    for decimals in range(first, first + 4):
        if round(a, decimals) != round(b, decimals) or a == b:
            break
    whole = all(round(value, decimals) == round(value, 0) for value in (a, b))
    shown = 0 if whole else max(decimals, 0)
    made = [f"{round(value, decimals):,.{shown}f}" if round(value, decimals) else "0" for value in (a, b)]
    return made[0], made[1]


def percent(share: float) -> str:
    """A share in percent: "74 %"; what is not quite nothing or all says so."""
    if 0 < share < 0.01:
        return "under 1 %"
    if 0.99 < share < 1:
        return "over 99 %"
    return f"{share * 100:.0f} %"
