"""Training: watch a run learn. The run itself lives in a worker; this page only looks."""

import streamlit as st

from engine.runs.db.records import ACTIVE
from pages.parts.app import current, empty_state
from pages.parts.app.workspace import open_workspace
from pages.parts.training import live

workspace = open_workspace()
run = current.run(workspace, ACTIVE)
if run is None:
    st.title("Training", anchor=False)
    empty_state.show(
        "training",
        "Nothing is being trained",
        "While a method learns, its stages, its curves and the moving map appear here.",
        "Choose data",
        "pages/data.py",
        ":material/timeline:",
    )
elif run.active:
    live.watch(workspace, run.id)
else:
    live.ended(workspace, run)
