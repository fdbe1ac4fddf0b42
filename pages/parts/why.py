"""Why the clicked member is in its group and not in the runner-up."""

import streamlit as st

from engine.results import reasons
from pages.parts import terms, words
from pages.parts.finding import Finding

_MOST = 3


def show(found: Finding, member: int) -> None:
    """What speaks for its group and what against; nothing where the result was stored without usual values."""
    result = found.result
    usual, label = result.understanding.usual, int(result.labels[member])
    if usual is None or found.raw is None or label < 0 or result.k < 2:
        return
    second = int(result.second[member])
    other = result.groups[second].called if second >= 0 else "the other groups"
    sides = reasons.Sides(label, second, result.groups[label].called, other)
    row, values = found.row(member), found.raw.values
    own = found.raw.rows.iloc[row].to_dict()
    has = reasons.values_of(usual, result.kind, own, None if values is None else values[row])
    weighed = reasons.reasons(usual, has, sides)
    mine = words.plain(result.groups[label].title)
    st.markdown(f"**Why here and not in {words.plain(other)}?**", help=terms.HELP["why"])
    _list(f"Speaks for {mine}", [reason for reason in weighed if reason.weight > 0])
    _list(f"Speaks for {words.plain(other)}", [reason for reason in weighed if reason.weight < 0])
    whole = reasons.summary(weighed, sides)
    if whole:
        st.caption(words.sentence(whole))


def _list(title: str, some: list[reasons.Reason]) -> None:
    if some:
        lines = [f":small[• {words.sentence(reason.sentence)}]" for reason in some[:_MOST]]
        st.markdown("  \n".join([f":small[**{title}**]", *lines]))
