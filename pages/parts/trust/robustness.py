"""How little must change for a member to change its group?"""

import streamlit as st

from engine import view
from engine.results.evaluate.summaries import summarize
from pages.parts.app import colors, formatting, glossary
from pages.parts.results.context import ResultContext
from pages.parts.trust import request
from pages.parts.trust.card import card, show_chart

_PRICE = "Some seconds to a few minutes."


def show(context: ResultContext) -> None:
    """The answer, or the button that finds it out."""
    with card("Robustness: how little changes a group?", glossary.HELP["robustness"]):
        if context.result.robustness is None:
            st.markdown(
                "Shifts up to 1,000 members a little, once on purpose and once by chance, and counts who changes group."
            )
            request.show(context, "robustness", "Check robustness", _PRICE)
        else:
            summary = summarize(context.result, "robustness")
            st.markdown(summary)
            robustness = context.result.robustness
            figure, table = view.robustness(robustness, colors.theme()), view.robustness_table(robustness)
            show_chart(f"robustness-{context.key}", figure, table, formatting.bare(summary))
            request.again(context, "robustness", request.Choice("Members that are shifted", _prices(context)))


def _prices(context: ResultContext) -> dict[int, str]:
    """How many members can be shifted, as far as there are so many."""
    usual, *more = request.values("robustness")
    return dict.fromkeys((usual, *(many for many in more if many <= len(context.result))), _PRICE)
