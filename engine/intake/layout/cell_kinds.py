"""What the cells of a grid are: numbers, dates, words or blank, row by row and column by column."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

HEAD = 200  # rows by which a table is found
WIDE = 2000  # columns by which a table is found
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
Row = Sequence[str]


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


def usual_width(rows: Sequence[Row]) -> int:
    """The number of cells that most rows have."""
    widths = Counter(len(row) for row in rows[:HEAD] if filled(row))
    return max(widths, key=lambda width: (widths[width], width), default=0)


def filled_columns(rows: Sequence[Row]) -> list[int]:
    """Positions that are filled in at least half of the rows."""
    found = Counter(i for row in rows for i in filled(row))
    lines = sum(1 for row in rows if filled(row))
    return sorted(i for i, n in found.items() if 2 * n >= lines)


def column_kinds(rows: Sequence[Row]) -> dict[int, str]:
    """What most filled cells of each column are."""
    counts: dict[int, Counter[str]] = {}
    wide = max((len(row) for row in rows[:HEAD]), default=0)
    for row in rows[: HEAD if wide < WIDE else 20]:
        for i, cell in enumerate(row[:WIDE]):
            if kind := kind_of(cell):
                counts.setdefault(i, Counter())[kind] += 1
    common = {i: found.most_common(1)[0] for i, found in counts.items()}
    return {i: kind if n >= MOST * counts[i].total() else "w" for i, (kind, n) in common.items()}
