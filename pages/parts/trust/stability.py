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
from pages.parts.trust.card import card, drawn

_WORTH = 1.8
"""Trainings' worth of work of one repetition: one training on all rows, one on 80 % of them."""
_CHANGING = 12


def show(found: ResultContext) -> None:
    """The answer, or the button that finds it out."""
    with card("Stability: would they be found again?", glossary.HELP["stability"]):
        if found.result.stability is None:
            st.markdown(
                "Trains the same method three times from other random starts and three times on 80 % of the rows, and "
                "compares the groups."
            )
            request.show(found, "stability", "Check stability", price(found, 3))
        else:
            _answer(found)
            prices = {count: price(found, count) for count in request.values("stability")}
            asked = "Trainings from other starts, and as many on 80 % of the rows"
            request.again(found, "stability", request.Choice(asked, prices))


def price(found: ResultContext, repetitions: int) -> str:
    """What it will take, from the run's own seconds."""
    reused = any(moment.report.get("reused") for moment in found.result.history)
    least, seconds = "at least" if reused else "about", _WORTH * repetitions * max(found.run.seconds, 1.0)
    return f"{2 * repetitions} more trainings: {least} {formatting.duration(seconds)}, beside other work."


def _answer(found: ResultContext) -> None:
    result = found.result
    assert result.stability is not None
    said = summarize(result, "stability")
    st.markdown(said)
    left, right = layout.split("stability-split", 3, 2)
    with left:
        st.markdown("**How much of each group returned**", help=glossary.HELP["overlap"])
        drawn(
            f"stability-{found.key}",
            view.stability(result, colors.theme()),
            view.stability_table(result),
            formatting.bare(said),
        )
    with right:
        st.markdown("**Who ends up together**", help=glossary.HELP["consensus"])
        drawn(
            f"consensus-{found.key}",
            view.consensus(result, colors.theme()),
            view.consensus_table(result),
            _together(found),
        )
    _changing(found)


def _together(found: ResultContext) -> str:
    assert found.result.stability is not None
    words_of = [
        f"{group.title}: {rule(float(found.result.stability.groups[group.label]))}" for group in found.result.groups
    ]
    return f"How often members end up in one group, ordered by group. {'; '.join(words_of[:12])}."


def _changing(found: ResultContext) -> None:
    assert found.result.stability is not None
    left = found.result.stability.left
    most = np.argsort(-left, kind="stable")[:_CHANGING]
    most = most[left[most] > 0]
    if found.raw is not None and len(most):
        st.markdown("**Members that change most**", help=glossary.HELP["changing"])
        member_table.few(f"changing-{found.key}", found, most)
