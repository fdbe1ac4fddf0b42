"""Work asked for about a finished run, while a worker has or will have it: a bar, the time left, a way to stop it."""

import streamlit as st

from engine.runs.db.records import Request
from engine.runs.requests.base import Requests
from pages.parts.app import error_boundary, formatting

_EVERY = 0.5


@st.fragment(run_every=_EVERY)
def show(errands: Requests, errand_id: str, label: str = "") -> None:
    """Look twice a second; once it has ended the whole page is drawn anew. `label` names it where nothing else does."""
    with error_boundary.plain_words():
        errand = errands.get(errand_id)
        if not errand.active:
            st.rerun(scope="app")
        said = _said(errands, errand)
        with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
            st.progress(min(1.0, errand.progress), text=f"{label} · {said}" if label else said)
            stopping = errand.state == "stopping"
            st.button(
                "Stopping…" if stopping else "Stop",
                icon=":material/stop_circle:",
                key=f"stop-{errand_id}",
                disabled=stopping,
                on_click=errands.stop,
                args=(errand_id,),
            )


def _said(errands: Requests, errand: Request) -> str:
    if errand.state == "queued":
        before = errands.position(errand.id)
        return f"Waits for its turn, {before} before it" if before else "Waits for its turn"
    left = f" · about {formatting.duration(errand.eta_seconds)} left" if errand.eta_seconds is not None else ""
    return f"{errand.stage or 'Starting'}{left}"
