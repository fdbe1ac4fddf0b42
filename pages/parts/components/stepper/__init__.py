"""The stages of a training as a row of steps: what is done, what is under way, what comes."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any

import streamlit as st

_HERE = Path(__file__).parent


@dataclass(frozen=True)
class StepShown:
    """One step: its name, one of "done", "now", "next", "stopped", and a few words below."""

    name: str
    state: str
    note: str = ""
    part: float = 0.0


def show(key: str, steps: Sequence[StepShown]) -> None:
    """Draw the row; a step under way carries a bar filled to `part` of one."""
    _component()(key=key, data=[asdict(step) for step in steps])


def _component() -> Any:
    # Registering the same text again costs nothing and keeps the part alive where a runtime was made anew (tests).
    return st.components.v2.component(
        "constella.stepper", html='<ol class="steps"></ol>', css=_text("stepper.css"), js=_text("stepper.js")
    )


@cache
def _text(name: str) -> str:
    return (_HERE / name).read_text(encoding="utf-8")
