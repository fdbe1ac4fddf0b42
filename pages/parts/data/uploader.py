"""Where files are dropped. A thread copies them to disk, a worker reads them; the page only hands them over.

Until its copy is made, an upload lies in the server's memory: Streamlit's uploader holds it there.
"""

import streamlit as st

from engine.runs import Workspace
from pages.parts.app import current

FORMATS = (
    "**Tables** CSV, Excel, ODS, JSON, Parquet, SPSS, Stata, SAS, SQLite, FCS and more · "
    "**Pictures** PNG, JPEG, TIFF and others, or a zip of them · "
    "**Sounds** WAV, FLAC · "
    "**Series** .ts, .tsv, or a long or wide table · **Texts** a column of a table · **Arrays** NPY, NPZ, MAT, HDF5"
)


def show(key: str, workspace: Workspace) -> None:
    """The drop zone with the formats it takes."""
    with st.container(border=True):
        files = st.file_uploader(
            "Drop a file here, or several pictures",
            accept_multiple_files=True,
            key=f"{key}-files",
            max_upload_size=max(1, workspace.config.max_upload // 2**20),
        )
        st.caption(FORMATS)
        if files:
            given = [(file.name, file.getvalue()) for file in files]
            name = files[0].name if len(files) == 1 else f"{len(files)} files"
            current.go("data", arriving=workspace.upload(given, name).id)
