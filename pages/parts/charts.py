"""Plotly figures on a page: its font, no tool bar, no margin for one."""

from typing import Any

import streamlit as st

FONT = "-apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, 'Liberation Sans', system-ui, sans-serif"


def show(key: str, figure: Any, alt: str | None = None) -> None:
    """Draw a figure of `engine.view`; `alt` says in words what it shows."""
    figure.update_layout(font_family=FONT, hoverlabel_font_family=FONT)
    st.plotly_chart(figure, key=key, config={"displayModeBar": False}, theme=None, alt=alt)
