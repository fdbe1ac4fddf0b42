"""The data sets that are already here."""

import streamlit as st

from engine.core.errors import InputError
from engine.runs import Workspace
from engine.runs.db.records import DatasetRecord, FailedImport
from pages.parts.app import current, formatting
from pages.parts.data import dataset
from pages.parts.home import samples


def show(key: str, workspace: Workspace) -> None:
    """A row per data set, and per file that could not be read; nothing before there are any."""
    records, failed = workspace.datasets(), workspace.failed_imports()
    if not records and not failed:
        return
    st.subheader("Already here", anchor=False)
    for file in failed:
        _failed_row(key, workspace, file)
    for record in records[:30]:
        _row(key, workspace, record)


def _failed_row(key: str, workspace: Workspace, file: FailedImport) -> None:
    about = (
        f":material/error: **{formatting.plain(formatting.cut(file.name, 60))}** :small[:gray[could not be read · "
        f"{formatting.ago(file.created)}]]  \n:small[{formatting.sentence(file.sentence)}]"
    )
    again, forget = _entry(f"{key}-{file.id}", about, "Try again", "Delete this upload")
    if again:
        current.go("data", arriving=file.id)
    if forget:
        workspace.forget_import(file.id)
        st.rerun()


def _row(key: str, workspace: Workspace, record: DatasetRecord) -> None:
    about = (
        f"{dataset.ICONS[record.kind]} **{formatting.plain(formatting.cut(samples.title(record), 60))}** "
        f":small[:gray[{dataset.facts(record)} · {formatting.ago(record.created)}]]"
    )
    opened, deleted = _entry(f"{key}-{record.id}", about, "Open", "Delete this data")
    if opened:
        current.go("data", dataset=record.id)
    if deleted:
        _delete(workspace, record)


def _entry(key: str, about: str, go: str, delete: str) -> tuple[bool, bool]:
    """A line of the list; whether its button to go on, and the one to delete it, were pressed."""
    with st.container(border=True, horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(about, width="stretch")
        return (
            st.button(go, key=f"{key}-go"),
            st.button("", icon=":material/delete:", type="tertiary", key=f"{key}-delete", help=delete),
        )


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
