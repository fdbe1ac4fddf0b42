"""A page with one chart, for the browser test of what can be saved of it."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[3]))

import plotly.graph_objects as go
import streamlit as st

from pages.parts.components import plotly_chart

st.set_page_config(page_title="Chart")
plotly_chart.show("sizes-0123456789abcdef0123-own", go.Figure(go.Bar(x=["a", "b"], y=[3, 5])), "Two bars")
