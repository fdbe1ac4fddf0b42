"""What stands around every page: the logo, the navigation, and the workers kept alive behind it."""

from typing import Literal
from urllib.parse import urlsplit

import streamlit as st
from streamlit.navigation.page import Page

from pages.parts.app import routes, workspace


def position() -> Literal["sidebar", "hidden"]:
    """A guest who follows a shared link sees that result and nothing of the rest."""
    return "hidden" if visiting() else "sidebar"


def visiting() -> bool:
    """Whether this page was opened by a shared link."""
    return urlsplit(st.context.url or "").path.rstrip("/").endswith(f"/{routes.SHARED}")


def dark() -> bool:
    """Whether the reader's page is dark."""
    return st.context.theme.type == "dark"


def show(page: Page) -> None:
    """Draw the logo and, for everyone but guests, wake the workers."""
    routes.arrive()
    st.logo(f"static/logo-{'dark' if dark() else 'light'}.svg", size="large", icon_image="static/mark.svg")
    if page.url_path != routes.SHARED:
        workspace.keep_alive()
