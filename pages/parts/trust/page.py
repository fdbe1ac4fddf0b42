"""Can these groups be believed? Warnings, separation, stability, other numbers of groups, fairness, robustness."""

import streamlit as st

from engine import view
from engine.results.evaluate.price_of_depth import cost_benefit
from pages.parts.app import colors, formatting, glossary
from pages.parts.method import catalogue
from pages.parts.results.context import ResultContext
from pages.parts.trust import fairness, k_selection, robustness, stability
from pages.parts.trust.card import card, drawn

BRIEF = 2
"""Warnings that stand beside the verdict; the tab has them all."""


def brief(found: ResultContext, tabs: str) -> None:
    """The gravest warnings on a line each, and the way to the rest; nothing where there are none."""
    warnings = found.result.warnings or ()
    if not warnings:
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="trust-brief"):
        lines = "  \n".join(f":small[:material/warning: {warning.sentence}]" for warning in warnings[:BRIEF])
        st.markdown(lines, width="stretch")
        st.button(
            "What to do",
            type="tertiary",
            icon=":material/arrow_downward:",
            key=f"trust-open-{found.key}",
            on_click=_open,
            args=(tabs,),
            help="Opens Trust, below the map.",
        )


def _open(tabs: str) -> None:
    st.session_state[tabs] = "Trust"


def show(found: ResultContext) -> None:
    """One card for each question, the cheap ones answered, the dear ones on request."""
    _warnings(found)
    _separation(found)
    stability.show(found)
    k_selection.show(found)
    if found.raw is not None:
        fairness.show(found)
    known = catalogue.card(found.run.method)
    if known is not None and known.architecture != "none":
        robustness.show(found)


def _warnings(found: ResultContext) -> None:
    warnings = found.result.warnings
    with card("Warnings", "Faults that groups often have, looked for at the end of every run."):
        if warnings is None:
            st.markdown("This run was made before warnings were looked for. Run it again to have them.")
        elif not warnings:
            st.markdown(
                ":material/check_circle: **Nothing suspicious.** No tiny or swollen groups, no crowd outside, no single "
                "column that decides, and the groups are clearer than chance."
            )
        for warning in warnings or ():
            st.markdown(f":material/warning: {warning.sentence}  \n:small[:material/arrow_forward: {warning.advice}]")


def _separation(found: ResultContext) -> None:
    result = found.result
    if result.separation is None:
        return
    with card("Separation, group by group", glossary.HELP["separation"]):
        said = _weakest(found)
        st.markdown(said)
        beside = "" if result.method == "kmeans" else "; the diamond is the group of k-means that shares most members"
        st.caption(f"The dot is the average member, the bar holds the middle 80 %{beside}.")
        drawn(
            f"separation-{found.key}",
            view.separation(result, colors.theme()),
            view.separation_table(result),
            formatting.bare(said),
        )
        price = cost_benefit(result)
        if price:
            st.markdown(f":material/payments: {price}")


def _weakest(found: ResultContext) -> str:
    """Which group stands apart most and which least."""
    result = found.result
    assert result.separation is not None
    known = {g: mean for g, mean in enumerate(result.separation.mean) if mean is not None}
    best, worst = max(known, key=lambda g: known[g]), min(known, key=lambda g: known[g])
    below = result.separation.below[worst] or 0.0
    return (
        f"**{result.groups[best].title}** stands apart most ({known[best]:.2f}), **{result.groups[worst].title}** least "
        f"({known[worst]:.2f}): {formatting.share(below)} of its members are closer to another group."
    )
