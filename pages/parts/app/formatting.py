"""How numbers, times and names are written for people."""

import math
import re
from datetime import UTC, datetime

from engine.results.text import markdown

_MARKS = re.compile(r"([\\`*_{}\[\]()#+\-.!|<>~$:^=])")


def plain(text: object) -> str:
    """A user's own text with every Markdown and HTML mark made harmless, on one line."""
    return _MARKS.sub(r"\\\1", " ".join(str(text).split()))


def count(number: int, one: str, many: str | None = None) -> str:
    """ "1 row", "4,211 rows"."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def share(part: float) -> str:
    """A share of one as a percentage: "3.1 %"."""
    if not part:
        return "0\u00a0%"
    if part < 0.001:
        return "under 0.1\u00a0%"
    return f"{100 * part:.1f}\u00a0%" if part < 0.1 else f"{100 * part:.0f}\u00a0%"


def duration(seconds: float | None) -> str:
    """ "14 s", "2 min 5 s", "1 h 3 min"; a dash where nobody knows."""
    if seconds is None or not math.isfinite(seconds):
        return "–"
    if seconds < 1:
        return "under 1 s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s" if whole % 60 and whole < 600 else f"{whole // 60} min"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


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


def ago(moment: datetime | float | str | None) -> str:
    """ "just now", "5 min ago", "3 days ago"."""
    if moment is None:
        return "–"
    if isinstance(moment, str):
        moment = datetime.fromisoformat(moment)
    if isinstance(moment, int | float):
        moment = datetime.fromtimestamp(moment, UTC)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    seconds = (datetime.now(UTC) - moment).total_seconds()
    for size, unit in ((86400, "day"), (3600, "hour"), (60, "min")):
        if seconds >= size:
            whole = int(seconds // size)
            return f"{whole} {unit if unit == 'min' or whole == 1 else unit + 's'} ago"
    return "just now"


def cut(text: object, most: int = 60) -> str:
    """A text on one line, cut after `most` characters."""
    line = " ".join(str(text).split())
    return line if len(line) <= most else line[: most - 1].rstrip() + "…"


def sentence(text: str) -> str:
    """A sentence of the engine as Markdown: emphasis stays, links and pictures become plain text."""
    return text.replace("](", "]\\(").replace("![", "!\\[").replace(" %", "\u00a0%")


def bare(text: str) -> str:
    """A sentence of the engine without its marks, for those who hear it."""
    return markdown.plain(text)
