"""How little must change for a member to change its group?"""

import streamlit as st

from engine import view
from engine.results.saying import said as told
from pages.parts import colors, terms, trust_ask, words
from pages.parts.finding import Finding
from pages.parts.trust_card import card, drawn


def show(found: Finding) -> None:
    """The answer, or the button that finds it out."""
    with card("Robustness: how little changes a group?", terms.HELP["robustness"]):
        if found.result.robustness is None:
            st.markdown(
                "Shifts up to 1,000 members a little, once on purpose and once by chance, and counts who changes group."
            )
            trust_ask.show(found, "robustness", "Check robustness", "Some seconds to a few minutes.")
        else:
            said = told(found.result, "robustness")
            st.markdown(said)
            robustness = found.result.robustness
            figure, table = view.robustness(robustness, colors.theme()), view.robustness_table(robustness)
            drawn(f"robustness-{found.key}", figure, table, words.bare(said))
