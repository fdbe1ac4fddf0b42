"""Why the clicked member is in its group and not in the runner-up."""

import streamlit as st

from engine.results.explain import weight_of_evidence
from pages.parts.app import formatting, glossary
from pages.parts.results.context import ResultContext

_MOST = 3


def show(found: ResultContext, member: int) -> None:
    """What speaks for its group and what against; nothing where the result was stored without usual values."""
    result = found.result
    distributions, label = result.explanations.distributions, int(result.labels[member])
    if distributions is None or found.raw is None or label < 0 or result.k < 2:
        return
    second = int(result.second[member])
    other = result.groups[second].display_name if second >= 0 else "the other groups"
    sides = weight_of_evidence.Sides(label, second, result.groups[label].display_name, other)
    row, values = found.row(member), found.raw.values
    own = found.raw.rows.iloc[row].to_dict()
    has = weight_of_evidence.values_of(distributions, result.kind, own, None if values is None else values[row])
    weighed = weight_of_evidence.reasons(distributions, has, sides)
    mine = formatting.plain(result.groups[label].title)
    st.markdown(f"**Why here and not in {formatting.plain(other)}?**", help=glossary.HELP["why"])
    _list(f"Speaks for {mine}", [reason for reason in weighed if reason.weight > 0])
    _list(f"Speaks for {formatting.plain(other)}", [reason for reason in weighed if reason.weight < 0])
    whole = weight_of_evidence.summary(weighed, sides)
    if whole:
        st.caption(formatting.sentence(whole))


def _list(title: str, some: list[weight_of_evidence.Reason]) -> None:
    if some:
        lines = [f":small[• {formatting.sentence(reason.sentence)}]" for reason in some[:_MOST]]
        st.markdown("  \n".join([f":small[**{title}**]", *lines]))
