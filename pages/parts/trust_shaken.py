"""How little must change for a member to change its group?"""

import numpy as np
import streamlit as st

from engine import view
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
            said = _said(found)
            st.markdown(said)
            robustness = found.result.robustness
            figure, table = view.robustness(robustness, colors.theme()), view.robustness_table(robustness)
            drawn(f"robustness-{found.key}", figure, table, words.bare(said))


def _said(found: Finding) -> str:
    made = found.result.robustness
    assert made is not None
    middle = len(made.sizes) // 2
    size, aimed, random = (float(part[middle]) for part in (made.sizes, made.aimed, made.random))
    known = np.flatnonzero(np.isfinite(made.groups))
    worst = int(known[made.groups[known].argmax()]) if len(known) else 0
    return (
        f"If every column shifts by at most **{size:g}** of its usual spread, **{words.share(aimed)}** of the members can be "
        f"moved to another group on purpose, {words.share(random)} move by chance. **{found.result.groups[worst].title}** "
        f"gives way most ({words.share(float(made.groups[worst]))})."
    )
