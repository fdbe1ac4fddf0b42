"""A table of shaded cells; a click or the keyboard picks one. Screen readers meet a table, not a picture."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any

import streamlit as st

_HERE = Path(__file__).parent
Cell = tuple[int, int]


@dataclass(frozen=True)
class Head:
    """The name of a row or column, with more words where it is pointed at and the color of its dot."""

    name: str
    more: str = ""
    color: str = ""


@dataclass(frozen=True)
class Matrix:
    """Cells [rows][columns]: how strongly each is shaded, from 0 to 1, its text, and what it says where it is pointed at."""

    rows: Sequence[Head]
    columns: Sequence[Head]
    shades: Sequence[Sequence[float]]
    texts: Sequence[Sequence[str]]
    says: Sequence[Sequence[str]]
    corner: str = ""
    """What rows and columns are: "Label \\ group"."""


def show(key: str, matrix: Matrix, *, pick: bool = False, chosen: Cell | None = None, alt: str = "") -> Cell | None:
    """Draw the table; where `pick`, return the cell (row, column) that was just picked (once). `alt` is its caption."""
    data = {**asdict(matrix), "pick": pick, "chosen": chosen, "alt": alt}
    picked = _component()(key=key, data=data, on_picked_change=lambda: None).picked
    return _cell(picked, matrix)


def _cell(picked: Any, matrix: Matrix) -> Cell | None:
    """What the browser sent, checked: it may belong to another table."""
    if not isinstance(picked, list | tuple) or len(picked) != 2 or not all(type(place) is int for place in picked):
        return None
    row, column = picked
    return (row, column) if 0 <= row < len(matrix.rows) and 0 <= column < len(matrix.columns) else None


def _component() -> Any:
    # Registering the same text again costs nothing and keeps the part alive where a runtime was made anew (tests).
    return st.components.v2.component(
        "constella.matrix",
        html='<div class="frame"><table></table></div>',
        css=_text("matrix.css"),
        js=_text("matrix.js"),
    )


@cache
def _text(name: str) -> str:
    return (_HERE / name).read_text(encoding="utf-8")
