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
    """What can be chosen about an evaluation: how that is asked, and what each value costs, the usual one first."""

    question: str
    prices: dict[int, str]


def show(context: ResultContext, part: str, label: str, price: str) -> None:
    """Request a part of the evaluation, or show how far it is; a guest is only told that it was not requested."""
    evaluation = context.workspace.evaluations.find(context.run.id, part)
    if evaluation is not None and evaluation.active:
        _under_way(context, evaluation)
    elif context.owner:
        _ended(evaluation)
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            if st.button(label, icon=":material/science:", key=f"ask-{part}-{context.key}"):
                context.workspace.evaluations.ask(context.run.id, part)
                st.rerun()
            st.caption(price, width="stretch")
    else:
        st.markdown("This has not been checked yet. Ask the owner of this result.")


def again(context: ResultContext, part: str, choice: Choice) -> None:
    """Ask anew below an answer, which stays until there is another; nothing for a guest."""
    if not context.owner:
        return
    evaluation = context.workspace.evaluations.find(context.run.id, part)
    if evaluation is not None and evaluation.active:
        request_progress.show(context.workspace.evaluations, evaluation.id)
        st.caption("The answer above stays until there is a new one.")
        return
    _ended(evaluation)
    with st.popover("Look again", type="tertiary", icon=":material/replay:", key=f"again-{part}-{context.key}"):
        st.markdown("From other random starts. The answer stays until there is a new one.")
        value = _chosen(f"again-{part}-value-{context.key}", choice)
        st.caption(choice.prices[value])
        if st.button("Look again", icon=":material/science:", key=f"again-{part}-ask-{context.key}"):
            context.workspace.evaluations.ask(context.run.id, part, value, anew=True)
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


def _under_way(context: ResultContext, evaluation: Request) -> None:
    if context.owner:
        request_progress.show(context.workspace.evaluations, evaluation.id)
        st.caption("You can leave this page; it goes on by itself, behind trainings and imports.")
    else:
        st.markdown(":material/hourglass_top: This is being looked at. Come back later.")


def _ended(evaluation: Request | None) -> None:
    """Why there is no answer although somebody asked."""
    if evaluation is not None and evaluation.state == "failed":
        st.error(formatting.sentence(evaluation.sentence), icon=":material/error:")
    elif evaluation is not None and evaluation.state == "stopped":
        st.caption("Stopped. What was finished is kept; it goes on from there.")
