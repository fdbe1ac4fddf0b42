"""The door of a shared link: its password where it has one, and the view it was made with."""

import streamlit as st

from engine.core.errors import InputError
from engine.runs.access import GuestWorkspace
from pages.parts.app import formatting
from pages.parts.results import view_state


def opened(guest: GuestWorkspace) -> bool:
    """Whether the reader may see the result; asks for the password until it was right once in this session."""
    if guest.locked:
        if not _asked(guest):
            return False
        st.rerun()
    link = guest.link
    if f"seen-{link.token}" not in st.session_state:
        st.session_state[f"seen-{link.token}"] = True
        view_state.open_as(link.view)
    return True


def _asked(guest: GuestWorkspace) -> bool:
    """True in the run in which the right password arrives."""
    st.title("This result asks for a password", anchor=False)
    with st.form("password", border=False, width=420):
        password = st.text_input("Password", type="password", max_chars=200, autocomplete="off")
        sent = st.form_submit_button("Open", type="primary")
    st.caption("The person who sent you the link knows it.")
    if not sent:
        return False
    try:
        guest.unlock(password)
    except InputError as fault:
        st.error(formatting.sentence(str(fault)), icon=":material/lock:")
        return False
    return True
