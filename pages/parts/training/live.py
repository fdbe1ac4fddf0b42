"""A run while it learns: stages, the moving map, the curves, and one sentence on what is happening now."""

import streamlit as st

from engine.portfolio.card import AUTO
from engine.runs import Workspace
from engine.runs.db.records import RunRecord
from pages.parts.app import current, error_boundary, formatting
from pages.parts.method import catalogue
from pages.parts.training import candidates, live_history, progress, training_view

_EVERY = 1.0


@st.fragment(run_every=_EVERY)
def watch(workspace: Workspace, run_id: str) -> None:
    """Look at the store every second; when the run ends, the whole page is drawn anew."""
    with error_boundary.plain_words():
        run = workspace.run(run_id)
        st.session_state[f"watched-{run_id}"] = True
        if not run.active:
            st.rerun(scope="app")
        _draw(workspace, run)


def ended(workspace: Workspace, run: RunRecord) -> None:
    """What the page shows after the end; a run that was watched to its end leads on to its results by itself."""
    if run.state == "done" and st.session_state.pop(f"watched-{run.id}", False):
        current.go("results", run=run.id)
    _draw(workspace, run)


def _draw(workspace: Workspace, run: RunRecord) -> None:
    history = live_history.read(workspace, run.id)
    _head(workspace, run)
    progress.show(f"stages-{run.id}", workspace, run, history)
    if run.method == AUTO:
        candidates.show(run.id, workspace, run, owner=True)
        return
    training_view.show(run.id, workspace, run, history)


def _head(workspace: Workspace, run: RunRecord) -> None:
    """Title and facts on the left, the one thing to do next on the right."""
    left, right = st.columns([3, 1], vertical_alignment="center")
    with left:
        st.title(formatting.plain(run.name), anchor=False)
        st.caption(facts(run))
    with right, st.container(horizontal=True, horizontal_alignment="right"):
        _next_step(workspace, run)


def facts(run: RunRecord) -> str:
    """One line on what is being trained."""
    found = "number of groups to be found" if run.method == AUTO else "number of groups found by the method"
    groups = found if run.n_clusters is None else formatting.count(run.n_clusters, "group")
    if run.method == AUTO:
        return f"{groups} · at most {formatting.duration(run.knobs['budget'])} of searching · seed {run.seed}"
    return f"{formatting.plain(catalogue.name(run.method))} · {groups} · seed {run.seed}"


def _next_step(workspace: Workspace, run: RunRecord) -> None:
    if run.state == "done":
        if st.button("Open the results", type="primary", icon=":material/bubble_chart:", key="open-results"):
            current.go("results", run=run.id)
    elif run.active:
        label = "Stopping…" if run.stopping else "Stop"
        if st.button(
            label,
            icon=":material/stop_circle:",
            key="stop",
            disabled=run.stopping,
            help=_kept(run),
        ):
            workspace.stop(run.id)
            st.rerun()
    elif st.button("Start again", type="primary", icon=":material/refresh:", key="retry"):
        workspace.retry(run.id)
        st.rerun()


def _kept(run: RunRecord) -> str:
    """What is left of a run that is stopped now."""
    if run.method != AUTO:
        return "What was learned so far is kept."
    tried = (run.search or {}).get("candidates", [])
    if any(one["score"] is not None and one["on_all"] for one in tried):
        return "The best so far is taken."
    return "No candidate is done with all members yet, so there is nothing to take."


def unfinished(run: RunRecord) -> str:
    """Why a run has no result yet."""
    if run.active:
        return f"{formatting.plain(run.name)} is still at work; its result opens here when it is done."
    ended = "was stopped" if run.state == "stopped" else "did not finish"
    return f"{formatting.plain(run.name)} {ended}. {formatting.sentence(run.sentence)}"
