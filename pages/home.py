"""Home: what this is, the finished example, and the way to one's own data."""

import streamlit as st

from pages.parts.app.workspace import open_workspace
from pages.parts.home import hero, recent_runs, samples

workspace = open_workspace()
hero.show(workspace)
st.subheader("Or try a sample", anchor=False)
samples.show("home", workspace)
recent_runs.show("home", workspace)
