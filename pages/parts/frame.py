"""What stands around every page: the logo, the navigation, and the workers kept alive behind it."""

from typing import Literal
from urllib.parse import urlsplit

import streamlit as st
from streamlit.navigation.page import Page

from pages.parts import workspace

_SHARED = "shared"


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


def position() -> Literal["sidebar", "hidden"]:
    """A guest who follows a shared link sees that result and nothing of the rest."""
    return "hidden" if visiting() else "sidebar"


def visiting() -> bool:
    """Whether this page was opened by a shared link."""
    return urlsplit(st.context.url or "").path.rstrip("/").endswith(f"/{_SHARED}")


def dark() -> bool:
    """Whether the reader's page is dark."""
    return st.context.theme.type == "dark"


def show(page: Page) -> None:
    """Draw the logo and wake the workspace; `page` gives the browser tab its name."""
    st.logo(f"static/logo-{'dark' if dark() else 'light'}.svg", size="large", icon_image="static/mark.svg")
    if page.url_path != _SHARED:
        workspace.keep_alive()
