"""The way of one member through the groups while the method learned, as far as the play-back knows it."""

import streamlit as st

from engine.runs import Workspace
from engine.runs.access import BY_STORE
from engine.runs.files.trajectories import Change, Trajectory
from pages.parts.app import formatting, glossary
from pages.parts.results.context import ResultContext
from pages.parts.training import playback

_MOST = 6
"""Changes that are told; of a member that never settles, the last ones."""


def show(found: ResultContext, member: int) -> None:
    """Its changes of group; nothing where the method shows no groups before its end."""
    trajectory = _read(found.place, found.run.id, member, len(found.result))
    if len(trajectory.frames) < 2:
        return
    st.markdown("**How it came here**", help=glossary.HELP["moves"])
    st.markdown("  \n".join(f":small[{line}]" for line in told(found, trajectory)))


@st.cache_resource(max_entries=100, show_spinner=False, hash_funcs=BY_STORE)
def _read(place: Workspace, run: str, member: int, n: int) -> Trajectory:
    return place.trajectory(run, member, n)


def told(found: ResultContext, trajectory: Trajectory) -> list[str]:
    """A sentence for each change, the last ones, or one that says why there is none."""
    if trajectory.changes is None:
        return ["The play-back follows only some of the members, and this one is not among them."]
    if not trajectory.changes:
        return ["It has been in its group from the first round with groups on."]
    captions, names = playback.captions(trajectory.frames), _names(found, trajectory.changes)
    lines = [f"• {captions[c.at]}: from {names[c.before]} to {names[c.after]}" for c in trajectory.changes[-_MOST:]]
    more = len(trajectory.changes) - len(lines)
    return [f"{formatting.count(more, 'earlier change')} of group, then:", *lines] if more else lines


def _names(found: ResultContext, changes: tuple[Change, ...]) -> dict[int, str]:
    """What the groups are called; a method that joins groups had more of them before."""
    k = max(max(change.before, change.after) for change in changes) + 1
    return {-1: "no group"} | {
        label: formatting.plain(name) for label, name in enumerate(playback.called(found.place, found.run, k))
    }
