"""Numbers, times, sizes and lists as people read them; the one place for engine, pages and command line."""

import math
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Literal

Precision = Literal["day", "minute", "second", "microsecond"]
UNITS: dict[Precision, float] = {"day": 86_400.0, "minute": 60.0, "second": 1.0, "microsecond": 1e-6}
"""Seconds of each, coarsest first."""
_FORMS: dict[Precision, str] = {
    "day": "%Y-%m-%d",
    "minute": "%Y-%m-%d %H:%M",
    "second": "%Y-%m-%d %H:%M:%S",
    "microsecond": "%Y-%m-%d %H:%M:%S.%f",
}


def format_count(n: int, one: str, many: str | None = None) -> str:
    """So many of something.

    Examples
    --------
    >>> format_count(1, "row"), format_count(1797, "row"), format_count(2, "series", "series")
    ('1 row', '1,797 rows', '2 series')
    """
    return f"{n:,} {one if n == 1 else many or one + 's'}"


def format_list(items: Sequence[str], last: str = "and", most: int | None = None) -> str:
    """Words in a row, the last one joined by `last`; beyond `most` words the rest is counted.

    Examples
    --------
    >>> format_list(["a", "b", "c"]), format_list(["a", "b"], "or"), format_list(["a", "b", "c"], most=2)
    ('a, b and c', 'a or b', 'a and 2 more')
    """
    if most is not None and len(items) > most:
        return f"{', '.join(items[: most - 1])} {last} {len(items) - most + 1:,} more"
    return "".join(items) if len(items) < 2 else f"{', '.join(items[:-1])} {last} {items[-1]}"


def format_bytes(n: int) -> str:
    """A size in bytes.

    Examples
    --------
    >>> format_bytes(2**30), format_bytes(5 * 2**19), format_bytes(812)
    ('1 GiB', '2.5 MiB', '812 bytes')
    """
    for unit, step in (("GiB", 2**30), ("MiB", 2**20), ("KiB", 2**10)):
        if n >= step:
            return f"{n / step:.3g} {unit}"
    return format_count(n, "byte")


def format_duration(seconds: float | None) -> str:
    """A span of time; a dash where it is unknown.

    Examples
    --------
    >>> format_duration(14), format_duration(125), format_duration(3780), format_duration(None)
    ('14 s', '2 min 5 s', '1 h 3 min', '–')
    """
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


def format_ago(moment: datetime | float | str | None) -> str:
    """How long ago a moment was: "just now", "5 min ago", "3 days ago"; a number is seconds since 1970, a text is ISO 8601."""
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


def format_moments(*moments: float, precision: Precision = "day") -> list[str]:
    """Moments side by side, written alike, and more precisely where `precision` would not tell them apart.

    Parameters
    ----------
    *moments : float
        Seconds since 1970, UTC.
    precision : {"day", "minute", "second", "microsecond"}, default="day"
        At least this precise; `precision_of` chooses it for a column.

    Returns
    -------
    list of str
        A text for each moment.

    Examples
    --------
    >>> format_moments(1706745600, 1709251200), format_moments(1706776200, 1706797200)
    (['2024-02-01', '2024-03-01'], ['2024-02-01 08:30', '2024-02-01 14:20'])
    """
    written = [datetime(1970, 1, 1) + timedelta(seconds=moment) for moment in moments]
    texts: list[str] = []
    for name in list(UNITS)[list(UNITS).index(precision) :]:
        texts = [moment.strftime(_FORMS[name]) for moment in written]
        if len(set(texts)) == len(set(written)):
            break
    return texts


def precision_of(moments: Iterable[float]) -> Precision:
    """How precisely to write the moments of a column (seconds since 1970, NaN where unknown).

    To the day, unless all lie within three days and not at midnight, as in a log; then to the minute, or finer where all lie
    within an hour and are finer themselves.
    """
    known = [moment for moment in moments if math.isfinite(moment)]
    span = max(known, default=0.0) - min(known, default=0.0)
    if span >= 3 * UNITS["day"] or all(moment % UNITS["day"] == 0 for moment in known):
        return "day"
    finest: Precision = "minute" if span >= 3600 else "second" if span >= 60 else "microsecond"
    return min(finest, exact_precision(known), key=list(UNITS).index)


def exact_precision(moments: Iterable[float]) -> Precision:
    """The coarsest precision at which nothing of these moments is cut off."""
    known = list(moments)
    return next((name for name, unit in UNITS.items() if all(moment % unit == 0 for moment in known)), "microsecond")


def format_percent(share: float) -> str:
    """A share of one in percent; what is not quite nothing or all says so.

    Examples
    --------
    >>> format_percent(0.742), format_percent(0.004), format_percent(0.998)
    ('74 %', 'under 1 %', 'over 99 %')
    """
    if 0 < share < 0.01:
        return "under 1 %"
    if 0.99 < share < 1:
        return "over 99 %"
    return f"{share * 100:.0f} %"


def format_number(value: float) -> str:
    """A number as an analyst writes it, in three digits.

    Examples
    --------
    >>> format_number(16704.2), format_number(4.2), format_number(0.031)
    ('16,700', '4.2', '0.031')
    """
    made, _ = format_pair(value, value)
    return made.rstrip("0").rstrip(".") if "." in made else made


def format_pair(a: float, b: float) -> tuple[str, str]:
    """Two numbers side by side, rounded alike and as far as they remain distinct.

    Examples
    --------
    >>> format_pair(15.04, 18.4)
    ('15.0', '18.4')
    """
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


def shorten(text: object, most: int = 60) -> str:
    """A text on one line, cut after `most` characters.

    Examples
    --------
    >>> shorten("two  words"), shorten("a long text", 7)
    ('two words', 'a long…')
    """
    line = " ".join(str(text).split())
    return line if len(line) <= most else line[: most - 1].rstrip() + "…"
