"""What is asked for about an answer that takes long: a button with its price, then progress, then the page anew."""

from dataclasses import dataclass

import streamlit as st

from engine.runs.db.records import Request
from engine.runs.requests.evaluations import PARTS
from pages.parts.app import formatting
from pages.parts.results import request_progress
from pages.parts.results.context import ResultContext


@dataclass(frozen=True)
class Choice:
    """What can be chosen about an examination: how that is asked, and what each value costs, the usual one first."""

    question: str
    prices: dict[int, str]


def show(found: ResultContext, part: str, label: str, price: str) -> None:
    """Ask for a part of the examination, or see how far it is; a guest is only told that nobody has asked."""
    told = found.place.evaluations.find(found.run.id, part)
    if told is not None and told.active:
        _under_way(found, told)
    elif found.owner:
        _ended(told)
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            if st.button(label, icon=":material/science:", key=f"ask-{part}-{found.key}"):
                found.place.evaluations.ask(found.run.id, part)
                st.rerun()
            st.caption(price, width="stretch")
    else:
        st.markdown("Nobody has looked at this yet. Ask the owner of this result.")


def again(found: ResultContext, part: str, choice: Choice) -> None:
    """Ask anew below an answer, which stays until there is another; nothing for a guest."""
    if not found.owner:
        return
    told = found.place.evaluations.find(found.run.id, part)
    if told is not None and told.active:
        request_progress.show(found.place.evaluations, told.id)
        st.caption("The answer above stays until there is a new one.")
        return
    _ended(told)
    with st.popover("Look again", type="tertiary", icon=":material/replay:", key=f"again-{part}-{found.key}"):
        st.markdown("From other random starts. The answer stays until there is a new one.")
        value = _chosen(f"again-{part}-value-{found.key}", choice)
        st.caption(choice.prices[value])
        if st.button("Look again", icon=":material/science:", key=f"again-{part}-ask-{found.key}"):
            found.place.evaluations.ask(found.run.id, part, value, anew=True)
            st.rerun()


def values(part: str) -> tuple[int, ...]:
    """What can be chosen about a part, the usual value first."""
    return PARTS[part].values


def _chosen(key: str, choice: Choice) -> int:
    """The value that is asked for; where there is but one, nothing is to be chosen."""
    usual = next(iter(choice.prices))
    if len(choice.prices) == 1:
        return usual
    value = st.segmented_control(
        choice.question, list(choice.prices), default=usual, required=True, format_func="{:,}".format, key=key
    )
    return usual if value is None else value


def _under_way(found: ResultContext, told: Request) -> None:
    if found.owner:
        request_progress.show(found.place.evaluations, told.id)
        st.caption("You can leave this page; it goes on by itself, behind trainings and imports.")
    else:
        st.markdown(":material/hourglass_top: This is being looked at. Come back later.")


def _ended(told: Request | None) -> None:
    """Why there is no answer although somebody asked."""
    if told is not None and told.state == "failed":
        st.error(formatting.sentence(told.sentence), icon=":material/error:")
    elif told is not None and told.state == "stopped":
        st.caption("Stopped. What was finished is kept; it goes on from there.")
