"""A file on its way in: the stage it is in, in the layout that follows, and a clear sentence if it cannot be read."""

import streamlit as st

from engine.runs import Workspace
from pages.parts.app import current, error_boundary, formatting, layout
from pages.parts.data import read_again

_WAITING = {"queued": "It is next.", "running": "Finding out what is in it.", "stopping": "Stopping."}


def show(workspace: Workspace, import_id: str) -> None:
    """Wait for the file and go on to its page; say what is wrong where it cannot be read."""
    state = workspace.importing(import_id)
    if state.state == "done" and state.dataset is not None:
        current.go("data", dataset=state.dataset)
    if state.state == "failed":
        st.title("This could not be read", anchor=False)
        st.error(formatting.sentence(state.sentence), icon=":material/error:")
        failed, before = workspace.failed_import(import_id), st.query_params.get("dataset")
        retried = failed is not None and read_again.offer_failed(workspace, failed)
        if before and st.button("Back to the data as they were", type="primary", icon=":material/arrow_back:"):
            current.go("data", dataset=before)
        if st.button(
            "Choose other data", type="tertiary" if before or retried else "primary", icon=":material/upload:"
        ):
            current.go("data")
        return
    st.title("Reading your data", anchor=False)
    _wait(workspace, import_id)
    left, right = layout.split("arriving-split")
    with left, st.container(border=True):
        st.skeleton(420)
    with right, st.container(border=True):
        st.skeleton(420)


@st.fragment(run_every=0.5)
def _wait(workspace: Workspace, import_id: str) -> None:
    with error_boundary.plain_words():
        state = workspace.importing(import_id)
        if state.state in ("done", "failed"):
            st.rerun(scope="app")
        if state.state == "copying":
            st.progress(state.progress, text=f"Copying the file: {formatting.share(state.progress)}")
            return
        with st.container(horizontal=True, vertical_alignment="center"):
            if state.progress:
                doing = formatting.sentence(state.sentence) or "Reading the file"
                st.progress(state.progress, text=f"{doing}: {formatting.share(state.progress)}")
            else:
                st.markdown(f":material/hourglass_top: {formatting.sentence(state.sentence) or _WAITING[state.state]}")
            if state.state != "stopping" and st.button(
                "Stop", type="tertiary", icon=":material/stop:", key="stop-reading"
            ):
                workspace.stop_import(import_id)
