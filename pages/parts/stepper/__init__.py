"""The stages of a training as a row of steps: what is done, what is under way, what comes."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import streamlit as st

_HERE = Path(__file__).parent
_draw = st.components.v2.component(
    "constella.stepper",
    html='<ol class="steps"></ol>',
    css=(_HERE / "stepper.css").read_text(encoding="utf-8"),
    js=(_HERE / "stepper.js").read_text(encoding="utf-8"),
)


@dataclass(frozen=True)
class StepShown:
    """One step: its name, one of "done", "now", "next", "stopped", and a few words below."""

    name: str
    state: str
    note: str = ""
    part: float = 0.0


def show(key: str, steps: Sequence[StepShown]) -> None:
    """Draw the row; a step under way carries a bar filled to `part` of one."""
    _draw(key=key, data=[asdict(step) for step in steps])
