"""How names, counts and sizes read in a sentence."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from engine.core.formatting import format_bytes as size
from engine.core.formatting import format_count as count
from engine.core.formatting import format_list, shorten

__all__ = ["be", "count", "italic", "joined", "listed", "number", "quote", "size", "unseen_note"]


def italic(name: str) -> str:
    """A column's or file's name, emphasized; characters that Markdown would interpret are escaped."""
    return "*" + re.sub(r"([\\`*$<>\[\]~])", r"\\\1", " ".join(name.split()) or "(no name)") + "*"


def quote(value: object, limit: int = 40) -> str:
    """A value in quotation marks, cut to `limit` characters."""
    return f"“{shorten(value, limit)}”"


def be(n: int, past: bool = False) -> str:
    """The form of "to be" that `n` things take."""
    return ("was" if n == 1 else "were") if past else ("is" if n == 1 else "are")


def listed(names: Sequence[str], show: int = 6) -> str:
    """*a*, *b* and *c*; beyond `show` names the rest is counted."""
    return joined([italic(name) for name in names], show)


def joined(words: Sequence[str], show: int = 6) -> str:
    """Words joined by commas and "and"; beyond `show` words the rest is counted."""
    return format_list(words, most=show)


def number(value: float) -> str:
    """A number as people write it: 34, 1,250, 0.0123."""
    if value == int(value) and abs(value) < 1e15:
        return f"{int(value):,}"
    return f"{value:,.1f}" if 100 <= abs(value) < 1e15 else f"{value:.3g}"


def unseen_note(name: str, counts: Mapping[str, int]) -> str:
    """On values of a column that the training data did not have, with the number of rows of each; "" for none."""
    if not counts:
        return ""
    words = joined([quote(word, 20) for word in counts], 3)
    rows = count(sum(counts.values()), "row")
    return f"The training data had no {words} in {italic(name)} ({rows}); such rows say less about their group."
