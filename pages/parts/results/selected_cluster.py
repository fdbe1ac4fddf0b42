"""Which group the reader looks at; it lives in the page's address, counted from 1 as people do, 0 being "unassigned"."""

from typing import Any

import streamlit as st

from engine.results import Result
from pages.parts.app import query_params
from pages.parts.components.map import Selection


def current(result: Result) -> int | None:
    """The chosen group's label, or None."""
    number = query_params.number("group", lambda value: 0 <= value <= result.k)
    if number is None or (number == 0 and not result.unassigned):
        return None
    return number - 1


def choose(label: int | None) -> None:
    """Look at a group, or at none."""
    if label is None:
        st.query_params.pop("group", None)
    else:
        st.query_params["group"] = str(label + 1)


def follow(key: str, selection: Selection, result: Result) -> bool:
    """Let the map lead: where what was picked on it is new, choose its group. True if the choice changed."""
    now = _signature(selection)
    if st.session_state.get(f"{key}-picked", (None, ())) == now:
        return False
    st.session_state[f"{key}-picked"] = now
    before = current(result)
    if selection.clicked is not None:
        choose(int(result.labels[selection.clicked]))
    elif len(selection.focus) == 1:
        choose(selection.focus[0])
    elif not selection.focus:
        choose(None)
    return current(result) != before


def _signature(selection: Selection) -> tuple[Any, ...]:
    return (selection.clicked, selection.focus)
