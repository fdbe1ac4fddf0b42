"""Small line charts side by side over the same horizontal axis; zoom survives new data because the component is keyed."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any

import streamlit as st

_HERE = Path(__file__).parent


@dataclass(frozen=True)
class Curve:
    """One line: a title, a sentence of help, its points, and how its values are written ("number" or "percent")."""

    title: str
    help: str
    x: Sequence[float]
    y: Sequence[float]
    form: str = "number"


@dataclass(frozen=True)
class Mark:
    """Where a stage begins on the horizontal axis."""

    label: str
    at: float


def show(key: str, curves: Sequence[Curve], marks: Sequence[Mark] = (), least: int = 200, height: int = 132) -> None:
    """Draw the curves, each at least `least` pixels wide; dragging zooms all of them, a double click shows everything again."""
    thin = [Curve(c.title, c.help, *_thinned(c.x, c.y), c.form) for c in curves]
    data = {"curves": [asdict(c) for c in thin], "marks": [asdict(m) for m in marks], "least": least, "height": height}
    _component()(key=key, data=data)


def _thinned(x: Sequence[float], y: Sequence[float], most: int = 600) -> tuple[list[float], list[float]]:
    """At most about `most` points: of every stretch its first, lowest and highest, so that no peak is lost."""
    if len(x) <= most:
        return list(x), list(y)
    step = -(-len(x) // (most // 3))
    keep: list[int] = []
    for start in range(0, len(x), step):
        stretch = range(start, min(start + step, len(x)))
        keep += sorted({start, min(stretch, key=lambda i: y[i]), max(stretch, key=lambda i: y[i])})
    if keep[-1] != len(x) - 1:
        keep.append(len(x) - 1)
    return [x[i] for i in keep], [y[i] for i in keep]


def _component() -> Any:
    # Registering the same text again costs nothing and keeps the part alive where a runtime was made anew (tests).
    return st.components.v2.component(
        "constella.curves", html='<div class="curves"></div>', css=_text("curves.css"), js=_text("curves.js")
    )


@cache
def _text(name: str) -> str:
    return (_HERE / name).read_text(encoding="utf-8")
