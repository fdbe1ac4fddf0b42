"""Runs: everything that was ever trained here."""

import streamlit as st

from pages.parts.app import empty_state
from pages.parts.app.workspace import open_workspace
from pages.parts.runs import run_list

workspace = open_workspace()
st.title("Runs", anchor=False)
runs = workspace.runs()
if not runs:
    empty_state.show(
        "runs",
        "Nothing was trained yet",
        "Every training is kept here with its settings and its result, until you delete it.",
        "Choose data",
        "pages/data.py",
        ":material/history:",
    )
else:
    run_list.show("runs", workspace, runs)
