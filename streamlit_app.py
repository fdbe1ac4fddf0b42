"""Constella's front door: the frame around every page. Start it with `streamlit run streamlit_app.py`."""

import streamlit as st

from pages.parts import frame, guard

st.set_page_config(page_title="Constella", page_icon="static/mark.svg", layout="wide")
page = st.navigation(frame.pages(), position=frame.position(), expanded=True)
frame.show(page)
with guard.plain_words():
    page.run()
