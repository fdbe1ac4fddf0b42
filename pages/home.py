"""Home: what this is, the finished example, and the way to one's own data."""

import streamlit as st

from pages.parts.app import workspace
from pages.parts.home import hero, recent_runs, samples

place = workspace.open_workspace()
hero.show(place)
st.subheader("Or try a sample", anchor=False)
samples.show("home", place)
recent_runs.show("home", place)
