"""What a search has tried so far: a small map, the groups' score and the time of each candidate."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import streamlit as st

from engine.runs import Settings, Workspace
from engine.runs.db.records import RunRecord
from engine.view import data_uri
from pages.parts.app import colors, current, formatting
from pages.parts.runs import thumbnail

_MOST = 12
_STATES = {"waiting": "waiting", "running": "at work", "failed": "not possible", "unfinished": "no time"}
_SCORE = (
    "How well a candidate's groups agree with those of all others, each weighted by what such combinations reached on data with "
    "known groups. 1 is the same groups everywhere, 0 is luck. It says nothing of a candidate that is right alone."
)


def show(key: str, workspace: Workspace, run: RunRecord, *, owner: bool) -> None:
    """The candidates as cards, the best first; each can be opened as a run of its own by the owner."""
    found = run.search or {}
    tried = _latest(found.get("candidates", []))
    st.subheader("What was tried", anchor=False, help=_SCORE)
    if not tried:
        st.caption("The first candidate appears in a moment.")
        return
    for line in found.get("answer", ()):
        st.markdown(line)
    grid = st.grid(3, min_column_width=250, gap="small", key=f"{key}-candidates")
    for number, candidate in enumerate(tried[:_MOST]):
        with grid, st.container(border=True, height="stretch", gap="small"):
            _card(f"{key}-{number}", workspace, run, candidate, owner=owner)
    rest = len(tried) - _MOST
    if rest > 0:
        st.caption(f"And {formatting.count(rest, 'more candidate')} with a lower score, or without time.")


def _latest(candidates: list[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """One entry for each combination, that on all members where there is one; scored ones first."""
    latest: dict[tuple[str, str], Mapping[str, Any]] = {}
    for one in candidates:
        name = (str(one["features"]), str(one["method"]))
        known = latest.get(name)
        if known is None or known["score"] is None or (one["on_all"] and one["score"] is not None):
            latest[name] = one
    return sorted(
        latest.values(), key=lambda one: (not one["best"], -(one["score"] if one["score"] is not None else -1))
    )


def _card(key: str, workspace: Workspace, run: RunRecord, one: Mapping[str, Any], *, owner: bool) -> None:
    left, right = st.columns([2, 3], vertical_alignment="center")
    with left:
        points = None
        if "positions" in one:
            points = np.array(one["positions"], np.float64), np.array(one["labels"], np.int64)
        svg = thumbnail.picture(points, colors.theme())
        st.image(data_uri(svg.encode(), "image/svg+xml"), width="stretch", alt=f"Small map of {one['title']}")
    with right:
        badge = " :primary-badge[best so far]" if one["best"] and run.active else ""
        badge = " :primary-badge[chosen]" if one["best"] and not run.active else badge
        st.markdown(f"**{formatting.plain(one['title'])}**{badge}")
        st.caption(_facts(one))
    offered = owner and not run.active and not one["best"] and one["score"] is not None
    if offered and st.button(
        "Open", key=f"{key}-open", help="As a run of its own; it is trained where that is needed."
    ):
        _open(workspace, run, one)


def _facts(one: Mapping[str, Any]) -> str:
    if one["score"] is None:
        why = f": {formatting.plain(one['sentence'])}" if one["sentence"] else ""
        return f"{_STATES.get(str(one['state']), '')}{why}"
    on = "" if one["on_all"] else " · on a sample"
    return f"agreement {one['score']:.2f} · {formatting.duration(one['seconds'])}{on}"


def _open(workspace: Workspace, run: RunRecord, one: Mapping[str, Any]) -> None:
    preparation = {**run.preparation, "features": one["features"]}
    settings = Settings(run.dataset, one["method"], one["k"], preparation, dict(one["knobs"]), run.seed)
    opened = workspace.submit(settings)
    current.go("results" if opened.state == "done" else "training", run=opened.id)
