"""Plotly figures on a page: its font, no margin for a tool bar, and in that bar nothing but saving, as PNG and as SVG."""

import re
from functools import cache
from pathlib import Path
from typing import Any

import streamlit as st

from engine.view import TOKENS
from pages.parts.app import colors

FONT = "-apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, 'Liberation Sans', system-ui, sans-serif"
_ID = re.compile(r"[-.]?[0-9a-f]{12,}|-(own|guest)\b")


def show(key: str, figure: Any, alt: str | None = None, *, file_name: str = "") -> None:
    """Draw a figure of `engine.view`.

    Parameters
    ----------
    key
        Identity of the chart on its page. Never from what users name: Streamlit refuses a component's key with "__" in it.
    figure
        A plotly figure.
    alt
        What it shows, in words.
    file_name
        What a saved chart is called after "constella-"; made from the key where empty.
    """
    token = TOKENS[colors.theme()]
    # A saved picture has the background it was seen on: dark letters on nothing would be lost on a dark page.
    figure.update_layout(
        font_family=FONT,
        hoverlabel_font_family=FONT,
        paper_bgcolor=token["background"],
        modebar={"bgcolor": token["surface"], "color": token["muted"], "activecolor": token["primary"]},
    )
    config = {
        "displayModeBar": "hover",
        "displaylogo": False,
        "modeBarButtons": [["toImage"]],
        "toImageButtonOptions": {"format": "png", "scale": 2, "filename": filename(file_name or key)},
    }
    place = f"chart-{key}"
    with st.container(gap=None, key=place):
        st.plotly_chart(figure, key=key, config=config, theme=None, alt=alt)
        name = "st-key-" + re.sub(r"[^a-zA-Z0-9_-]", "-", place)
        _component()(key=f"save-{key}", data={"place": name})


def filename(key: str) -> str:
    """What a saved chart is called: the key without the ids in it."""
    return "constella-" + re.sub(r"[^\w-]+", "-", _ID.sub("", key)).strip("-")


def _component() -> Any:
    return st.components.v2.component("constella.charts", html="<i hidden></i>", js=_script())


@cache
def _script() -> str:
    return Path(__file__).with_suffix(".js").read_text(encoding="utf-8")
