"""Columns of dates in a table: those that never have a time of day are shown without one."""

import pandas as pd
import streamlit as st
from streamlit.elements.lib.column_types import ColumnConfig


def config(table: pd.DataFrame) -> dict[str, ColumnConfig]:
    """How `st.dataframe` shows each column of whole days; the others are shown as they are."""
    dates = table.select_dtypes("datetime")
    return {
        str(name): st.column_config.DateColumn(format="YYYY-MM-DD")
        for name in dates.columns
        if (values := dates[name].dropna()).size and bool((values == values.dt.normalize()).all())
    }
