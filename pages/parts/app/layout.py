"""Areas side by side that stand below each other where the page is narrow."""

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

_LEAST = 174
"""Pixels that a fifth of the page needs; two fifths and three fifths are what most pages are divided into."""


def split(key: str, left: int = 3, right: int = 2, least: int = _LEAST) -> tuple[DeltaGenerator, DeltaGenerator]:
    """Two areas in the proportion of `left` to `right`."""
    grid = st.grid(left + right, min_column_width=least, gap="small", key=key)
    return grid.cell(column_span=left), grid.cell(column_span=right)
