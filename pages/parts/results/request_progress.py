"""Work asked for about a finished run, until it has ended: a bar, the time left, a way to stop it."""

import streamlit as st

from engine.runs.db.records import Request
from engine.runs.requests.base import Requests
from pages.parts.app import error_boundary, formatting

_EVERY = 0.5


@st.fragment(run_every=_EVERY)
def show(requests: Requests, request_id: str, label: str = "") -> None:
    """Look twice a second; once it has ended the whole page is drawn anew. `label` names it where nothing else does."""
    with error_boundary.plain_words():
        request = requests.get(request_id)
        if not request.active:
            st.rerun(scope="app")
        status = _status(requests, request)
        with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
            st.progress(min(1.0, request.progress), text=f"{label} · {status}" if label else status)
            stopping = request.state == "stopping"
            st.button(
                "Stopping…" if stopping else "Stop",
                icon=":material/stop_circle:",
                key=f"stop-{request_id}",
                disabled=stopping,
                on_click=requests.stop,
                args=(request.id,),
            )


def _status(requests: Requests, request: Request) -> str:
    if request.state == "queued":
        before = requests.position(request.id)
        return f"Waits for its turn, {before} before it" if before else "Waits for its turn"
    left = f" · about {formatting.duration(request.eta_seconds)} left" if request.eta_seconds is not None else ""
    return f"{request.stage or 'Starting'}{left}"
