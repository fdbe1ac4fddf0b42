"""A result by its secret link: read-only, and without the raw data unless the owner allowed it."""

import streamlit as st

from engine.core.errors import InputError
from pages.parts.app import formatting, workspace
from pages.parts.results import page as results_page
from pages.parts.results.context import of_guest
from pages.parts.share import password

context = None
try:
    guest = workspace.open_shared(st.query_params.get("token", ""))
    if password.opened(guest):
        context = of_guest(guest)
except InputError as fault:
    st.title("This link does not open a result", anchor=False)
    st.info(formatting.sentence(str(fault)), icon=":material/link_off:")
    st.markdown("Ask the person who sent it for a new one.")
if context is not None:
    st.caption(":material/visibility: A shared result. You can look at everything here and change nothing.")
    results_page.show(context)
