"""Of very many columns those that are shown: in which the groups differ most, then the first ones."""

from collections.abc import Sequence

from engine.results import Result

MOST = 100


def cut(result: Result, names: Sequence[str], most: int = MOST) -> list[str]:
    """At most so many of the names; where there are more, after the first one those in which groups differ most."""
    if len(names) <= most:
        return list(names)
    effects: dict[str, float] = {}
    for group in result.groups:
        for difference in group.differences:
            effects[difference.column] = max(abs(difference.effect), effects.get(difference.column, 0.0))
    known = set(names[1:])  # the first may name the row
    telling = sorted((name for name in effects if name in known), key=lambda name: -effects[name])
    return list(dict.fromkeys([names[0], *telling, *names]))[:most]


def caption(shown: int, columns: int) -> str:
    """What is shown of so many columns, a sentence; "" where it is all of them."""
    return f"{shown:,} of {columns:,} columns, first those in which groups differ most." if shown < columns else ""
