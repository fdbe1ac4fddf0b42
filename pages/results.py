"""Results: what a finished run found."""

import streamlit as st

from pages.parts.app import current, empty_state
from pages.parts.app.workspace import open_workspace
from pages.parts.results import page as results_page
from pages.parts.results.context import load
from pages.parts.training import live

workspace = open_workspace()
run = current.run(workspace, ("done",))
if run is None:
    st.title("Results", anchor=False)
    empty_state.show(
        "results",
        "No result yet",
        "Once a method has finished, its map, its groups and what sets them apart are here.",
        "Choose data",
        "pages/data.py",
        ":material/bubble_chart:",
    )
elif run.state != "done":
    st.title("Results", anchor=False)
    st.info(live.unfinished(run), icon=":material/hourglass_top:")
    if st.button("Open its training", type="primary"):
        current.go("training", run=run.id)
else:
    results_page.show(load(workspace, run))
