"""Would the method find these groups again?"""

import numpy as np
import streamlit as st

from engine import view
from engine.results.evaluate.stability import rule
from engine.results.evaluate.summaries import summarize
from pages.parts.app import colors, formatting, glossary, layout
from pages.parts.results import member_table
from pages.parts.results.context import ResultContext
from pages.parts.trust import request
from pages.parts.trust.card import card, show_chart

_WORTH = 1.8
"""Trainings' worth of work of one repetition: one training on all rows, one on 80 % of them."""
_CHANGING = 12


def show(context: ResultContext) -> None:
    """The answer, or the button that finds it out."""
    with card("Stability: would they be found again?", glossary.HELP["stability"]):
        if context.result.stability is None:
            st.markdown(
                "Trains the same method three times from other random starts and three times on 80 % of the rows, and "
                "compares the groups."
            )
            request.show(context, "stability", "Check stability", price(context, 3))
        else:
            _answer(context)
            prices = {count: price(context, count) for count in request.values("stability")}
            asked = "Trainings from other starts, and as many on 80 % of the rows"
            request.again(context, "stability", request.Choice(asked, prices))


def price(context: ResultContext, repetitions: int) -> str:
    """What it will take, from the seconds of the run; from those of what was chosen, where a search came before."""
    once = context.run.seconds if context.run.search is None else context.result.seconds
    reused = any(moment.report.get("reused") for moment in context.result.history)
    least, seconds = "at least" if reused else "about", _WORTH * repetitions * max(once, 1.0)
    return f"{2 * repetitions} more trainings: {least} {formatting.duration(seconds)}, beside other work."


def _answer(context: ResultContext) -> None:
    result = context.result
    assert result.stability is not None
    summary = summarize(result, "stability")
    st.markdown(summary)
    left, right = layout.split("stability-split", 3, 2)
    with left:
        st.markdown("**How much of each group returned**", help=glossary.HELP["overlap"])
        show_chart(
            f"stability-{context.key}",
            view.stability(result, colors.theme()),
            view.stability_table(result),
            formatting.bare(summary),
        )
    with right:
        st.markdown("**Who ends up together**", help=glossary.HELP["consensus"])
        show_chart(
            f"consensus-{context.key}",
            view.consensus(result, colors.theme()),
            view.consensus_table(result),
            _together(context),
        )
    _changing(context)


def _together(context: ResultContext) -> str:
    assert context.result.stability is not None
    words_of = [
        f"{group.title}: {rule(float(context.result.stability.groups[group.label]))}" for group in context.result.groups
    ]
    return f"How often members end up in one group, ordered by group. {'; '.join(words_of[:12])}."


def _changing(context: ResultContext) -> None:
    assert context.result.stability is not None
    left = context.result.stability.left
    most = np.argsort(-left, kind="stable")[:_CHANGING]
    most = most[left[most] > 0]
    if context.raw is not None and len(most):
        st.markdown("**Members that change most**", help=glossary.HELP["changing"])
        member_table.show_few(f"changing-{context.key}", context, most)
