"""Home: what this is, the finished example, and the way to one's own data."""

import streamlit as st

from pages.parts import hero, latest, samples, workspace

place = workspace.open_workspace()
hero.show(place)
st.subheader("Or try a sample", anchor=False)
samples.show("home", place)
latest.show("home", place)
