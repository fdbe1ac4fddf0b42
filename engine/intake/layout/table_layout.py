"""Where the table is in a grid of cells: the rows with the names of its columns, its first and its last row.

What a delimited file, a sheet of a workbook and a table of a web page have in common is judged here: lines of comment and
titles above the names, two lines of names, labels or units below them, totals and footnotes at the end.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from engine.core.errors import InputError
from engine.intake.options import ReadOptions
from engine.intake.wording import be, count, italic, joined, quote

HEAD = 200  # rows by which a table is found
WIDE = 2000  # columns by which a table is found
TOP = 60  # rows among which its names are looked for
FEWEST_STEPS = 4  # numbers that names of columns at even steps have at least
MANY_STEPS = 8  # numbers that only rise and are names whatever their steps
RUNNING = 0.1  # share of the rows below names that may rise or fall as these do
MOST = 0.6  # a column holds numbers if at least this share of its filled cells do
COMMENT = ("#", "%", "//", "--", "!")
BLANK = frozenset(
    {
        "#div/0!",
        "#ref!",
        "#value!",
        "#name?",
        "#num!",
        "-",
        "--",
        "?",
        ".",
        "na",
        "n/a",
        "nan",
        "null",
        "none",
        "#n/a",
        "k.a.",
        "nd",
        "inf",
        "-inf",
        "unknown",
        "missing",
    }
)
TOTAL = re.compile(
    r"(?i)(grand |overall |sub-?)?(total|totals|sum|average|mean|median|insgesamt|gesamt|gesamtsumme|zwischensumme|summe|"
    r"mittelwert|durchschnitt|somme|moyenne|suma|media|promedio|totale|totaal|razem|srednia|średnia|итого|всего|сумма|合计|"
    r"总计|合計|平均)( of .{1,40})?"
)
FOOTNOTE = re.compile(
    r"(?i)[*†‡¹²³©#(]|(source|quelle|note|notes|hinweis|anmerkung|fuente|nota|stand|legend|legende)\b"
)
RULE = re.compile(r":?[-=_]{3,}:?")
UNIT = re.compile(
    r"[\[(<].{1,15}[\])>]|([^\W\d_]{1,4}|[^\W\d_]{0,3}[°%‰µΩ€$£][^\W\d_]{0,3})[²³]?([/^·*][^\W_]{1,6}[²³]?){0,3}"
)

Row = Sequence[str]


@dataclass(frozen=True)
class Layout:
    """Where a table is in its grid; rows are counted from 0.

    Attributes
    ----------
    names
        Of its columns; "" where one has none.
    first
        Its first row.
    header
        The row with the names, counted from 1 as a spreadsheet does; 0: there is none.
    notes
        Sentences on what was assumed.
    choices
        Other rows that could hold the names, as `Content.alternatives` gives them.
    """

    names: tuple[str, ...]
    first: int
    header: int
    notes: tuple[str, ...] = ()
    choices: tuple[str, ...] = field(default=())


def kind_of(cell: str) -> str:
    """ "n" for a number, "d" for a date or time, "w" for words, "" for a blank or what stands for one."""
    cell = cell.strip()
    if not cell or cell.lower() in BLANK:
        return ""
    if len(cell) > 40:
        return "w"
    try:
        float(cell)
        return "n"
    except ValueError:
        pass
    bare = cell.strip("$€£¥%<>≤≥~()+-\u2212 \u00a0\u202f")
    digits = sum(char.isdigit() for char in bare)
    signs = sum(char in " .,'’\u00a0\u202f" for char in bare)
    parts = [len(part) for part in bare.split(".")]
    if digits and digits + signs == len(bare) and not (len(parts) == 3 and max(parts[:2]) < 3):
        return "n"
    dated = sum(char in "-/.: TZ+" for char in bare)
    return "d" if digits >= 3 and digits + dated == len(bare) else "w"


def filled(row: Row) -> list[int]:
    """Positions of the cells that hold something."""
    return [i for i, cell in enumerate(row) if cell and not cell.isspace()]


def is_comment(row: Row) -> bool:
    """Whether a row is a line of comment."""
    return bool(row) and row[0].lstrip().startswith(COMMENT) and kind_of(row[0]) == "w"


def find_layout(rows: Sequence[Row], name: str, options: ReadOptions) -> Layout:
    """The table at the top of a grid.

    Parameters
    ----------
    rows
        The first rows of the grid, `HEAD` of them or all there are, blank ones too.
    name
        Of the file, for the notes.
    options
        `header` and `rows`, where a user chose them.

    Raises
    ------
    InputError
        If there are no rows, or none below the names, or not the row that was chosen.
    """
    if not any(filled(row) for row in rows):
        raise InputError(f"{italic(name)} is empty: there is nothing to read in it.")
    if options.header is not None or options.rows is not None:
        return _chosen(rows, name, options)
    start = _start(rows)
    above, top = _commented_names(rows, start)
    if top is not None:
        notes = _above(rows, [i for i in range(start) if i != above], name)
        names = _widened([cell.strip().lstrip("#%/!- ") for cell in top], rows[start:])
        return _with_choices(Layout(names, start, above + 1, tuple(notes)), rows)
    return _with_choices(_from_start(rows, start, name), rows)


def _from_start(rows: Sequence[Row], start: int, name: str) -> Layout:
    """The table whose first row of names or values is row `start`."""
    top, below = rows[start], rows[start + 1 :]
    if not holds_names(top, below):
        notes = [
            *_above(rows, range(start), name),
            f"The first row of {italic(name)} holds values, so its columns were named by position.",
        ]
        width = max(len(top), _usual_width(rows[start:]))
        return Layout(tuple(f"column {i}" for i in range(1, width + 1)), start, 0, tuple(notes))
    if not any(filled(row) for row in below):
        raise InputError(f"{italic(name)} has column names but no rows below them: add the rows and upload it again.")
    group = _group_row(rows, start)
    joined_below = not group and _names_go_on(top, below)
    lines = [start - 1, start] if group else [start, start + 1] if joined_below else [start]
    first = lines[-1] + 1
    names = _joined_names([rows[i] for i in lines])
    skipped, said = _lines_below(names, rows, first, name)
    if skipped == 1:
        more, further = _lines_below(names, rows, first + 1, name)
        skipped, said = skipped + more, said + further
    notes = _above(rows, range(lines[0]), name)
    if len(lines) > 1:
        notes.append(
            f"The names of the columns of {italic(name)} stand in two rows, {lines[0] + 1} and {lines[1] + 1}; they were joined."
        )
    elif lines[0] and any(filled(row) for row in rows[: lines[0]]):
        notes.append(f"The names of the columns were read from row {lines[0] + 1}.")
    first = first + skipped
    return Layout(_widened(names, rows[first:]), first, lines[-1] + 1, tuple(notes + said))


def _chosen(rows: Sequence[Row], name: str, options: ReadOptions) -> Layout:
    """The table at the rows that a user chose."""
    header = options.header
    if header is None:
        assert options.rows is not None
        above = options.rows[0] - 2
        header = above + 1 if 0 <= above < len(rows) and holds_names(rows[above], rows[above + 1 :]) else 0
    if header > len(rows) or (header and not filled(rows[header - 1])):
        raise InputError(
            f"Row {header:,} of {italic(name)} holds no names: choose the row in which the names of the columns stand."
        )
    if header:
        first = options.rows[0] - 1 if options.rows else header
        top = [cell.strip() for cell in rows[header - 1]]
        top = [cell.lstrip("#%/! ") if i == 0 else cell for i, cell in enumerate(top)]
        return _with_choices(Layout(_widened(top, rows[first:]), first, header), rows)
    first = options.rows[0] - 1 if options.rows else _start(rows)
    width = _usual_width(rows[first:])
    return _with_choices(Layout(tuple(f"column {i}" for i in range(1, width + 1)), first, 0), rows)


def _with_choices(layout: Layout, rows: Sequence[Row]) -> Layout:
    """The layout with other rows that could hold the names: those near the top, and none."""
    near = [i + 1 for i, row in enumerate(rows[: max(layout.header, layout.first) + 2]) if len(filled(row)) > 1]
    others = [str(row) for row in near[-8:] if row != layout.header] + ["0"] * (layout.header != 0)
    return Layout(layout.names, layout.first, layout.header, layout.notes, (str(layout.header), *others))


def _usual_width(rows: Sequence[Row]) -> int:
    """The number of cells that most rows have."""
    widths = Counter(len(row) for row in rows[:HEAD] if filled(row))
    return max(widths, key=lambda width: (widths[width], width), default=0)


def _columns(rows: Sequence[Row]) -> list[int]:
    """Positions that are filled in at least half of the rows."""
    found = Counter(i for row in rows for i in filled(row))
    lines = sum(1 for row in rows if filled(row))
    return sorted(i for i, n in found.items() if 2 * n >= lines)


def _kinds(rows: Sequence[Row]) -> dict[int, str]:
    """What most filled cells of each column are."""
    counts: dict[int, Counter[str]] = {}
    wide = max((len(row) for row in rows[:HEAD]), default=0)
    for row in rows[: HEAD if wide < WIDE else 20]:
        for i, cell in enumerate(row[:WIDE]):
            if kind := kind_of(cell):
                counts.setdefault(i, Counter())[kind] += 1
    common = {i: found.most_common(1)[0] for i, found in counts.items()}
    return {i: kind if n >= MOST * counts[i].total() else "w" for i, (kind, n) in common.items()}


def _start(rows: Sequence[Row]) -> int:
    """The first row that belongs to the table: not blank, no comment, and filled like the rows below."""
    open_rows = [i for i, row in enumerate(rows) if filled(row) and not is_comment(row)]
    if not open_rows:
        open_rows = [i for i, row in enumerate(rows) if filled(row)]
    body = [rows[i] for i in open_rows[len(open_rows) // 4 :]]
    columns = _columns(body)
    least = max(0.6 * len(columns), min(2, len(columns)))
    near = [i for i in open_rows[:TOP] if len(filled(rows[i])) >= least]
    start = near[0] if near else open_rows[0]
    kinds = _kinds(body)
    usual = _usual_width(body)
    if len(filled(rows[start])) > usual > 1:
        # What a logger says of itself may stand in more cells than its table has columns.
        for i in near[1:4]:
            if len(rows[i]) == usual == len(filled(rows[i])) and all(kind_of(cell) == "w" for cell in rows[i]):
                return i
    if len(set(filled(rows[start])) & set(columns)) < len(columns):
        # Pairs of a key and a value may stand above a narrow table: its names are words over numbers.
        for i, after in pairwise(near):
            cells = rows[i]
            full = set(columns) <= set(filled(cells))
            words = full and all(kind_of(cells[j]) == "w" for j in columns)
            if words and "n" in [kinds.get(j) for j in columns] and _like_body(rows[after], columns, kinds):
                return i
    return start


def _like_body(row: Row, columns: Sequence[int], kinds: dict[int, str]) -> bool:
    """Whether a row holds what the columns hold further below."""
    return all(kinds.get(j) in (kind_of(row[j]), None) or not kind_of(row[j]) for j in columns if j < len(row))


def _commented_names(rows: Sequence[Row], start: int) -> tuple[int, list[str] | None]:
    """The last line of comment above the table, where it holds the names of the columns."""
    if not start or not is_comment(rows[start - 1]) or _words_over_values(rows[start], rows[start + 1 :]):
        return 0, None
    top = list(rows[start - 1])
    if top[0].strip() in COMMENT:
        top = top[1:]
    width = len(filled(rows[start]))
    return (start - 1, top) if len(filled(top)) == width > 1 else (0, None)


def _words_over_values(top: Row, below: Sequence[Row]) -> bool:
    kinds = _kinds(below)
    return any(kind_of(cell) == "w" and kinds.get(i) in ("n", "d") for i, cell in enumerate(top))


def holds_names(top: Row, below: Sequence[Row]) -> bool:
    """Whether a row holds names rather than values: it differs in kind from the column below it, or is numbered."""
    below = [row for row in below if filled(row)]
    if not below:
        return any(kind_of(cell) == "w" for cell in top)
    shift = 1 if _usual_width(below) == len(top) + 1 and filled(below[0])[-1:] == [len(top)] else 0
    kinds = _kinds(below)
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


def _group_row(rows: Sequence[Row], start: int) -> bool:
    """Whether the row above the names holds names of groups of columns, as merged cells do."""
    if not start:
        return False
    row = rows[start - 1]
    places = filled(row)
    words = all(kind_of(row[i]) in ("w", "n") and not row[i].rstrip().endswith(":") for i in places)
    spans = any(b - a > 1 for a, b in pairwise([*places, max(filled(rows[start])) + 1]))
    return bool(places) and words and spans and not is_comment(row) and places != [0] and places != [0, 1]


def _names_go_on(top: Row, below: Sequence[Row]) -> bool:
    """Whether the row below the first row of names is a second one: it names what the first leaves open or repeats."""
    if not below:
        return False
    second, kinds = below[0], _kinds(below[1:])
    if any(kind_of(cell) not in ("w", "") for cell in second) or not _words_over_values(second, below[1:]):
        return False
    named = [top[i].strip() if i < len(top) else "" for i in filled(second)]
    values = [i for i in filled(second) if kinds.get(i) in ("n", "d")]
    return len(values) > 1 and ("" in named or len(set(named)) < len(named))


def _joined_names(lines: Sequence[Row]) -> list[str]:
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


def _lines_below(names: Row, rows: Sequence[Row], first: int, name: str) -> tuple[int, list[str]]:
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
    row, kinds = rows[first], _kinds(rows[first + 1 :])
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


def _widened(names: Sequence[str], rows: Sequence[Row]) -> tuple[str, ...]:
    """The names for as many columns as the rows have: R leaves the first nameless, others end each row with a delimiter."""
    lines = [row for row in rows if filled(row)]
    width = _usual_width(rows)
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


def _above(rows: Sequence[Row], places: Sequence[int], name: str) -> list[str]:
    """Sentences on the rows above the table."""
    lines = [i for i in places if filled(rows[i])]
    comments = [i for i in lines if is_comment(rows[i])]
    titles = [i for i in lines if i not in comments]
    notes = []
    if comments:
        notes.append(
            f"{count(len(comments), 'line')} of comment at the top of {italic(name)} {be(len(comments), past=True)} left out."
        )
    if titles:
        said = quote(" ".join(rows[titles[0]][i].strip() for i in filled(rows[titles[0]])))
        more = "Row " + str(titles[0] + 1) if len(titles) == 1 else count(len(titles), "row")
        stands = (
            f"stands above the table and was left out: {said}"
            if len(titles) == 1
            else f"stand above the table and were left out, the first is {said}"
        )
        notes.append(f"{more} of {italic(name)} {stands}.")
    return notes


def end_of(rows: Sequence[Row], names: Sequence[str]) -> int:
    """How many of the last rows are footnotes or blank: a sentence in one cell below a table of several columns."""
    end = len(rows)
    while end and not filled(rows[end - 1]):
        end -= 1
    last = end
    while last and len(names) > 1 and _is_footnote(rows, last - 1):
        last -= 1
        while last and not filled(rows[last - 1]):
            last -= 1
    return len(rows) - last


def _is_footnote(rows: Sequence[Row], place: int) -> bool:
    places = filled(rows[place])
    if len(places) != 1 or places[0] > 1:
        return False
    text = rows[place][places[0]].strip()
    if kind_of(text) != "w":
        return False
    apart = (place > 0 and not filled(rows[place - 1])) or bool(TOTAL.fullmatch(text.rstrip(":")))
    return apart or bool(FOOTNOTE.match(text)) or len(text.split()) > 3 or len(text) > 25


def is_total(row: Row) -> bool:
    """Whether a row calls itself a total or an average, in its first filled cell."""
    places = filled(row)
    return len(places) > 1 and bool(TOTAL.fullmatch(row[places[0]].strip().rstrip(":")))
