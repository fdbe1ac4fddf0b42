"""Data: bring it in, see what arrived, decide what is done to it."""

import streamlit as st

from pages.parts.app import current
from pages.parts.app.workspace import open_workspace
from pages.parts.data import dataset, dataset_list, import_progress, public_sets, uploader
from pages.parts.home import samples

workspace = open_workspace()
if "arriving" in st.query_params:
    import_progress.show(workspace, st.query_params["arriving"])
elif "dataset" in st.query_params:
    record = current.dataset(workspace)
    if record is not None:
        dataset.show(workspace, record)
else:
    st.title("Data", anchor=False)
    st.caption("Everything stays on this machine. Nothing is changed in your files.")
    uploader.show("data", workspace)
    st.subheader("Or start with a sample", anchor=False)
    samples.show("data", workspace)
    public_sets.show("data", workspace)
    dataset_list.show("data", workspace)
