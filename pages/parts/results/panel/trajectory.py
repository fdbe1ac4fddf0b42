"""The groups that one member was in during training, as far as the play-back recorded them."""

import streamlit as st

from engine.runs import Workspace
from engine.runs.access import BY_STORE
from engine.runs.files.trajectories import Change, Trajectory
from pages.parts.app import formatting, glossary
from pages.parts.results.context import ResultContext
from pages.parts.training import playback

_MAX_CHANGES = 6
"""Changes that are listed, the last ones."""


def show(context: ResultContext, member: int) -> None:
    """Draw its changes of group; nothing where the method has groups only at its end."""
    trajectory = _read(context.workspace, context.run.id, member, len(context.result))
    if len(trajectory.frames) < 2:
        return
    st.markdown("**How it came to this group**", help=glossary.HELP["moves"])
    st.markdown("  \n".join(f":small[{line}]" for line in describe_changes(context, trajectory)))


@st.cache_resource(max_entries=100, show_spinner=False, hash_funcs=BY_STORE)
def _read(workspace: Workspace, run: str, member: int, n: int) -> Trajectory:
    return workspace.trajectory(run, member, n)


def describe_changes(context: ResultContext, trajectory: Trajectory) -> list[str]:
    """Markdown: a line for each of the last changes, or a sentence on why there is none."""
    if trajectory.changes is None:
        return ["The play-back follows only some of the members, and this one is not among them."]
    if not trajectory.changes:
        return ["It has been in its group from the first round with groups on."]
    captions, names = playback.captions(trajectory.frames), _names(context, trajectory.changes)
    lines = [
        f"• {captions[c.at]}: from {names[c.before]} to {names[c.after]}" for c in trajectory.changes[-_MAX_CHANGES:]
    ]
    omitted = len(trajectory.changes) - len(lines)
    return [f"{formatting.count(omitted, 'earlier change')} of group, then:", *lines] if omitted else lines


def _names(context: ResultContext, changes: tuple[Change, ...]) -> dict[int, str]:
    """Names of the groups by label, also of those that were merged into others before the end."""
    k = max(max(change.before, change.after) for change in changes) + 1
    return {-1: "no group"} | {
        label: formatting.plain(name)
        for label, name in enumerate(playback.group_names(context.workspace, context.run, k))
    }
