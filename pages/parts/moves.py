"""The way of one member through the groups while the method learned, as far as the play-back knows it."""

import streamlit as st

from engine.runs import Workspace
from engine.runs.ways import Change, Way
from pages.parts import playback, terms, words
from pages.parts.finding import Finding

_MOST = 6
"""Changes that are told; of a member that never settles, the last ones."""


def show(found: Finding, member: int) -> None:
    """Its changes of group; nothing where the method shows no groups before its end."""
    way = _way(found.place, found.run.id, member, len(found.result))
    if len(way.looks) < 2:
        return
    st.markdown("**How it came here**", help=terms.HELP["moves"])
    st.markdown("  \n".join(f":small[{line}]" for line in told(found, way)))


@st.cache_resource(max_entries=100, show_spinner=False, hash_funcs={Workspace: lambda place: place.places.store})
def _way(place: Workspace, run: str, member: int, n: int) -> Way:
    return place.way(run, member, n)


def told(found: Finding, way: Way) -> list[str]:
    """A sentence for each change, the last ones, or one that says why there is none."""
    if way.changes is None:
        return ["The play-back follows only some of the members, and this one is not among them."]
    if not way.changes:
        return ["It has been in its group from the first round with groups on."]
    captions, names = playback.captions(way.looks), _names(found, way.changes)
    lines = [f"• {captions[c.at]}: from {names[c.before]} to {names[c.after]}" for c in way.changes[-_MOST:]]
    more = len(way.changes) - len(lines)
    return [f"{words.count(more, 'earlier change')} of group, then:", *lines] if more else lines


def _names(found: Finding, changes: tuple[Change, ...]) -> dict[int, str]:
    """What the groups are called; a method that joins groups had more of them before."""
    k = max(max(change.before, change.after) for change in changes) + 1
    return {-1: "no group"} | {
        label: words.plain(name) for label, name in enumerate(playback.called(found.place, found.run, k))
    }
