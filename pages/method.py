"""Method: choose one, or let Constella decide, and start."""

import streamlit as st

from pages.parts import choosing, empty, here, layout, setup, workspace

place = workspace.open_workspace()
record = here.dataset(place)
if record is None:
    st.title("Method", anchor=False)
    empty.show(
        "method",
        "Data first",
        "Which methods fit depends on what is to be grouped: a table, pictures, series or texts.",
        "Choose data",
        "pages/data.py",
        ":material/category:",
    )
else:
    setup.head(record)
    left, right = layout.split("method-split")
    with left:
        card = choosing.show("method", place, record)
    with right:
        setup.show("method", place, record, card)
