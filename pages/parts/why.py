"""Why the clicked member is in its group and not in the runner-up."""

import streamlit as st

from engine.results import reasons
from pages.parts import words
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
    has = reasons.values_of(usual, result.kind, found.raw.rows.iloc[row], None if values is None else values[row])
    weighed = reasons.reasons(usual, has, sides)
    st.markdown(f"**Why here and not in {words.plain(other)}?**")
    st.caption(words.sentence(reasons.summary(weighed, sides)))
    _list(":material/add_circle:", [reason for reason in weighed if reason.weight > 0])
    _list(":material/do_not_disturb_on:", [reason for reason in weighed if reason.weight < 0])


def _list(icon: str, some: list[reasons.Reason]) -> None:
    lines = [f"{icon} {words.sentence(reason.sentence[0].upper() + reason.sentence[1:])}." for reason in some[:_MOST]]
    if lines:
        st.markdown("  \n".join(f":small[{line}]" for line in lines))
