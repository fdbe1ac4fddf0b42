"""Data: bring it in, see what arrived, decide what is done to it."""

import streamlit as st

from pages.parts import arriving, dataset, drop, here, samples, shelf, workspace

place = workspace.open_workspace()
if "arriving" in st.query_params:
    arriving.show(place, st.query_params["arriving"])
elif "dataset" in st.query_params:
    record = here.dataset(place)
    if record is not None:
        dataset.show(place, record)
else:
    st.title("Data", anchor=False)
    st.caption("Everything stays on this machine. Nothing is changed in your files.")
    drop.show("data", place)
    st.subheader("Or start with a sample", anchor=False)
    samples.show("data", place)
    shelf.show("data", place)
