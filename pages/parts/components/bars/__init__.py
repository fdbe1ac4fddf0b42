"""A list of named bars in colors; a click or the keyboard picks one."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any

import streamlit as st

_HERE = Path(__file__).parent


@dataclass(frozen=True)
class Bar:
    """One bar: the value it returns when picked, its name, its length from 0 to 1, the text at its end, its color."""

    value: int
    name: str
    part: float
    text: str
    color: str


def show(
    key: str, bars: Sequence[Bar], *, pick: bool = False, chosen: int | None = None, columns: int = 1
) -> int | None:
    """Draw the bars; where `pick`, return the value of the bar that was just picked (once)."""
    data = {"bars": [asdict(bar) for bar in bars], "pick": pick, "chosen": chosen, "columns": columns}
    picked = _component()(key=key, data=data, on_picked_change=lambda: None).picked
    return int(picked) if picked is not None else None


def _component() -> Any:
    # Registering the same text again costs nothing and keeps the part alive where a runtime was made anew (tests).
    return st.components.v2.component(
        "constella.bars", html='<ul class="bars"></ul>', css=_text("bars.css"), js=_text("bars.js")
    )


@cache
def _text(name: str) -> str:
    return (_HERE / name).read_text(encoding="utf-8")
