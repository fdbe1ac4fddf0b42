"""Column names made usable: none empty, none twice."""

from __future__ import annotations

from collections.abc import Sequence

from engine.intake.wording import count, listed


def unique_names(names: Sequence[object]) -> tuple[list[str], list[str]]:
    """The names as distinct, non-empty strings in the same order, and sentences on what was renamed."""
    taken: set[str] = set()
    result: list[str] = []
    twice: list[str] = []
    for position, given in enumerate(names, 1):
        wanted = " ".join(str(given).replace("\ufeff", "").split()) if given is not None else ""
        base = name = wanted or f"column {position}"
        repeat = 1
        while name in taken:
            repeat += 1
            name = f"{base} ({repeat})"
        if repeat > 1:
            twice.append(name)
        taken.add(name)
        result.append(name)
    nameless = sum(1 for given in names if given is None or not str(given).strip())
    notes = []
    if twice:
        notes.append(f"{count(len(twice), 'column name')} came twice and got a number: {listed(twice)}.")
    if nameless:
        notes.append(f"{count(nameless, 'column')} had no name and got one by position.")
    return result, notes
