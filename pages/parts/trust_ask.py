"""What stands in the place of an answer that takes long: a button with its price, then progress, then the page anew."""

import streamlit as st

from engine.runs import Workspace
from engine.runs.records import Examination
from pages.parts import guard, words
from pages.parts.finding import Finding

_EVERY = 1.0
_NAMES = {"stability": "stability", "scan": "the number of groups", "robustness": "robustness"}


def show(found: Finding, part: str, label: str, price: str) -> None:
    """Ask for a part of the examination, or see how far it is; a guest is only told that nobody has asked."""
    told = found.place.examination(found.run.id)
    if told is not None and told.active and part in told.wanted:
        now = next(name for name in told.wanted if getattr(found.result, name) is None)
        if now != part:
            st.markdown(f":material/hourglass_top: Waits for {_NAMES[now]}.")
        elif found.owner:
            _watch(found.place, found.run.id, part)
        else:
            st.markdown(":material/hourglass_top: This is being looked at. Come back later.")
    elif not found.owner:
        st.markdown("Nobody has looked at this yet. Ask the owner of this result.")
    else:
        _button(found, part, label, price, told)


def _button(found: Finding, part: str, label: str, price: str, told: Examination | None) -> None:
    if told is not None and part in told.wanted:
        if told.state == "failed":
            st.error(words.sentence(told.sentence), icon=":material/error:")
        elif told.state == "stopped":
            st.caption("Stopped. What was finished is kept; it goes on from there.")
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        if st.button(label, icon=":material/science:", key=f"ask-{part}-{found.key}"):
            found.place.examine(found.run.id, part)
            st.rerun()
        st.caption(price, width="stretch")


@st.fragment(run_every=_EVERY)
def _watch(place: Workspace, run_id: str, part: str) -> None:
    """Look every second; once the part is there, or nobody is at it any more, the whole page is drawn anew."""
    with guard.plain_words():
        told = place.examination(run_id)
        if told is None or not told.active or getattr(place.result(run_id), part) is not None:
            st.rerun(scope="app")
        else:
            left = f" · about {words.duration(told.eta_seconds)} left" if told.eta_seconds is not None else ""
            with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
                st.progress(min(1.0, told.progress), text=f"{told.stage or 'Starting'}{left}")
                st.button(
                    "Stopping…" if told.stopping else "Stop",
                    icon=":material/stop_circle:",
                    key=f"stop-{part}-{run_id}",
                    disabled=told.stopping,
                    on_click=place.stop_examination,
                    args=(run_id,),
                )
            st.caption("You can leave this page; it goes on by itself, behind trainings and imports.")
