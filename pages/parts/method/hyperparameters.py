"""A method's settings, each drawn from its own declaration: range, unit, help and choices."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from engine.core.card import Card, Knob, Preset, knobs_of, preset
from pages.parts.app.formatting import plain


def main(key: str, card: Card, chosen: Preset) -> dict[str, Any]:
    """Draw the settings that the method is about; each starts at the preset's value."""
    start = preset(card.knobs, chosen)
    return {knob.name: _draw(_key(key, card, chosen, knob), knob, start) for knob in knobs_of(card.knobs) if knob.main}


def rest(key: str, card: Card, chosen: Preset) -> dict[str, Any]:
    """Draw all others, folded."""
    start, knobs = preset(card.knobs, chosen), [knob for knob in knobs_of(card.knobs) if not knob.main]
    if not knobs:
        return {}
    with st.expander("More settings", icon=":material/tune:", key=f"{key}-more"):
        st.caption(f"Every setting starts at its value for *{chosen.capitalize()}*. Nothing here has to be touched.")
        return {knob.name: _draw(_key(key, card, chosen, knob), knob, start) for knob in knobs}


def _key(key: str, card: Card, chosen: Preset, knob: Knob) -> str:
    return f"{key}-{card.id}-{chosen}-{knob.name}"


def _draw(key: str, knob: Knob, start: Mapping[str, Any]) -> Any:
    """One control; the value it returns has the knob's type."""
    label = plain(f"{knob.label} ({knob.unit})" if knob.unit else knob.label)
    value, help_text = start[knob.name], _help(knob)
    if knob.kind == "bool":
        return st.toggle(label, value, key=key, help=help_text)
    if knob.kind == "choice":
        return st.selectbox(label, knob.choices, knob.choices.index(value), key=key, help=help_text)
    if knob.kind == "text":
        return st.text_input(label, value, key=key, help=help_text)
    return _number(key, label, knob, value, help_text)


def _number(key: str, label: str, knob: Knob, value: Any, help_text: str) -> Any:
    """A number field inside the declared range; small steps for small numbers."""
    kind = int if knob.kind == "int" else float
    low = None if knob.low is None else kind(knob.low)
    high = None if knob.high is None else kind(knob.high)
    if kind is int:
        return st.number_input(label, low, high, int(value), 1, key=key, help=help_text)
    step = _step(float(value), knob)
    return st.number_input(label, low, high, float(value), step, format="%g", key=key, help=help_text)


def _step(value: float, knob: Knob) -> float:
    """A tenth of the value's own power of ten, or a fiftieth of the range."""
    if knob.log and value > 0:
        return float(f"{value:.0e}") / 2
    return (knob.high - knob.low) / 50 if knob.low is not None and knob.high is not None else 0.1


def _help(knob: Knob) -> str:
    """The knob's sentence and its range."""
    if knob.low is None or knob.high is None:
        return plain(knob.help)
    return f"{plain(knob.help)} From {knob.low:g} to {knob.high:g}."
