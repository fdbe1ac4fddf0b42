"""Every page of the product and its place in the navigation."""

import streamlit as st
from streamlit.navigation.page import Page

SHARED = "shared"
PATHS = frozenset({"home", "data", "method", "training", "results", "runs", "compare", SHARED})
"""The last part of every page's address."""
_ARRIVED = "routes-arrived"


def pages() -> dict[str, list[Page]]:
    """Every page by section, in the order of the work; the shared page is reached by its secret link alone."""
    return {
        "": [st.Page("pages/home.py", title="Home", icon=":material/home:", default=True)],
        "Work": [
            st.Page("pages/data.py", title="Data", icon=":material/table_view:"),
            st.Page("pages/method.py", title="Method", icon=":material/category:"),
            st.Page("pages/training.py", title="Training", icon=":material/timeline:"),
            st.Page("pages/results.py", title="Results", icon=":material/bubble_chart:"),
        ],
        "Keep": [
            st.Page("pages/runs.py", title="Runs", icon=":material/history:"),
            st.Page("pages/compare.py", title="Compare", icon=":material/compare:"),
            st.Page("pages/shared.py", title="Shared result", icon=":material/link:", visibility="hidden"),
        ],
    }


def configure() -> None:
    """Name and mark of the browser tab; ours, because an icon by name would be fetched from a server of Google's."""
    st.set_page_config(page_title="Constella", page_icon="static/mark.svg", layout="wide", initial_sidebar_state=236)


def arrive() -> None:
    """Note that this session came in through the frame."""
    st.session_state[_ARRIVED] = True


def through_the_frame() -> None:
    """Send a session that began inside a page back through the frame.

    Streamlit takes a folder called `pages` for its old kind of app until `st.navigation` was called once in the process. So
    the very first visit after a start, if it is to any page but the first, runs that page's script alone, without the frame.
    """
    if st.session_state.get(_ARRIVED):
        return
    arrive()
    configure()
    here = st.navigation(pages(), position="hidden")
    st.switch_page(here, query_params=st.query_params.to_dict())
