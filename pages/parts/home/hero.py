"""The top of the first page: one sentence, the example as a moving picture, and the two ways to begin."""

import streamlit as st

from engine.runs import Workspace
from engine.runs.db.records import RunRecord
from pages.parts.app import current, error_boundary, formatting, layout
from pages.parts.home import demo
from pages.parts.training import live_history, playback, progress, training_view

_HEIGHT = 400


def show(workspace: Workspace) -> None:
    """Draw it; while the example is still being made, look again every two seconds."""
    example = demo.find(workspace)
    if example is None or example.active:
        _watch(workspace)
    else:
        _draw(workspace, example)


@st.fragment(run_every=2.0)
def _watch(workspace: Workspace) -> None:
    with error_boundary.plain_words():
        example = demo.find(workspace)
        if example is not None and not example.active:
            st.rerun(scope="app")
        _draw(workspace, example)


def _draw(workspace: Workspace, example: RunRecord | None) -> None:
    left, right = layout.split("home-split", 1, 1, 380)
    with left:
        st.space("large")
        st.title("See the groups in your data", anchor=False)
        st.markdown(
            "Bring a table, pictures, time series or texts that have no labels. Constella learns what belongs together, "
            "shows you what sets each group apart, and says honestly when a simpler method would do."
        )
        with st.container(horizontal=True):
            demo.button(example)
            if st.button("Use your own data", icon=":material/upload:", key="own"):
                current.go("data")
        if example is None or example.active:
            st.caption(f":material/hourglass_top: {_progress(workspace, example)}")
    with right:
        if example is not None and example.active:
            training_view.now("home", workspace, example, _HEIGHT)
        else:
            playback.show("home", workspace, example, height=_HEIGHT)


def _progress(workspace: Workspace, example: RunRecord | None) -> str:
    """How far the example is."""
    if example is None:
        return "The example is being brought in. It is trained here, on this machine, in a moment."
    left = "" if example.eta_seconds is None else f" About {formatting.duration(example.eta_seconds)} left."
    history = live_history.read(workspace, example.id)
    return f"The example is being made. {formatting.plain(progress.now(workspace, example, history))}{left}"
