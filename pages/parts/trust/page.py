"""Can these groups be believed? Warnings, separation, stability, other numbers of groups, fairness, robustness."""

import streamlit as st

from engine import view
from engine.results.evaluate.price_of_depth import cost_benefit
from pages.parts.app import colors, formatting, glossary
from pages.parts.method import catalogue
from pages.parts.results.context import ResultContext
from pages.parts.trust import fairness, k_selection, robustness, stability
from pages.parts.trust.card import card, show_chart

BRIEF = 2
"""Warnings that stand beside the verdict; the tab has them all."""


def brief(context: ResultContext, tabs: str) -> None:
    """The gravest warnings on a line each, and the way to the rest; nothing where there are none."""
    warnings = context.result.warnings or ()
    if not warnings:
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="trust-brief"):
        lines = "  \n".join(f":small[:material/warning: {warning.sentence}]" for warning in warnings[:BRIEF])
        st.markdown(lines, width="stretch")
        st.button(
            "What to do",
            type="tertiary",
            icon=":material/arrow_downward:",
            key=f"trust-open-{context.key}",
            on_click=_open,
            args=(tabs,),
            help="Opens Trust, below the map.",
        )


def _open(tabs: str) -> None:
    st.session_state[tabs] = "Trust"


def show(context: ResultContext) -> None:
    """One card for each question, the cheap ones answered, the dear ones on request."""
    _warnings(context)
    _separation(context)
    stability.show(context)
    k_selection.show(context)
    if context.raw is not None:
        fairness.show(context)
    known = catalogue.card(context.run.method)
    if known is not None and known.architecture != "none":
        robustness.show(context)


def _warnings(context: ResultContext) -> None:
    warnings = context.result.warnings
    with card("Warnings", "Faults that groups often have, looked for at the end of every run."):
        if warnings is None:
            st.markdown("This run was made before warnings were looked for. Run it again to have them.")
        elif not warnings:
            st.markdown(
                ":material/check_circle: **Nothing suspicious.** No tiny or swollen groups, few unassigned members, no single "
                "column that decides, and the groups are clearer than chance."
            )
        for warning in warnings or ():
            st.markdown(f":material/warning: {warning.sentence}  \n:small[:material/arrow_forward: {warning.advice}]")


def _separation(context: ResultContext) -> None:
    result = context.result
    if result.separation is None:
        return
    with card("Separation, group by group", glossary.HELP["separation"]):
        summary = _weakest(context)
        st.markdown(summary)
        beside = "" if result.method == "kmeans" else "; the diamond is the group of k-means that shares most members"
        st.caption(f"The dot is the average member, the bar holds the middle 80 %{beside}.")
        show_chart(
            f"separation-{context.key}",
            view.separation(result, colors.theme()),
            view.separation_table(result),
            formatting.bare(summary),
        )
        price = cost_benefit(result)
        if price:
            st.markdown(f":material/payments: {price}")


def _weakest(context: ResultContext) -> str:
    """Which group stands apart most and which least."""
    result = context.result
    assert result.separation is not None
    known = {g: mean for g, mean in enumerate(result.separation.mean) if mean is not None}
    best, worst = max(known, key=lambda g: known[g]), min(known, key=lambda g: known[g])
    below = result.separation.below[worst] or 0.0
    return (
        f"**{result.groups[best].title}** stands apart most ({known[best]:.2f}), **{result.groups[worst].title}** least "
        f"({known[worst]:.2f}): {formatting.share(below)} of its members are closer to another group."
    )
