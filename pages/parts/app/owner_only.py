"""What somebody sees who is not the owner, on a page that only the owner may open."""

from html import escape
from urllib.parse import quote, urlsplit

import streamlit as st

from pages.parts.app import principal

LOGIN = "/login"
"""Where the server's middleware takes the key."""


def show() -> None:
    """Say whose page this is, and how the owner gets in."""
    st.title("This page is for the owner of this server", anchor=False)
    st.markdown("If somebody sent you a link to a result, open that link: it needs no key.")
    if not principal.behind_the_gate():
        st.markdown("The owner opens it on the machine where it runs, or starts it with `streamlit run server.py`.")
        return
    address = escape(login_address(_here()), quote=True)
    st.html(f'<p>This is your server? <a href="{address}" target="_self">Enter the owner\'s key</a></p>')


def login_address(then: str) -> str:
    """Where the key is given, from any of our pages."""
    return f".{LOGIN}?next={quote(then)}"


def _here() -> str:
    """The path of the page in the address bar, with its choices."""
    path = urlsplit(st.context.url or "/").path
    query = "&".join(f"{quote(name)}={quote(value)}" for name, value in st.query_params.items())
    return f"{path}?{query}" if query else path
