"""Training: watch a run learn. The run itself lives in a worker; this page only looks."""

import streamlit as st

from engine.runs.db.records import ACTIVE
from pages.parts.app import current, empty_state, workspace
from pages.parts.training import live

place = workspace.open_workspace()
run = current.run(place, ACTIVE)
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
    live.watch(place, run.id)
else:
    live.ended(place, run)
