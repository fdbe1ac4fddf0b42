"""Figures in words, for those who do not see them."""

from typing import Literal

from engine.results.record.record import Result
from engine.results.text.markdown import amount, listed, percent, plain
from engine.view.style import shown

Picture = Literal["sizes", "map", "confusion", "prototypes"]


def alt(result: Result, picture: Picture) -> str:
    """The alternative text of one of the result's pictures."""
    if picture == "sizes":
        largest = sorted((g for g in result.groups if g.size), key=lambda g: -g.size)[:5]
        parts = [f"{g.title} has {g.size:,} members ({percent(g.share)})" for g in largest]
        return f"Sizes of {_groups(result)}. {listed(parts)}."
    if picture == "map":
        shown_as = f"A map of {len(result):,} members as points, colored by {_groups(result)}"
        return f"{shown_as}; similar members lie close together."
    if picture == "confusion":
        match = f" {percent(result.metrics['acc'])} match their label." if "acc" in result.metrics else ""
        return f"A table of true labels against {_groups(result)}.{match}"
    return f"One example for each of {_groups(result)}. " + " ".join(plain(g.sentence) for g in result.groups[:5])


def _groups(result: Result) -> str:
    count = len([label for label in shown(result) if label >= 0])
    rest = f" and {amount(result.unassigned)} unassigned members" if result.unassigned else ""
    return f"{count} group{'s' if count != 1 else ''}{rest}"
