"""Public data sets by name: what each holds, how large it is, and whose it is; a worker downloads what is asked for."""

import streamlit as st

from engine import intake
from engine.core.formatting import format_bytes
from engine.runs import Workspace
from pages.parts.app import current


def show(key: str, workspace: Workspace) -> None:
    """A card per set, folded away; the button downloads it, or opens what was downloaded."""
    here = {record.name: record.id for record in workspace.datasets() if record.sample}
    with st.expander("Public data sets, downloaded when you open them", icon=":material/public:", key=f"{key}-public"):
        cells = st.grid(4, min_column_width=210, gap="small", key=f"{key}-public-sets")
        for found in intake.public_sets():
            with cells, st.container(border=True, height="stretch", gap="small"):
                _card(key, workspace, found, here.get(found.name))


def _card(key: str, workspace: Workspace, found: intake.PublicSet, dataset: str | None) -> None:
    st.markdown(
        f"**{found.title}**  \n{found.sentence}  \n:small[:gray[{found.n:,} pictures of {found.groups} classes · "
        f"{format_bytes(found.download)} to download · License: {found.license} · {found.source}]]",
        width="stretch",
    )
    if dataset is not None:
        if st.button("Open", key=f"{key}-public-{found.name}", width="stretch"):
            current.go("data", dataset=dataset)
    elif st.button("Download", icon=":material/download:", key=f"{key}-public-{found.name}", width="stretch"):
        current.go("data", arriving=workspace.add(found.name).id)
