"""Why a member is in its group and not in the runner-up, by weight of evidence."""

import streamlit as st

from engine.results.explain import weight_of_evidence
from pages.parts.app import formatting, glossary
from pages.parts.results.context import ResultContext

_MAX_REASONS = 3
"""Reasons that are listed on each side."""


def show(context: ResultContext, member: int) -> None:
    """Draw what speaks for its group and what against it; nothing for members of no group, or where the result has no
    distributions of the features.
    """
    result = context.result
    label, second = int(result.labels[member]), int(result.second[member])
    if result.explanations.distributions is None or context.raw is None or label < 0 or result.k < 2:
        return
    runner_up = result.groups[second].display_name if second >= 0 else "the other groups"
    sides = weight_of_evidence.Sides(label, second, result.groups[label].display_name, runner_up)
    reasons = _reasons(context, member, sides)
    st.markdown(f"**Why here and not in {formatting.plain(runner_up)}?**", help=glossary.HELP["why"])
    own = formatting.plain(result.groups[label].title)
    _list(f"Speaks for {own}", [reason for reason in reasons if reason.weight > 0])
    _list(f"Speaks for {formatting.plain(runner_up)}", [reason for reason in reasons if reason.weight < 0])
    summary = weight_of_evidence.summary(reasons, sides)
    if summary:
        st.caption(formatting.sentence(summary))


def _reasons(context: ResultContext, member: int, sides: weight_of_evidence.Sides) -> list[weight_of_evidence.Reason]:
    distributions, raw = context.result.explanations.distributions, context.raw
    assert distributions is not None
    assert raw is not None
    row = context.row(member)
    array = None if raw.values is None else raw.values[row]
    values = weight_of_evidence.values_of(distributions, context.result.kind, raw.rows.iloc[row].to_dict(), array)
    return weight_of_evidence.reasons(distributions, values, sides)


def _list(title: str, reasons: list[weight_of_evidence.Reason]) -> None:
    if reasons:
        lines = [f":small[• {formatting.sentence(reason.sentence)}]" for reason in reasons[:_MAX_REASONS]]
        st.markdown("  \n".join([f":small[**{title}**]", *lines]))
