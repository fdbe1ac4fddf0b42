"""Dialogs that stay open: Streamlit closes one at any run of its page that does not draw it, and the map may ask for a run."""

import streamlit as st

_OPEN = "open-dialog"


def asked(name: str, clicked: bool) -> bool:
    """Whether a dialog is to be drawn in this run: it was just asked for, or has not been closed yet."""
    if clicked:
        st.session_state[_OPEN] = name
    return bool(st.session_state.get(_OPEN) == name)


def closed() -> None:
    """The dialog has done its work, or the reader wants none of it."""
    st.session_state.pop(_OPEN, None)
