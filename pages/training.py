"""Training: watch a run learn. The run itself lives in a worker; this page only looks."""

import streamlit as st

from engine.runs.records import ACTIVE
from pages.parts import empty, here, live, workspace

place = workspace.open_workspace()
run = here.run(place, ACTIVE)
if run is None:
    st.title("Training", anchor=False)
    empty.show(
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
