"""The list of runs: a small map, what it is, where it stands, and what can be done with it."""

from collections.abc import Sequence

import streamlit as st

from engine.features import VALUES, encoder
from engine.results import MEASURES
from engine.runs import Workspace
from engine.runs.db.records import RunRecord
from pages.parts.app import current, formatting
from pages.parts.compare import page as compare_page
from pages.parts.method import catalogue
from pages.parts.results import headline_metrics
from pages.parts.runs import thumbnail
from pages.parts.share import share_dialog

PAGE = 12
_BADGES = {
    "queued": ("waiting", ":material/schedule:", "gray"),
    "interrupted": ("waiting to go on", ":material/schedule:", "gray"),
    "running": ("learning", ":material/motion_photos_on:", "blue"),
    "done": ("done", ":material/check:", "green"),
    "stopped": ("stopped", ":material/stop_circle:", "gray"),
    "failed": ("failed", ":material/error:", "red"),
}


def badge(run: RunRecord) -> str:
    """A run's state as a colored word."""
    word, icon, shade = _BADGES[run.state]
    return f":{shade}-badge[{icon} {word}]"


def show(key: str, workspace: Workspace, runs: Sequence[RunRecord]) -> None:
    """All runs, newest first, a page at a time."""
    chosen = [run.id for run in runs if st.session_state.get(f"pick-{run.id}") and run.state == "done"]
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(
            f"{formatting.count(len(runs), 'run')}. Tick two or more finished ones to compare them.", width="stretch"
        )
        if st.button(
            f"Compare {len(chosen)}" if len(chosen) > 2 else "Compare",
            icon=":material/compare:",
            type="primary",
            disabled=not 2 <= len(chosen) <= compare_page.MOST,
            key=f"{key}-compare",
        ):
            current.go("compare", runs=",".join(chosen))
    pages = -(-len(runs) // PAGE)
    page = st.pagination(pages, key=f"{key}-page") - 1 if pages > 1 else 0
    names = {record.id: record.name for record in workspace.datasets()}
    for run in runs[page * PAGE : (page + 1) * PAGE]:
        _row(workspace, run, names.get(run.dataset, "deleted data"))
    if any(run.active for run in runs):
        _refresh(workspace, {run.id: run.state for run in runs})


@st.fragment(run_every=3.0)
def _refresh(workspace: Workspace, before: dict[str, str]) -> None:
    """Draw the page anew when a run changes its state."""
    if workspace.run_states() != before:
        st.rerun(scope="app")


def _row(workspace: Workspace, run: RunRecord, data: str) -> None:
    with st.container(border=True, key=f"row-{run.id}"):
        tick, small, what, number, do = st.columns([0.35, 1.1, 4.6, 1.6, 1.9], vertical_alignment="center", gap="small")
        tick.checkbox(
            "Compare this run", key=f"pick-{run.id}", label_visibility="collapsed", disabled=run.state != "done"
        )
        with small:
            thumbnail.show(workspace, run, 96)
        with what:
            st.markdown(f"**{formatting.plain(formatting.cut(run.name, 60))}** {badge(run)}")
            st.caption(_facts(run, data))
        with number:
            _number(run)
        with do, st.container(horizontal=True, horizontal_alignment="right", vertical_alignment="center", gap="small"):
            _actions(workspace, run)


def _facts(run: RunRecord, data: str) -> str:
    groups = run.summary.get("k", run.n_clusters)
    parts = [formatting.plain(catalogue.short(run.method)), formatting.plain(formatting.cut(data, 40))]
    features = run.preparation.get("features", VALUES)
    parts += [] if features == VALUES else [f"compared: {formatting.plain(encoder(features).card.name)}"]
    parts += [formatting.count(int(groups), "group")] if groups else []
    parts += [formatting.duration(run.seconds)] if run.state == "done" else []
    return " · ".join([*parts, formatting.ago(run.created)])


def _number(run: RunRecord) -> None:
    """The one number that says most, or how far it is."""
    if run.active and run.state == "running":
        st.progress(min(max(run.progress, 0.0), 1.0), text=formatting.cut(run.stage_title, 20) or "preparing")
        return
    if run.state == "failed":
        st.caption(formatting.sentence(formatting.cut(run.sentence, 90)))
        return
    measures = run.summary.get("metrics", run.summary)
    name = next((name for name in ("acc", "silhouette") if isinstance(measures.get(name), int | float)), None)
    if name is not None:
        measure = MEASURES[name]
        st.markdown(
            f"**{headline_metrics.written(name, measures[name])}**  \n:small[:gray[{measure.label}]]", help=measure.help
        )


def _actions(workspace: Workspace, run: RunRecord) -> None:
    if st.button("Open", key=f"open-{run.id}"):
        current.go("results" if run.state == "done" else "training", run=run.id)
    options = (["Share"] if run.state == "done" else []) + (["Stop"] if run.active else []) + ["Rename", "Delete"]
    picked = st.menu_button(
        "", options, icon=":material/more_horiz:", key=f"more-{run.id}", type="tertiary", help="More"
    )
    if picked == "Share":
        share_dialog.dialog(workspace, run.id)
    elif picked == "Stop":
        workspace.stop(run.id)
        st.rerun()
    elif picked == "Rename":
        _rename(workspace, run)
    elif picked == "Delete":
        _delete(workspace, run)


@st.dialog("Rename this run")
def _rename(workspace: Workspace, run: RunRecord) -> None:
    name = st.text_input("Name", run.name, max_chars=80)
    if st.button("Rename", type="primary"):
        workspace.rename(run.id, name)
        st.rerun()


@st.dialog("Delete this run?")
def _delete(workspace: Workspace, run: RunRecord) -> None:
    st.markdown(f"**{formatting.plain(run.name)}**, its result and its links will be gone for good. The data stay.")
    if st.button("Delete", type="primary", icon=":material/delete:"):
        workspace.delete(run.id)
        st.rerun()
