"""A training played back on the map."""

import numpy as np
import streamlit as st

from engine.runs import Workspace
from engine.runs.records import Film, RunRecord
from pages.parts import colors, moving, sight
from pages.parts import map as dots

_MOST = 90
"""Frames that a play-back shows; a longer film is thinned evenly."""


def show(key: str, place: Workspace, run: RunRecord | None, *, height: int = 400, autoplay: bool = True) -> None:
    """The film of a finished run; a quiet placeholder while there is none. Members have the color they end in."""
    film = _film(place, run.id, run.state) if run is not None else None
    frames = frames_of(film, autoplay) if film is not None else None
    if frames is None:
        if run is None or run.active:
            st.skeleton(height)
        else:
            st.caption("This method places no members while it learns, so there is nothing to play back.")
        return
    k = int(frames.labels.max(initial=-1)) + 1
    seen = dots.show(
        f"play-{key}",
        positions=frames.positions[-1],
        groups=frames.labels[-1],
        colors=colors.groups(k),
        names=colors.names(k),
        theme=colors.theme(),
        unassigned=colors.unassigned(),
        frames=frames,
        gaze=None if autoplay else sight.moment(len(frames.positions)),
        selection_mode=(),
        legend=False,
        height=height,
        title="The training played back: members that are alike move together",
    )
    sight.remember_moment(seen.gaze)


def _film(place: Workspace, run: str, state: str) -> Film:
    if state != "done":
        return place.film(run)
    return _kept(place, run)


@st.cache_resource(max_entries=6, show_spinner=False, hash_funcs={Workspace: lambda place: place.places.store})
def _kept(place: Workspace, run: str) -> Film:
    return place.film(run)


def frames_of(film: Film, autoplay: bool) -> dots.Frames | None:
    """The frames that have positions, thinned; None where there are fewer than two."""
    seen = [frame for frame in film.frames if frame.positions is not None]
    if len(seen) < 2 or film.sample is None:
        return None
    seen = [seen[i] for i in np.unique(np.linspace(0, len(seen) - 1, _MOST).round().astype(int))]
    positions = np.stack([frame.positions for frame in seen if frame.positions is not None])
    last = seen[-1].labels
    labels = np.stack([
        moving.sampled(last if frame.labels is None else frame.labels, film.sample, positions.shape[1]) for frame in seen
    ])  # fmt: skip
    captions = [f"{frame.stage[:1].upper() + frame.stage[1:]}, round {frame.epoch}" for frame in seen]
    return dots.Frames(positions, labels, captions, autoplay=autoplay)
