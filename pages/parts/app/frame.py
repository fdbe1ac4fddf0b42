"""What stands around every page: the logo and the navigation."""

from typing import Literal
from urllib.parse import urlsplit

import streamlit as st

from pages.parts.app import principal, routes
from pages.parts.app.supervision import supervisor


def position() -> Literal["sidebar", "hidden"]:
    """Who follows a shared link sees that result, and visitors without a key see nothing of the rest."""
    return "hidden" if visiting() or principal.reader() != "owner" else "sidebar"


def visiting() -> bool:
    """Whether this page was opened by a shared link."""
    return urlsplit(st.context.url or "").path.rstrip("/").endswith(f"/{routes.SHARED}")


def dark() -> bool:
    """Whether the reader's page is dark."""
    return st.context.theme.type == "dark"


def show() -> None:
    """Draw the logo, and see to it that workers are kept alive where the server was started without `server.py`."""
    routes.arrive()
    st.logo(f"static/logo-{'dark' if dark() else 'light'}.svg", size="large", icon_image="static/mark.svg")
    supervisor.start()
