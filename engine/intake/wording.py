"""How names, counts and sizes read in a sentence."""

from __future__ import annotations

import re
from collections.abc import Sequence


def mark(name: str) -> str:
    """A column's or file's name, emphasized; characters that Markdown would interpret are escaped."""
    return "*" + re.sub(r"([\\`*$<>\[\]~])", r"\\\1", " ".join(name.split()) or "(no name)") + "*"


def quote(value: object, limit: int = 40) -> str:
    """A value in quotation marks, cut to `limit` characters."""
    text = " ".join(str(value).split())
    return "“" + (text if len(text) <= limit else text[: limit - 1] + "…") + "”"


def count(n: int, noun: str, plural: str = "") -> str:
    """1 row, 1,797 rows."""
    return f"{n:,} {noun if n == 1 else plural or noun + 's'}"


def be(n: int, past: bool = False) -> str:
    """The form of "to be" that `n` things take."""
    return ("was" if n == 1 else "were") if past else ("is" if n == 1 else "are")


def listed(names: Sequence[str], show: int = 6) -> str:
    """*a*, *b* and *c*; beyond `show` names the rest is counted."""
    return joined([mark(name) for name in names], show)


def joined(words: Sequence[str], show: int = 6) -> str:
    """Words joined by commas and "and"; beyond `show` words the rest is counted."""
    if len(words) > show:
        return ", ".join(words[: show - 1]) + f" and {len(words) - show + 1:,} more"
    return words[0] if len(words) == 1 else ", ".join(words[:-1]) + " and " + words[-1] if words else ""


def size(n: int) -> str:
    """Bytes as people say them: 1 GiB, 2.5 MiB, 812 bytes."""
    for unit, step in (("GiB", 2**30), ("MiB", 2**20), ("KiB", 2**10)):
        if n >= step:
            return f"{n / step:.3g} {unit}"
    return count(n, "byte")


def number(value: float) -> str:
    """A number as people write it: 34, 1,250, 0.0123."""
    if value == int(value) and abs(value) < 1e15:
        return f"{int(value):,}"
    return f"{value:,.1f}" if abs(value) >= 100 else f"{value:.3g}"
