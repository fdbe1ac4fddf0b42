"""Text whose columns are parted by runs of spaces or tabs, or stand at fixed places of each line."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Sequence

from engine.intake.files.encoding import SAMPLE
from engine.intake.layout.cell_kinds import COMMENT, HEAD, kind_of

EVEN = 0.97  # share of the lines that must have one number of cells
CERTAIN = 0.9  # a delimiter that splits this share of the lines evenly is one
LONGEST = 2000  # characters of a line of fixed width
DECIMAL_COMMA = re.compile(r"[+-]?\d+(,\d+)?([eE][+-]?\d+)?")


def parted_by_spaces(text: bytes, delimiter: str, share: float) -> bool:
    """Whether spaces part the columns rather than `delimiter`, which splits `share` of the first lines evenly."""
    lines = _lines(text)
    if len(lines) < 2:
        return False
    rows = [_words(line) for line in lines]
    if delimiter == "," and share >= CERTAIN:
        return (
            _is_table(rows)
            and all(DECIMAL_COMMA.fullmatch(cell) for row in rows[1:] for cell in row)
            and len(rows[1]) > 1
        )
    if delimiter == "\t" and _is_table(rows) and (share < 1 or _aligned(lines)):
        return True
    if delimiter and share >= CERTAIN:
        return False
    return _is_table(rows) or _is_table([_by_gaps(line) for line in lines]) or bool(_places(lines))


def as_tabs(text: bytes) -> bytes:
    """The text with one tab between its columns, line by line."""
    lines = _lines(text)
    if b'"' in text:
        spaced = text.decode("utf-8", "replace").replace("\t", " ")
        reader = csv.reader(io.StringIO(spaced, newline=""), delimiter=" ", skipinitialspace=True)
        return "\n".join("\t".join(cell.replace("\t", " ") for cell in row) for row in reader).encode()
    if places := _wider_names(lines):
        return _cut(text, places)
    if _is_table([line.split() for line in lines]) or not (gaps := _is_table([_by_gaps(line) for line in lines])):
        places = [] if _is_table([line.split() for line in lines]) else _places(lines)
        return _cut(text, places) if places else _runs(text, rb"[ \t]+")
    return _runs(text, rb"[ \t]{2,}|\t") if gaps else text


def _lines(text: bytes) -> list[str]:
    """The first lines that are neither blank nor comments."""
    sample = text[:SAMPLE]
    if len(text) > len(sample) and b"\n" in sample:
        sample = sample[: sample.rindex(b"\n")]
    lines = [line.rstrip("\r") for line in sample.decode("utf-8", "ignore").split("\n")]
    return [line for line in lines if line.strip() and not line.lstrip().startswith(COMMENT)][:HEAD]


def _words(line: str) -> list[str]:
    """The cells between runs of spaces, of which some may stand in quotation marks."""
    if '"' not in line or "\r" in line:
        return line.split()
    return list(next(csv.reader([line.strip().replace("\t", " ")], delimiter=" ", skipinitialspace=True)))


def _aligned(lines: Sequence[str]) -> bool:
    """Whether what stands between tabs is itself several numbers, aligned by runs of spaces."""
    cells = [cell.strip() for line in lines for cell in line.split("\t")]
    runs = [cell for cell in cells if "  " in cell and all(kind_of(part) in ("n", "") for part in cell.split())]
    return len(runs) >= CERTAIN * len(lines)


def _by_gaps(line: str) -> list[str]:
    return re.split(r"[ \t]{2,}|\t", line.strip())


def _is_table(rows: Sequence[Sequence[str]]) -> bool:
    """Whether nearly all rows have the same number of cells, and a third of the columns holds numbers."""
    widths = Counter(len(row) for row in rows)
    width, even = widths.most_common(1)[0]
    named = len(rows[0]) == width - 1  # R writes row names without a name in the header
    if width < 2 or even + named < EVEN * len(rows) or len(rows) < 3:
        return False
    body = [row for row in rows[1:] if len(row) == width]
    numbers = sum(_holds_numbers([row[i] for row in body]) for i in range(width))
    return bool(body) and 3 * numbers >= width


def _holds_numbers(cells: Sequence[str]) -> bool:
    kinds = [kind_of(cell) for cell in cells]
    return "w" not in kinds and 2 * sum(kind in ("n", "d") for kind in kinds) > len(kinds)


def _places(lines: Sequence[str]) -> list[int]:
    """Where columns of fixed width begin: after places that are blank in every line; none where that makes no table."""
    if len(lines) < 5 or any(len(line) > LONGEST or "\t" in line for line in lines):
        return []
    longest = max(len(line) for line in lines)
    blank = [all(line[i : i + 1] in ("", " ") for line in lines) for i in range(longest)]
    starts = [i for i in range(longest) if not blank[i] and (i == 0 or blank[i - 1])]
    rows = [[line[a:b].strip() for a, b in zip(starts, [*starts[1:], longest], strict=True)] for line in lines]
    return starts if len(starts) > 1 and _is_table(rows) else []


def _wider_names(lines: Sequence[str]) -> list[int]:
    """Where columns of fixed width begin, if their cells hold spaces, so that rows have a word more than there are names."""
    widths = Counter(len(line.split()) for line in lines[1:])
    names = len(lines[0].split())
    if not widths or widths.most_common(1)[0][0] != names + 1:
        return []
    places = _places(lines)
    return places if len(places) == names else []


def _runs(text: bytes, pattern: bytes) -> bytes:
    parted = re.sub(pattern, b"\t", text).replace(b"\r\n", b"\n")
    return parted.replace(b"\n\t", b"\n").replace(b"\t\n", b"\n").strip(b"\t")


def _cut(text: bytes, starts: Sequence[int]) -> bytes:
    ends = [*starts[1:], None]
    lines = text.decode("utf-8", "replace").replace("\r\n", "\n").split("\n")
    return "\n".join("\t".join(line[a:b].strip() for a, b in zip(starts, ends, strict=True)) for line in lines).encode()
