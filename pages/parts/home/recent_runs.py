"""The latest runs as cards."""

import streamlit as st

from engine.runs import Workspace
from pages.parts.app import current, formatting
from pages.parts.runs import run_list, thumbnail


def show(key: str, workspace: Workspace, most: int = 3) -> None:
    """The newest runs; nothing at all before there are any."""
    runs = workspace.runs(limit=most)
    if not runs:
        return
    st.subheader("Latest runs", anchor=False)
    grid = st.grid(most, min_column_width=250, gap="small", key=f"{key}-latest")
    for run in runs:
        with (
            grid,
            st.container(border=True, height="stretch", horizontal=True, vertical_alignment="center", gap="small"),
        ):
            thumbnail.show(workspace, run, 84)
            with st.container(gap=None):
                st.markdown(f"**{formatting.plain(formatting.cut(run.name, 44))}**")
                st.markdown(f"{run_list.badge(run)} :small[:gray[{formatting.ago(run.created)}]]")
                if st.button("Open", key=f"{key}-latest-{run.id}", type="tertiary"):
                    current.go("results" if run.state == "done" else "training", run=run.id)
