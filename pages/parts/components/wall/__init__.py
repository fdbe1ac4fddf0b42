"""A wall of small cards: a picture, a title, a line of words each; a click or the keyboard picks one."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any

import streamlit as st

_HERE = Path(__file__).parent


@dataclass(frozen=True)
class Tile:
    """One card: the value it returns, pictures as "data:" addresses with a caption each, title, words, color of its dot."""

    value: int
    title: str = ""
    words: str = ""
    pictures: tuple[tuple[str, str], ...] = ()
    color: str = ""


def show(
    key: str,
    tiles: Sequence[Tile],
    *,
    size: int = 72,
    wide: bool = False,
    pick: bool = False,
    chosen: int | None = None,
) -> int | None:
    """Draw the wall with pictures `size` pixels high and, where `wide`, twice as wide.

    Where `pick`, return the value of the card just picked (once).
    """
    width = 2 * size if wide else size
    data = {"tiles": [asdict(tile) for tile in tiles], "size": size, "width": width, "pick": pick, "chosen": chosen}
    picked = _component()(key=key, data=data, on_picked_change=lambda: None).picked
    return int(picked) if picked is not None else None


def _component() -> Any:
    # Registering the same text again costs nothing and keeps the part alive where a runtime was made anew (tests).
    return st.components.v2.component(
        "constella.wall", html='<div class="wall"></div>', css=_text("wall.css"), js=_text("wall.js")
    )


@cache
def _text(name: str) -> str:
    return (_HERE / name).read_text(encoding="utf-8")
