"""How little must change for a member to change its group?"""

import streamlit as st

from engine import view
from engine.results.saying import said as told
from pages.parts import colors, terms, trust_ask, words
from pages.parts.finding import Finding
from pages.parts.trust_card import card, drawn

_PRICE = "Some seconds to a few minutes."


def show(found: Finding) -> None:
    """The answer, or the button that finds it out."""
    with card("Robustness: how little changes a group?", terms.HELP["robustness"]):
        if found.result.robustness is None:
            st.markdown(
                "Shifts up to 1,000 members a little, once on purpose and once by chance, and counts who changes group."
            )
            trust_ask.show(found, "robustness", "Check robustness", _PRICE)
        else:
            said = told(found.result, "robustness")
            st.markdown(said)
            robustness = found.result.robustness
            figure, table = view.robustness(robustness, colors.theme()), view.robustness_table(robustness)
            drawn(f"robustness-{found.key}", figure, table, words.bare(said))
            trust_ask.again(found, "robustness", trust_ask.Choice("Members that are shifted", _prices(found)))


def _prices(found: Finding) -> dict[int, str]:
    """How many members can be shifted, as far as there are so many."""
    usual, *more = trust_ask.values("robustness")
    return dict.fromkeys((usual, *(many for many in more if many <= len(found.result))), _PRICE)
