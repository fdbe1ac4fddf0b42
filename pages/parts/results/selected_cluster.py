"""The selected group, kept in the query parameter "group": counted from 1, as on the page, and 0 for the unassigned."""

import streamlit as st

from engine.results import Result
from pages.parts.app import query_params
from pages.parts.components.map import Selection


def current(result: Result) -> int | None:
    """Label of the selected group, -1 for the unassigned, or None."""
    number = query_params.number("group", lambda value: 0 <= value <= result.k)
    if number is None or (number == 0 and not result.unassigned):
        return None
    return number - 1


def choose(label: int | None) -> None:
    """Select a group by its label, -1 for the unassigned; None selects nothing."""
    if label is None:
        st.query_params.pop("group", None)
    else:
        st.query_params["group"] = str(label + 1)


def follow(key: str, selection: Selection, result: Result) -> bool:
    """Select the group that was picked on the map, if that pick is a new one.

    Returns
    -------
    bool
        Whether another group is selected now.
    """
    # Only a new pick counts: the map reports its last one at every rerun, and would undo a choice made elsewhere.
    pick = (selection.clicked, selection.focus)
    if st.session_state.get(f"{key}-picked", (None, ())) == pick:
        return False
    st.session_state[f"{key}-picked"] = pick
    before = current(result)
    if selection.clicked is not None:
        choose(int(result.labels[selection.clicked]))
    elif len(selection.focus) == 1:
        choose(selection.focus[0])
    elif not selection.focus:
        choose(None)
    return current(result) != before
