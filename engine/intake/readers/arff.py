"""ARFF, the format of Weka: attributes with their types, then rows, dense or sparse."""

from __future__ import annotations

import csv
from typing import Any

import pandas as pd

from engine.core.errors import InputError
from engine.intake.files.encoding import lines_of
from engine.intake.frames import from_frame
from engine.intake.options import ReadOptions
from engine.intake.raw import Content, Role
from engine.intake.wording import italic, quote

CLASSES = ("class", "label", "target")


def read(data: bytes, name: str, options: ReadOptions, limit: int) -> Content:
    """The rows of an ARFF file; nominal attributes are words. InputError names the line that is wrong."""
    text, notes = lines_of(data, name, options.encoding)
    attributes: list[tuple[str, str]] = []
    rows: list[list[str]] = []
    below = False
    for number, line in enumerate(text.decode("utf-8", "replace").split("\n"), 1):
        line = line.strip()
        if not line or line.startswith("%"):
            continue
        if below:
            rows.append(_row(line, attributes, number, name))
        elif line.lower().startswith("@attribute"):
            attributes.append(_attribute(line[10:].strip()))
        elif line.lower().startswith("@data"):
            below = True
            if not attributes:
                break
    if not attributes or not rows:
        raise InputError(f"{italic(name)} holds no rows: there is nothing to group.")
    frame = pd.DataFrame({i: _typed([row[i] for row in rows], kind) for i, (_, kind) in enumerate(attributes)})
    frame.columns = pd.Index([title for title, _ in attributes])
    content = from_frame(frame, notes)
    last, kind = attributes[-1]
    roles: dict[str, Role] = {last: "label"}
    if last.lower() in CLASSES and kind.startswith("{") and last in content.rows:
        content.roles = roles
    return content


def _attribute(line: str) -> tuple[str, str]:
    """Name and type; a name with spaces stands in quotation marks."""
    if line[:1] in "'\"":
        end = line.find(line[0], 1)
        return line[1:end], line[end + 1 :].strip()
    parts = line.split(None, 1)
    return parts[0], parts[1].strip() if len(parts) > 1 else ""


def _row(line: str, attributes: list[tuple[str, str]], number: int, name: str) -> list[str]:
    if line.startswith("{"):
        cells = ["0" if kind[:1] != "{" else _cells(kind.strip("{}"))[0] for _, kind in attributes]
        for pair in _cells(line.strip("{}")):
            place, _, value = pair.strip().partition(" ")
            if not place:
                continue
            if not place.isdigit() or int(place) >= len(cells):
                raise InputError(
                    f"Line {number:,} of {italic(name)} holds {quote(pair, 20)} where the place of an attribute belongs."
                )
            cells[int(place)] = value.strip().strip("'\"")
        return cells
    cells = _cells(line)
    if len(cells) != len(attributes):
        raise InputError(
            f"Line {number:,} of {italic(name)} has {len(cells):,} values where there are {len(attributes):,} attributes: "
            "mend it."
        )
    return cells


def _cells(line: str) -> list[str]:
    quoted = "'" if "'" in line else '"'
    cells = next(csv.reader([line.replace("\r", " ")], quotechar=quoted, skipinitialspace=True, escapechar="\\"), [])
    return [cell.strip().strip("\"'") for cell in cells]


def _typed(cells: list[str], kind: str) -> pd.Series[Any]:
    words = pd.Series([None if cell == "?" else cell for cell in cells], dtype="object")
    if kind.lower().split(" ")[0] in ("numeric", "real", "integer"):
        return pd.to_numeric(words, errors="coerce")
    return words.astype("category") if kind.startswith("{") else words
