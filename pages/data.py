"""Data: bring it in, see what arrived, decide what is done to it."""

import streamlit as st

from pages.parts.app import current, workspace
from pages.parts.data import dataset, dataset_list, import_progress, uploader
from pages.parts.home import samples

place = workspace.open_workspace()
if "arriving" in st.query_params:
    import_progress.show(place, st.query_params["arriving"])
elif "dataset" in st.query_params:
    record = current.dataset(place)
    if record is not None:
        dataset.show(place, record)
else:
    st.title("Data", anchor=False)
    st.caption("Everything stays on this machine. Nothing is changed in your files.")
    uploader.show("data", place)
    st.subheader("Or start with a sample", anchor=False)
    samples.show("data", place)
    dataset_list.show("data", place)
