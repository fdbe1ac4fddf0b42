"""Names as users give them, in the two ways in which pages write them."""

import json
import os

import streamlit as st

from engine.intake.wording import italic
from pages.parts.app import formatting

for name in json.loads(os.environ["NAMES"]):
    st.markdown(formatting.plain(name))
    st.markdown(formatting.sentence(f"The column {italic(name)} is here."))
