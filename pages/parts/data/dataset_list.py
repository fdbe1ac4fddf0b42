"""The data sets that are already here."""

import streamlit as st

from engine.core.errors import InputError
from engine.runs import Workspace
from engine.runs.db.records import DatasetRecord
from pages.parts.app import current, formatting
from pages.parts.data import dataset
from pages.parts.home import samples


def show(key: str, workspace: Workspace) -> None:
    """A row per data set; nothing before there are any."""
    records = workspace.datasets()
    if not records:
        return
    st.subheader("Already here", anchor=False)
    for record in records[:30]:
        _row(key, workspace, record)


def _row(key: str, workspace: Workspace, record: DatasetRecord) -> None:
    with st.container(border=True, horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(
            f"{dataset.ICONS[record.kind]} **{formatting.plain(formatting.cut(samples.title(record), 60))}** "
            f":small[:gray[{dataset.facts(record)} · {formatting.ago(record.created)}]]",
            width="stretch",
        )
        if st.button("Open", key=f"{key}-dataset-{record.id}"):
            current.go("data", dataset=record.id)
        if st.button(
            "", icon=":material/delete:", type="tertiary", key=f"{key}-delete-{record.id}", help="Delete this data"
        ):
            _delete(workspace, record)


@st.dialog("Delete this data?")
def _delete(workspace: Workspace, record: DatasetRecord) -> None:
    st.markdown(
        f"**{formatting.plain(samples.title(record))}** will be gone from this machine for good. Your own file stays where it is."
    )
    if st.button("Delete", type="primary", icon=":material/delete:"):
        try:
            workspace.delete_dataset(record.id)
        except InputError as fault:
            st.error(formatting.sentence(str(fault)), icon=":material/error:")
        else:
            st.rerun()
