"""The map of a result: what to color by, two or three dimensions, and what the reader picked on it."""

import streamlit as st

from pages.parts.app import colors, formatting, glossary
from pages.parts.components import map as dots
from pages.parts.components.map import Selection
from pages.parts.results import color_by, context, projection_picker, selected_cluster, view_state
from pages.parts.results.context import ResultContext

HEIGHT = 476
"""Of the map with its legend, which fill the card."""
CARD = 570
"""Height of the card and of the one beside it; a legend of many lines scrolls."""
WAITING = 96
"""What the map gives up while another layout is being made."""


def show(found: ResultContext) -> Selection:
    """The card with the map; returns what is picked on it."""
    with st.container(border=True, height=CARD, key="map-card"):
        by, name = _pickers(found)
        made = name in found.result.maps
        if not made:
            projection_picker.wait(found, name)
        picked = _map(
            found, by, name if made else projection_picker.best(found.result), HEIGHT if made else HEIGHT - WAITING
        )
        view_state.remember(picked.gaze)
        view_state.remember_picked(found.key, picked)
        if selected_cluster.follow(found.key, picked, found.result):
            st.rerun()
    return picked


def _pickers(found: ResultContext) -> tuple[str, str]:
    """Title and pickers on one line: what to color by, and the name of the layout."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.subheader("Map", anchor=False, help=glossary.HELP["map"], width="stretch")
        return color_by.choose(found), projection_picker.choose(found)


def _map(found: ResultContext, by: str, name: str, height: int) -> Selection:
    result = found.result
    selected, clicked = view_state.asked(found.key, len(result))
    group = selected_cluster.current(result)
    groups, shades, names, values = color_by.painted(found, by)
    return dots.show(
        f"map-{found.key}",
        positions=result.maps[name],
        groups=groups,
        colors=shades,
        names=names,
        theme=colors.theme(),
        unassigned=colors.unassigned(),
        values=values,
        hover=context.hover(found),
        focus=None if by != "group" or group is None else [group],
        selected=selected,
        clicked=clicked,
        gaze=view_state.gaze(name),
        height=height,
        fill=True,
        title=f"Map of {len(result):,} members in {formatting.count(result.n_nonempty, 'group')}",
    )
