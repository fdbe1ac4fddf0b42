"""Names made usable: columns with a name each, and neither columns nor files of one name."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import PurePosixPath

from engine.intake.wording import count, listed


def unique_names(names: Sequence[object]) -> tuple[list[str], list[str]]:
    """The names as distinct, non-empty strings in the same order, and sentences on what was renamed."""
    wanted = [" ".join(str(given).replace("\ufeff", "").split()) if given is not None else "" for given in names]
    nameless = sum(1 for name in wanted if not name)
    result = _numbered([(name or f"column {position}", "") for position, name in enumerate(wanted, 1)])
    twice = [name for name, given in zip(result, wanted, strict=True) if given and name != given]
    notes = []
    if twice:
        notes.append(f"{count(len(twice), 'column name')} came twice and got a number: {listed(twice)}.")
    if nameless:
        notes.append(f"{count(nameless, 'column')} had no name and got one by position.")
    return result, notes


def unique_paths(paths: Sequence[str]) -> tuple[list[str], list[str]]:
    """The paths of files, all different, in the same order, and sentences on what was renamed: the second a.png is a (2).png.

    No file has the path of a folder: beside a/b.png the file a is a (2).
    """
    inner = {PurePosixPath(path.rpartition("/")[0]) for path in {path.rpartition("/")[0] + "/" for path in paths}}
    folders = {str(folder) for path in inner for folder in (path, *path.parents)}
    result = _numbered([_split(path) for path in paths], folders)
    renamed = [(new, given in folders) for new, given in zip(result, paths, strict=True) if new != given]
    notes = []
    for whose, names in (("another", [n for n, f in renamed if not f]), ("a folder", [n for n, f in renamed if f])):
        if names:
            had = f"{count(len(names), 'file')} had the name of {whose}"
            notes.append(f"{had} and got a number, so that all are kept: {listed(names)}.")
    return result, notes


def _split(path: str) -> tuple[str, str]:
    """A path without its ending, and the ending."""
    stem, dot, ending = path.rpartition(".")
    return (stem, dot + ending) if ending and "/" not in ending and stem.rpartition("/")[2] else (path, "")


def _numbered(names: Sequence[tuple[str, str]], before: Iterable[str] = ()) -> list[str]:
    """Names of stem and ending; one that came before gets a number that no other name has."""
    given, taken, result = {stem + ending for stem, ending in names}, set(before), list[str]()
    repeats: dict[str, int] = {}
    for stem, ending in names:
        first = name = stem + ending
        repeat = repeats.get(first, 1)
        while name in taken or (repeat > 1 and name in given):
            repeat += 1
            name = f"{stem} ({repeat}){ending}"
        repeats[first] = repeat
        taken.add(name)
        result.append(name)
    return result
