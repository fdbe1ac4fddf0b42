"""A training played back on the map."""

from collections import Counter
from collections.abc import Sequence

import numpy as np
import streamlit as st

from engine.runs import Workspace
from engine.runs.access import BY_STORE
from engine.runs.db.records import Frame, Recording, RunRecord
from pages.parts.app import colors
from pages.parts.components import map as dots
from pages.parts.results import view_state
from pages.parts.training import training_view

_MOST = 90
"""Frames that a play-back shows; a longer recording is thinned evenly."""


def show(key: str, workspace: Workspace, run: RunRecord | None, *, height: int = 400, autoplay: bool = True) -> None:
    """The recording of a finished run; a quiet placeholder while there is none. Members have the color they end in."""
    recording = recording_of(workspace, run) if run is not None else None
    frames = frames_of(recording, autoplay) if recording is not None else None
    if run is None or frames is None:
        if run is None or run.active:
            st.skeleton(height)
        else:
            st.caption("This method places no members while it learns, so there is nothing to play back.")
        return
    k = int(frames.labels.max(initial=-1)) + 1
    event = dots.show(
        f"play-{key}",
        positions=frames.positions[-1],
        groups=frames.labels[-1],
        colors=colors.groups(k),
        names=group_names(workspace, run, k),
        theme=colors.theme(),
        unassigned=colors.unassigned(),
        frames=frames,
        gaze=None if autoplay else view_state.moment(len(frames.positions)),
        selection_mode=(),
        legend=False,
        height=height,
        title="The training played back: members that are alike move together",
    )
    view_state.remember_moment(event.gaze)


def recording_of(workspace: Workspace, run: RunRecord) -> Recording:
    """All frames of a run; those of a finished one are kept in memory."""
    return _read(workspace, run.id) if run.state == "done" else workspace.recording(run.id)


def group_names(workspace: Workspace, run: RunRecord, k: int) -> list[str]:
    """What groups 0 to k - 1 are called: "Group 3", or "Group 3 · Loyal" where the user named it so."""
    given = workspace.names.of_run(run.id)
    return [f"{title} · {given[label]}" if given.get(label) else title for label, title in enumerate(colors.names(k))]


def captions(frames: Sequence[Frame]) -> list[str]:
    """Where in the training each frame is; a stage of one frame needs no number."""
    count = Counter(frame.stage for frame in frames)
    names = [frame.stage_title[:1].upper() + frame.stage_title[1:] for frame in frames]
    return [
        f"{name}, round {frame.epoch}" if count[frame.stage] > 1 else name
        for name, frame in zip(names, frames, strict=True)
    ]


@st.cache_resource(max_entries=6, show_spinner=False, hash_funcs=BY_STORE)
def _read(workspace: Workspace, run: str) -> Recording:
    return workspace.recording(run)


def frames_of(recording: Recording, autoplay: bool) -> dots.Frames | None:
    """The frames that have positions, thinned; None where there are fewer than two."""
    with_map = [frame for frame in recording.frames if frame.positions is not None]
    if len(with_map) < 2 or recording.sample is None:
        return None
    with_map = [with_map[i] for i in np.unique(np.linspace(0, len(with_map) - 1, _MOST).round().astype(int))]
    positions = np.stack([frame.positions for frame in with_map if frame.positions is not None])
    last = with_map[-1].labels
    known = [last if frame.labels is None else frame.labels for frame in with_map]
    labels = np.stack([training_view.sampled(one, recording.sample, positions.shape[1]) for one in known])
    return dots.Frames(positions, labels, captions(with_map), autoplay=autoplay)
