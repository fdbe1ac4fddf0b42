"""The samples as picture cards; opening one brings it in like any other data."""

from pathlib import Path

import streamlit as st

from engine import intake
from engine.runs import Workspace
from engine.runs.db.records import DatasetRecord
from pages.parts.app import current

_PICTURES = Path(__file__).parents[3] / "static" / "samples"
_KINDS = {"table": "rows", "image": "pictures", "series": "series", "text": "texts"}


def show(key: str, workspace: Workspace, columns: int = 6) -> None:
    """A card per sample: picture, name, one sentence, and the button that opens it."""
    cells = st.grid(columns, min_column_width=140, gap="small", key=f"{key}-samples")
    for sample in intake.samples():
        with cells, st.container(border=True, height="stretch", gap="small"):
            picture = _PICTURES / f"{sample.name}.svg"
            if picture.exists():
                st.image(str(picture), width="stretch", alt=sample.title)
            st.markdown(f"**{sample.title}**  \n:small[:gray[{sample.n:,} {_KINDS[sample.kind]}]]")
            if st.button("Open", key=f"{key}-sample-{sample.name}", width="stretch", help=sample.sentence):
                current.go("data", arriving=workspace.add(sample.name).id)


def title(record: DatasetRecord) -> str:
    """A data set's name for people: a sample's or public set's title, else the file's name."""
    known = {sample.name: sample.title for sample in intake.samples()}
    known |= {found.name: found.title for found in intake.public_sets()}
    return known.get(record.name, record.name) if record.sample else record.name


def groups(record: DatasetRecord) -> int | None:
    """The number of groups a sample or public set is known to have."""
    known = {sample.name: sample.suggested_k for sample in intake.samples()}
    known |= {found.name: found.groups for found in intake.public_sets()}
    return known.get(record.name) if record.sample else None
