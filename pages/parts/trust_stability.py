"""Would the method find these groups again?"""

import numpy as np
import streamlit as st

from engine import view
from engine.results.saying import said as told
from engine.results.stability import rule
from pages.parts import colors, layout, members, terms, trust_ask, words
from pages.parts.finding import Finding
from pages.parts.trust_card import card, drawn

_WORTH = 1.8
"""Trainings' worth of work of one repetition: one training on all rows, one on 80 % of them."""
_CHANGING = 12


def show(found: Finding) -> None:
    """The answer, or the button that finds it out."""
    with card("Stability: would they be found again?", terms.HELP["stability"]):
        if found.result.stability is None:
            st.markdown(
                "Trains the same method three times from other random starts and three times on 80 % of the rows, and "
                "compares the groups."
            )
            trust_ask.show(found, "stability", "Check stability", price(found, 3))
        else:
            _answer(found)
            prices = {count: price(found, count) for count in trust_ask.values("stability")}
            asked = "Trainings from other starts, and as many on 80 % of the rows"
            trust_ask.again(found, "stability", trust_ask.Choice(asked, prices))


def price(found: Finding, repetitions: int) -> str:
    """What it will take, from the run's own seconds."""
    reused = any(moment.report.get("reused") for moment in found.result.history)
    least, seconds = "at least" if reused else "about", _WORTH * repetitions * max(found.run.seconds, 1.0)
    return f"{2 * repetitions} more trainings: {least} {words.duration(seconds)}, beside other work."


def _answer(found: Finding) -> None:
    result = found.result
    assert result.stability is not None
    said = told(result, "stability")
    st.markdown(said)
    left, right = layout.split("stability-split", 3, 2)
    with left:
        st.markdown("**How much of each group returned**", help=terms.HELP["overlap"])
        drawn(
            f"stability-{found.key}",
            view.stability(result, colors.theme()),
            view.stability_table(result),
            words.bare(said),
        )
    with right:
        st.markdown("**Who ends up together**", help=terms.HELP["consensus"])
        drawn(
            f"consensus-{found.key}",
            view.consensus(result, colors.theme()),
            view.consensus_table(result),
            _together(found),
        )
    _changing(found)


def _together(found: Finding) -> str:
    assert found.result.stability is not None
    words_of = [
        f"{group.title}: {rule(float(found.result.stability.groups[group.label]))}" for group in found.result.groups
    ]
    return f"How often members end up in one group, ordered by group. {'; '.join(words_of[:12])}."


def _changing(found: Finding) -> None:
    assert found.result.stability is not None
    left = found.result.stability.left
    most = np.argsort(-left, kind="stable")[:_CHANGING]
    most = most[left[most] > 0]
    if found.raw is not None and len(most):
        st.markdown("**Members that change most**", help=terms.HELP["changing"])
        members.few(f"changing-{found.key}", found, most)
