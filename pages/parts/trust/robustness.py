"""How little must change for a member to change its group?"""

import streamlit as st

from engine import view
from engine.results.evaluate.summaries import summarize
from pages.parts.app import colors, formatting, glossary
from pages.parts.results.context import ResultContext
from pages.parts.trust import request
from pages.parts.trust.card import card, drawn

_PRICE = "Some seconds to a few minutes."


def show(found: ResultContext) -> None:
    """The answer, or the button that finds it out."""
    with card("Robustness: how little changes a group?", glossary.HELP["robustness"]):
        if found.result.robustness is None:
            st.markdown(
                "Shifts up to 1,000 members a little, once on purpose and once by chance, and counts who changes group."
            )
            request.show(found, "robustness", "Check robustness", _PRICE)
        else:
            said = summarize(found.result, "robustness")
            st.markdown(said)
            robustness = found.result.robustness
            figure, table = view.robustness(robustness, colors.theme()), view.robustness_table(robustness)
            drawn(f"robustness-{found.key}", figure, table, formatting.bare(said))
            request.again(found, "robustness", request.Choice("Members that are shifted", _prices(found)))


def _prices(found: ResultContext) -> dict[int, str]:
    """How many members can be shifted, as far as there are so many."""
    usual, *more = request.values("robustness")
    return dict.fromkeys((usual, *(many for many in more if many <= len(found.result))), _PRICE)
