"""Constella with what Streamlit's pages alone cannot do: previews of shared links. `streamlit run server.py`."""

import streamlit as st
from starlette.middleware import Middleware
from starlette.routing import Route

from pages.parts import preview

app = st.App(
    "streamlit_app.py",
    routes=[Route(preview.PICTURE, preview.picture)],
    middleware=[Middleware(preview.Previews)],
)
