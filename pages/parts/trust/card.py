"""What the cards of the Trust tab have in common: a title with its help, and a figure with its table."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pandas as pd
import streamlit as st

from pages.parts.components import plotly_chart


@contextmanager
def card(title: str, help_text: str) -> Iterator[None]:
    """One thought in a frame."""
    with st.container(border=True, key=f"trust-{title.split()[0].lower()}"):
        st.subheader(title, anchor=False, help=help_text)
        yield


def show_chart(key: str, figure: Any, table: pd.DataFrame, alt: str, *, file_name: str = "") -> None:
    """A figure and, folded below, the same as a table."""
    plotly_chart.show(key, figure, alt, file_name=file_name)
    folded(key, table)


def folded(key: str, table: pd.DataFrame) -> None:
    """A table behind a line that opens it."""
    with st.expander("As a table", icon=":material/table_rows:", key=f"{key}-folded"):
        st.dataframe(table, hide_index=True, key=f"{key}-table", width="stretch")
