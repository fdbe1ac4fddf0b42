"""Constella with what Streamlit's pages alone cannot do: previews of shared links. `streamlit run server.py`."""

import streamlit as st
from starlette.middleware import Middleware
from starlette.routing import Route

from pages.parts.share import open_graph

app = st.App(
    "streamlit_app.py",
    routes=[Route(open_graph.PICTURE, open_graph.picture)],
    middleware=[Middleware(open_graph.Previews)],
)
