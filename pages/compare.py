"""Compare: results of the same data side by side."""

import streamlit as st

from pages.parts.app import empty_state
from pages.parts.app.workspace import open_workspace
from pages.parts.compare import page as compare_page

workspace = open_workspace()
st.title("Compare", anchor=False)
done = workspace.runs(("done",))
if len(done) < 2:
    empty_state.show(
        "compare",
        "Comparing takes two results",
        "Try a second method on the same data; here you see which one separates the groups better and who moved.",
        "Choose a method",
        "pages/method.py",
        ":material/compare:",
    )
else:
    compare_page.show("compare", workspace, done)
