"""What a search has tried so far: a small map, the groups' score and the time of each candidate."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import streamlit as st

from engine.core.formatting import format_list
from engine.portfolio.card import AUTO
from engine.runs import Settings, Workspace
from engine.runs.db.records import RunRecord
from engine.view import data_uri
from pages.parts.app import colors, current, formatting
from pages.parts.runs import thumbnail

_MOST = 12
_MAP = 112
"""Pixels of width of a candidate's small map."""
_SCORE = (
    "How well a candidate's groups agree with those of all others, each weighted by what such combinations reached on data with "
    "known groups. 1 is the same groups everywhere, 0 is luck. It says nothing of a candidate that is right alone."
)
Candidate = Mapping[str, Any]


def show(key: str, workspace: Workspace, run: RunRecord, *, owner: bool) -> None:
    """The candidates as cards, the best first, each to be opened by the owner as a run of its own; the untried ones in a line."""
    found = run.search or {}
    known = _latest(found.get("candidates", []))
    st.subheader("What is being tried" if run.active else "What was tried", anchor=False, help=_SCORE)
    if not known or not (run.active or any(one["score"] is not None for one in known)):
        st.caption(
            "The first candidate appears in a moment." if run.active else "The search ended before the first candidate."
        )
        return
    for line in found.get("answer", ()):
        st.markdown(formatting.sentence(line))
    if owner and not run.active:
        _other_numbers(key, workspace, run, found)
    cards = [one for one in known if one["score"] is not None or (run.active and one["state"] == "running")]
    compared = sum(one["score"] is not None for one in cards) > 1
    grid = st.grid(3, min_column_width=280, gap="small", key=f"{key}-candidates")
    for number, candidate in enumerate(cards[:_MOST]):
        with grid, st.container(border=True, height="stretch", gap="small"):
            _card(f"{key}-{number}", workspace, run, candidate, compared=compared, owner=owner)
    if len(cards) > _MOST:
        st.caption(f"And {formatting.count(len(cards) - _MOST, 'more candidate')} with a lower score.")
    for line in _without_groups(run, [one for one in known if one not in cards]):
        st.caption(line)


def _other_numbers(key: str, workspace: Workspace, run: RunRecord, found: Candidate) -> None:
    """A button for each other number of groups that stood out, where the number was estimated: the same search with that one."""
    asked = found.get("asked", {})
    if asked.get("k") is not None or not found.get("others"):
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.caption("Look at another level:", width="content")
        for k in found["others"]:
            if st.button(f"{k} groups", key=f"{key}-level-{k}", help="Searches again with this number of groups."):
                settings = Settings(run.dataset, AUTO, k, dict(asked["preparation"]), dict(asked["knobs"]), run.seed)
                _go(workspace, settings)


def _latest(candidates: Sequence[Candidate]) -> list[Candidate]:
    """One entry for each combination, that on all members where there is one; scored ones first."""
    latest: dict[tuple[str, str], Candidate] = {}
    for one in candidates:
        name = (str(one["features"]), str(one["method"]))
        known = latest.get(name)
        if known is None or known["score"] is None or (one["on_all"] and one["score"] is not None):
            latest[name] = one
    return sorted(
        latest.values(), key=lambda one: (not one["best"], -(one["score"] if one["score"] is not None else -1))
    )


def _without_groups(run: RunRecord, rest: Sequence[Candidate]) -> list[str]:
    """A line on what is still to come, on what there was no time for, and on each candidate that is not possible."""
    failed = [one for one in rest if one["state"] == "failed"]
    waiting = [one for one in rest if one["state"] in ("waiting", "running")]
    late = [one for one in rest if one["state"] == "unfinished"]
    lines = [f"Still to come: {_titles(waiting)}."] if run.active and waiting else []
    if not run.active and (waiting or late):
        lines = [f"Not tried: {_titles([one for one in rest if one['state'] != 'failed'])}."]
    elif late:
        lines.append(f"No time for: {_titles(late)}.")
    return lines + [f"Not possible: {_titles([one])}. {formatting.sentence(one['sentence'])}" for one in failed]


def _titles(some: Sequence[Candidate]) -> str:
    return format_list([formatting.plain(one["title"]) for one in some])


def _card(key: str, workspace: Workspace, run: RunRecord, one: Candidate, *, compared: bool, owner: bool) -> None:
    row = st.container(horizontal=True, wrap=False, vertical_alignment="center", gap="small")
    with row:
        points = None
        if "positions" in one:
            points = np.array(one["positions"], np.float64), np.array(one["labels"], np.int64)
        svg = thumbnail.picture(points, colors.theme())
        st.image(data_uri(svg.encode(), "image/svg+xml"), width=_MAP, alt=f"Small map of {one['title']}")
    with row, st.container(gap="xsmall"):
        done = run.state == "done"
        badge = (
            f" :green-badge[{'chosen' if done else 'best so far'}]" if one["best"] and one["score"] is not None else ""
        )
        st.markdown(f"**{formatting.plain(one['title'])}**{badge}")
        st.caption(_facts(one, compared=compared))
        offered = owner and not run.active and not (done and one["best"])
        if offered and st.button(
            "Open",
            key=f"{key}-open",
            type="tertiary",
            icon=":material/open_in_new:",
            help="As a run of its own; it is trained where that is needed.",
        ):
            _open(workspace, run, one)


def _facts(one: Candidate, *, compared: bool) -> str:
    """Its score, where there is another to compare it with, its time, and on what it was tried."""
    if one["score"] is None:
        return "at work"
    facts = [f"agreement {one['score']:.2f}"] if compared else []
    facts += [formatting.duration(one["seconds"]).replace("under ", "< ").replace(" ", "\u00a0")]
    return " · ".join([*facts, *([] if one["on_all"] else ["on a sample"])])


def _open(workspace: Workspace, run: RunRecord, one: Mapping[str, Any]) -> None:
    preparation = {**run.preparation, "features": one["features"]}
    settings = Settings(run.dataset, one["method"], one["k"], preparation, dict(one["knobs"]), run.seed)
    _go(workspace, settings)


def _go(workspace: Workspace, settings: Settings) -> None:
    """To the run of these settings: its results, or its training."""
    opened = workspace.submit(settings)
    current.go("results" if opened.state == "done" else "training", run=opened.id)
