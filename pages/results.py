"""Results: what a finished run found."""

import streamlit as st

from pages.parts import empty, finding, findings, here, live, workspace

place = workspace.open_workspace()
run = here.run(place, ("done",))
if run is None:
    st.title("Results", anchor=False)
    empty.show(
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
        here.go("training", run=run.id)
else:
    findings.show(finding.load(place, run))
