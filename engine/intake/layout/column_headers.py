"""Which rows of a grid name its columns: one or two lines of names, in a comment or above units and labels of a survey."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from engine.intake.layout.cell_kinds import COMMENT, Row, column_kinds, filled, is_comment, kind_of, usual_width
from engine.intake.wording import be, count, italic, joined, quote

FEWEST_STEPS = 4  # numbers that names of columns at even steps have at least
MANY_STEPS = 8  # numbers that only rise and are names whatever their steps
RUNNING = 0.1  # share of the rows below names that may rise or fall as these do
RULE = re.compile(r":?[-=_]{3,}:?")
UNIT = re.compile(
    r"[\[(<].{1,15}[\])>]|([^\W\d_]{1,4}|[^\W\d_]{0,3}[°%‰µΩ€$£][^\W\d_]{0,3})[²³]?([/^·*][^\W_]{1,6}[²³]?){0,3}"
)


def holds_names(top: Row, below: Sequence[Row]) -> bool:
    """Whether a row holds names rather than values: it differs in kind from the column below it, or is numbered."""
    below = [row for row in below if filled(row)]
    if not below:
        return any(kind_of(cell) == "w" for cell in top)
    shift = 1 if usual_width(below) == len(top) + 1 and filled(below[0])[-1:] == [len(top)] else 0
    kinds = column_kinds(below)
    values = [
        (cell, kinds.get(i + shift))
        for i, cell in enumerate(top)
        if kinds.get(i + shift) in ("n", "d") and kind_of(cell)
    ]
    if any(kind_of(cell) != kind for cell, kind in values):
        return True
    if values:
        return _numbered([cell for cell, _ in values], below, kinds)
    seen = [{row[i] for row in below if i < len(row)} for i in range(len(top))]
    again = sum(cell in seen[i] for i, cell in enumerate(top) if cell)
    return not (len(top) > 1 and len(below) > 2 and again == len(filled(top)))


def _numbered(cells: list[str], below: Sequence[Row], kinds: dict[int, str]) -> bool:
    """Whether numbers in the first row are names: they count on evenly, or are years over values that are none."""
    if _is_scale(cells, below, kinds):
        return True
    try:
        numbers = [int(cell) for cell in cells]
    except ValueError:
        return False
    steps = {b - a for a, b in pairwise(numbers)}
    if len(numbers) > 1 and steps == {1} and (numbers[0] == 0 or len(numbers) > 2):
        return True
    if (
        len(numbers) < 2
        or not all(1500 < number < 2200 for number in numbers)
        or not (min(steps) > 0 or max(steps) < 0)
    ):
        return False
    values = [row[i] for row in below for i, kind in kinds.items() if kind == "n" and i < len(row)]
    years = sum(value.strip().isdigit() and 1500 < int(value) < 2200 for value in values if len(value) < 9)
    return 2 * years < len(values)


def _is_scale(cells: list[str], below: Sequence[Row], kinds: dict[int, str]) -> bool:
    """Whether a row holds what was measured at, such as wavelengths: numbers that rise or fall, evenly or over many columns,
    as hardly a row below does."""
    scale = _numbers(cells)
    if len(scale) < FEWEST_STEPS or not _runs(scale):
        return False
    steps = [b - a for a, b in pairwise(scale)]
    even = max(steps) - min(steps) <= 1e-3 * max(map(abs, steps))
    if not even and len(scale) < MANY_STEPS:
        return False
    numeric = [i for i, kind in kinds.items() if kind == "n"]
    rows = [_numbers([row[i] for i in numeric if i < len(row)]) for row in below]
    running = sum(_runs(row) for row in rows if len(row) == len(numeric))
    return running <= RUNNING * len(rows)


def _numbers(cells: Sequence[str]) -> list[float]:
    """The numbers of a row; none where a cell is something else."""
    try:
        return [float(cell) for cell in cells]
    except ValueError:
        return []


def _runs(row: Sequence[float]) -> bool:
    """Whether numbers only rise, or only fall."""
    return all(a < b for a, b in pairwise(row)) or all(a > b for a, b in pairwise(row))


def words_over_values(top: Row, below: Sequence[Row]) -> bool:
    """Whether a word of a row stands over a column that holds numbers or dates."""
    kinds = column_kinds(below)
    return any(kind_of(cell) == "w" and kinds.get(i) in ("n", "d") for i, cell in enumerate(top))


def commented_names(rows: Sequence[Row], start: int) -> tuple[int, list[str] | None]:
    """The last line of comment above the table, where it holds the names of the columns."""
    if not start or not is_comment(rows[start - 1]) or words_over_values(rows[start], rows[start + 1 :]):
        return 0, None
    top = list(rows[start - 1])
    if top[0].strip() in COMMENT:
        top = top[1:]
    width = len(filled(rows[start]))
    return (start - 1, top) if len(filled(top)) == width > 1 else (0, None)


def has_group_row(rows: Sequence[Row], start: int) -> bool:
    """Whether the row above the names holds names of groups of columns, as merged cells do."""
    if not start:
        return False
    row = rows[start - 1]
    places = filled(row)
    words = all(kind_of(row[i]) in ("w", "n") and not row[i].rstrip().endswith(":") for i in places)
    spans = any(b - a > 1 for a, b in pairwise([*places, max(filled(rows[start])) + 1]))
    return bool(places) and words and spans and not is_comment(row) and places != [0] and places != [0, 1]


def names_go_on(top: Row, below: Sequence[Row]) -> bool:
    """Whether the row below the first row of names is a second one: it names what the first leaves open or repeats."""
    if not below:
        return False
    second, kinds = below[0], column_kinds(below[1:])
    if any(kind_of(cell) not in ("w", "") for cell in second) or not words_over_values(second, below[1:]):
        return False
    named = [top[i].strip() if i < len(top) else "" for i in filled(second)]
    values = [i for i in filled(second) if kinds.get(i) in ("n", "d")]
    return len(values) > 1 and ("" in named or len(set(named)) < len(named))


def joined_names(lines: Sequence[Row]) -> list[str]:
    """One name for each column; a group's name also holds for the columns to its right that have none."""
    width = max(len(line) for line in lines)
    padded = [[*(cell.strip() for cell in line), *[""] * (width - len(line))] for line in lines]
    if len(padded) == 1:
        return padded[0]
    groups, names = padded
    last, carried = "", []
    for group, own in zip(groups, names, strict=True):
        last = group or (last if own else "")
        carried.append(last)
    return [" ".join(dict.fromkeys(part for part in pair if part)) for pair in zip(carried, names, strict=True)]


def _is_unit(cell: str) -> bool:
    return len(cell) < 18 and bool(UNIT.fullmatch(cell.strip()))


def lines_below(names: Row, rows: Sequence[Row], first: int, name: str) -> tuple[int, list[str]]:
    """How many rows below the names are no members (labels of questions, units), and sentences on them."""
    imports = [i for i in range(first, min(first + 3, len(rows))) if any('"ImportId"' in cell for cell in rows[i])]
    if imports:
        skipped = imports[-1] + 1 - first
        were = be(skipped, past=True)
        return skipped, [
            f"{count(skipped, 'row')} below the names of {italic(name)} held labels of the survey and {were} left out."
        ]
    if first >= len(rows) - 1:
        return 0, []
    row, kinds = rows[first], column_kinds(rows[first + 1 :])
    if all(RULE.fullmatch(row[i].strip()) for i in filled(row)):
        return 1, []
    values = [i for i, kind in kinds.items() if kind in ("n", "d") and i < len(row)]
    words = [i for i in values if kind_of(row[i]) == "w"]
    if not words or any(kind_of(row[i]) in ("n", "d") for i in values):
        return 0, []
    if any(row[i] == other[i] for i in words for other in rows[first + 1 :] if i < len(other)):
        return 0, []  # what comes again is a value, not a label
    if all(_is_unit(row[i]) for i in words) and 2 * len(words) >= len(values):
        some = joined([quote(row[i], 12) for i in words], 4)
        return 1, [f"Row {first + 1} of {italic(name)} holds units ({some}); it was left out."]
    if len(words) < 2 or 2 * len(words) < len(values):
        return 0, []
    return 1, [
        f"Row {first + 1} of {italic(name)} holds labels of the columns, such as {quote(row[words[0]])}; it was left out."
    ]


def widened(names: Sequence[str], rows: Sequence[Row]) -> tuple[str, ...]:
    """The names for as many columns as the rows have: R leaves the first nameless, others end each row with a delimiter."""
    lines = [row for row in rows if filled(row)]
    width = usual_width(rows)
    body = [row for row in lines if len(row) == width]
    if width < len(names) and not any(name.strip() for name in names[width:]) and 2 * len(body) > len(lines):
        return tuple(names[:width])
    if width <= len(names) or 2 * len(body) < len(lines):
        return tuple(names)
    if width == len(names) + 1 and any(row[-1].strip() for row in body):
        return ("", *names) if len(body) == len(lines) or len(body) >= 0.9 * len(lines) >= 9 else tuple(names)
    if any(cell.strip() for row in body for cell in row[len(names) :]):
        return tuple(names)
    return (*names, *[""] * (width - len(names)))
