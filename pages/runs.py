"""Runs: everything that was ever trained here."""

import streamlit as st

from pages.parts import empty, ledger, workspace

place = workspace.open_workspace()
st.title("Runs", anchor=False)
runs = place.runs()
if not runs:
    empty.show(
        "runs",
        "Nothing was trained yet",
        "Every training is kept here with its settings and its result, until you delete it.",
        "Choose data",
        "pages/data.py",
        ":material/history:",
    )
else:
    ledger.show("runs", place, runs)
