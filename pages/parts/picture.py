"""The map of a result: what to color by, two or three dimensions, and what the reader picked on it."""

import streamlit as st

from pages.parts import chosen, colors, finding, layouts, painting, sight, terms, words
from pages.parts import map as dots
from pages.parts.finding import Finding
from pages.parts.map import Selection

HEIGHT = 476
"""Of the map with its legend, which fill the card."""
CARD = 570
"""Height of the card and of the one beside it; a legend of many lines scrolls."""
WAITING = 96
"""What the map gives up while another layout is being made."""


def show(found: Finding) -> Selection:
    """The card with the map; returns what is picked on it."""
    with st.container(border=True, height=CARD, key="map-card"):
        by, name = _pickers(found)
        made = name in found.result.maps
        if not made:
            layouts.wait(found, name)
        picked = _map(found, by, name if made else layouts.best(found.result), HEIGHT if made else HEIGHT - WAITING)
        sight.remember(picked.gaze)
        sight.remember_picked(found.key, picked)
        if chosen.follow(found.key, picked, found.result):
            st.rerun()
    return picked


def _pickers(found: Finding) -> tuple[str, str]:
    """Title and pickers on one line: what to color by, and the name of the layout."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.subheader("Map", anchor=False, help=terms.HELP["map"], width="stretch")
        return painting.choose(found), layouts.choose(found)


def _map(found: Finding, by: str, name: str, height: int) -> Selection:
    result = found.result
    selected, clicked = sight.asked(found.key, len(result))
    group = chosen.current(result)
    groups, shades, names, values = painting.painted(found, by)
    return dots.show(
        f"map-{found.key}",
        positions=result.maps[name],
        groups=groups,
        colors=shades,
        names=names,
        theme=colors.theme(),
        unassigned=colors.unassigned(),
        values=values,
        hover=finding.hover(found),
        focus=None if by != "group" or group is None else [group],
        selected=selected,
        clicked=clicked,
        gaze=sight.gaze(name),
        height=height,
        fill=True,
        title=f"Map of {len(result):,} members in {words.count(result.found, 'group')}",
    )
