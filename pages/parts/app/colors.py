"""The one palette, in the theme the reader sees."""

import streamlit as st

from engine.view.palette import TOKENS, UNASSIGNED, Theme, palette


def theme() -> Theme:
    """ "dark" or "light", as the reader's page is."""
    return "dark" if st.context.theme.type == "dark" else "light"


def groups(k: int) -> list[str]:
    """The colors of groups 0 to k - 1."""
    return list(palette(k, theme()))


def unassigned() -> str:
    """The outline of members that belong to no group."""
    return UNASSIGNED[theme()][1]


def names(k: int) -> list[str]:
    """ "Group 1" to "Group k"."""
    return [f"Group {i + 1}" for i in range(k)]


def accent() -> str:
    """The product's own color."""
    return TOKENS[theme()]["primary"]


def text() -> str:
    """The color of the page's text."""
    return TOKENS[theme()]["text"]
