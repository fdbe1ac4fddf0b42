"""Constella's front door: the frame around every page. Start it with `streamlit run streamlit_app.py`."""

import streamlit as st

from pages.parts.app import error_boundary, frame, routes

routes.configure()
with error_boundary.plain_words():
    page = st.navigation(routes.pages(), position=frame.position(), expanded=True)
    frame.show()
    page.run()
