"""Method: choose one, or let Constella decide, and start."""

import streamlit as st

from pages.parts.app import current, empty_state, layout
from pages.parts.app.workspace import open_workspace
from pages.parts.method import method_picker, run_form

workspace = open_workspace()
record = current.dataset(workspace)
if record is None:
    st.title("Method", anchor=False)
    empty_state.show(
        "method",
        "Data first",
        "Which methods fit depends on what is to be grouped: a table, pictures, series or texts.",
        "Choose data",
        "pages/data.py",
        ":material/category:",
    )
else:
    run_form.head(record)
    left, right = layout.split("method-split")
    with left:
        card = method_picker.show("method", workspace, record)
    with right:
        run_form.show("method", workspace, record, card)
