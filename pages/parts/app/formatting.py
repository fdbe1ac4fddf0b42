"""How numbers, times and names are written for people."""

import math
import re
from collections.abc import Sequence

import pandas as pd

from engine.core.formatting import format_ago as ago
from engine.core.formatting import format_count as count
from engine.core.formatting import format_duration as duration
from engine.core.formatting import format_moments, precision_of
from engine.core.formatting import shorten as cut
from engine.results.text import markdown

__all__ = ["ago", "bare", "count", "cut", "dates", "duration", "plain", "sentence", "share", "short", "value"]
_JOINER = "\u2060"
"""Shows nothing; Streamlit's icons, emoji, links and arrows are made of neighboring characters that it parts."""
_MAGIC = re.compile(r":(?=[^\s:])|@(?=\w)|(?<=[-<>=])(?=\\?[-<>=])|(?<=www)(?=\.)", re.IGNORECASE)
_MARKS = re.compile(r"([\\`*_{}\[\]()#+\-.!|<>~$:^=])")


def plain(text: object) -> str:
    """A user's own text with every Markdown and HTML mark made harmless, on one line."""
    return _MARKS.sub(r"\\\1", _inert(" ".join(str(text).split())))


def _inert(text: str) -> str:
    """A text in which nothing becomes an icon, an emoji, a color, a link or an arrow."""
    return _MAGIC.sub(lambda found: found[0] + _JOINER, text)


def share(part: float) -> str:
    """A share of one as a percentage: "3.1 %"."""
    if not part:
        return "0\u00a0%"
    if part < 0.001:
        return "under 0.1\u00a0%"
    return f"{100 * part:.1f}\u00a0%" if part < 0.1 else f"{100 * part:.0f}\u00a0%"


def short(number: float | None, digits: int = 2) -> str:
    """ "0.88"; a dash where there is no number."""
    return "–" if number is None or not math.isfinite(number) else f"{number:.{digits}f}"


def value(number: float) -> str:
    """A number in the user's own units with three meaningful digits: "84,100", "9.13", "0.042"."""
    if not math.isfinite(number):
        return "–"
    if number == int(number) and abs(number) < 1e15:
        return f"{int(number):,}"
    if abs(number) >= 100:
        return f"{number:,.0f}"
    return f"{number:.3g}"


def dates(moments: Sequence[pd.Timestamp]) -> list[str]:
    """Dates, with their times where they matter; a dash where there is none."""
    known = [moment.timestamp() for moment in moments if not pd.isna(moment)]
    texts = iter(format_moments(*known, precision=precision_of(known)))
    return ["–" if pd.isna(moment) else next(texts) for moment in moments]


def sentence(text: str) -> str:
    """A sentence of the engine as Markdown: emphasis stays, links and pictures become plain text."""
    return _inert(text).replace("](", "]\\(").replace("![", "!\\[").replace(" %", "\u00a0%")


def bare(text: str) -> str:
    """A sentence of the engine without its marks, for those who hear it."""
    return markdown.plain(text)
